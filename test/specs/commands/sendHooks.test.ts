import { describe, expect, onTestFinished, test } from "vitest";
import { WEBHOOKS_TOPIC, type WebhookRow } from "../../../projections/webhooks.ts";
import { digestOfText } from "../../../src/commands/outgoing.ts";
import { keepSendHooks, type Question, type SendHooks } from "../../../src/commands/sendHooks.ts";
import { streams } from "../../../src/domain/ids.ts";
import { NotBuilt } from "../../../src/ports/faults.ts";
import type { Posted } from "../../../src/ports/webhookPost.ts";
import { caller, group, profile, text } from "../../support/cast.ts";
import { gate } from "../../support/gate.ts";
import { refused } from "../../support/refused.ts";
import { until } from "../../support/until.ts";
import { nodeOver, type World, world } from "../../support/world.ts";

type Asked = { id: string; data: Record<string, unknown> & { text: string | null; action: string } };
type Decide = (asked: Asked) => object | Promise<object>;

const row = (more: Partial<WebhookRow> = {}): WebhookRow => ({
  url: "https://ask.example.org/",
  events: [],
  conversationId: null,
  secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=",
  since: "",
  beforeSend: { timeoutMs: 5_000, otherwise: "REFUSE" },
  ...more,
});

/** Webhooks that are asked, of rows that may change, and what they were asked. */
async function asking(decide: Decide, hooks: Record<string, WebhookRow> = { "w:ask": row() }, fault?: Error) {
  const rows = new Map(Object.entries(hooks));
  const wakes = new Set<() => void>();
  const asked: Asked[] = [];
  const warned: string[] = [];
  let failing = fault;
  const sendHooks = await keepSendHooks({
    hooks: {
      webhooks: async () => {
        if (failing) throw failing;
        return [...rows].map(([id, hook]) => ({ id, hook }));
      },
    },
    signals: {
      listen: (topics, wake) => {
        expect(topics).toEqual([WEBHOOKS_TOPIC]);
        wakes.add(wake);
        return () => void wakes.delete(wake);
      },
    },
    post: async ({ id, body }): Promise<Posted> => {
      const question = { id, ...(JSON.parse(body) as Omit<Asked, "id">) };
      asked.push(question);
      return { status: 200, body: JSON.stringify(await decide(question)) };
    },
    now: () => new Date("2026-05-04T10:00:00.000Z"),
    info: () => undefined,
    warn: (message, detail) => void warned.push(`${message}: ${detail}`),
    againMs: 5,
  });
  onTestFinished(sendHooks.close);
  return {
    sendHooks,
    rows,
    asked,
    warned,
    wake: () => wakes.forEach((wake) => wake()),
    away: (error: Error | undefined) => void (failing = error),
    listeners: () => wakes.size,
  };
}

const allow = () => ({ decision: "ALLOW" });
const question: Question = {
  id: "one",
  kind: "TEXT",
  data: { action: "SEND", conversationId: "g:walks", senderId: "ann", text: "hello" },
};
const askedOf = async (of: SendHooks, conversation = "g:walks") => of.of(conversation);

describe("webhooks that are asked", () => {
  test("are known without a wait, and are those of the conversation", async () => {
    const { sendHooks, rows, wake, listeners } = await asking(allow, {
      "w:one": row({ conversationId: "g:walks" }),
      "w:told": row({ beforeSend: undefined }),
    });
    await sendHooks.look();
    expect(sendHooks.of("g:talks")).toBeUndefined();
    expect(sendHooks.of("d:ann~bob")).toBeUndefined();
    expect(sendHooks.of("g:walks")).toMatchObject({ ask: expect.any(Function) as unknown });
    rows.clear();
    wake();
    await until("it is known", () => sendHooks.of("g:walks") === undefined);
    rows.set("w:all", row());
    wake();
    await until("it is known", () => sendHooks.of("d:ann~bob") !== undefined);
    expect(sendHooks.states().map(({ id }) => id)).toEqual(["w:all"]);
    sendHooks.close();
    expect(listeners()).toBe(0);
  });

  test("are waited for until the rows were read once; after that a fault of the rows leaves them as they were", async () => {
    const built = new NotBuilt("it is being built");
    const { sendHooks, away, rows, wake } = await asking(allow, { "w:ask": row() }, built);
    await expect(askedOf(sendHooks)).rejects.toThrow("it is being built");
    away(undefined);
    expect(await askedOf(sendHooks)).toBeDefined();
    expect(sendHooks.of("g:walks")).not.toBeInstanceOf(Promise);
    away(built);
    rows.clear();
    wake();
    await expect(sendHooks.look()).rejects.toThrow("it is being built");
    expect(sendHooks.of("g:walks")).toBeDefined();
    away(undefined);
    await until("it looked again by itself", () => sendHooks.of("g:walks") === undefined);
  });

  test("are asked one after the other, each about what the one before made of the text", async () => {
    const { sendHooks, asked } = await asking(
      ({ data }) =>
        data.text === "hello" ? { decision: "CHANGE", text: "hullo" } : { decision: "CHANGE", text: `${data.text}!` },
      { "w:a": row(), "w:b": row(), "w:c": row({ conversationId: "g:talks" }) },
    );
    await sendHooks.look();
    expect(await (await askedOf(sendHooks))?.ask("ann", [question])).toEqual(["hullo!"]);
    expect(asked.map(({ id, data }) => [id, data.text])).toEqual([
      ["ask_one", "hello"],
      ["ask_one", "hullo"],
    ]);
    expect(sendHooks.states().map(({ counts }) => counts.changed)).toEqual([1, 1, 0]);
  });

  test.each<[object, string]>([
    [{}, "none of ALLOW"],
    [{ decision: "allow" }, "none of ALLOW"],
    [{ decision: "CHANGE" }, "none of ALLOW"],
    [{ decision: "CHANGE", text: " " }, "blank"],
    [{ decision: "CHANGE", text: null }, "blank"],
    [{ decision: "CHANGE", text: "a".repeat(16_385) }, "16384 characters"],
    [{ decision: "CHANGE", text: "\ud83d" }, "surrogate"],
    [{ decision: "REFUSE", reason: 5 }, "none of ALLOW"],
  ])("that answer %j say nothing of use", async (answer, why) => {
    const strict = await asking(() => answer);
    await strict.sendHooks.look();
    const refusal = await refused((await askedOf(strict.sendHooks))?.ask("ann", [question]) ?? Promise.resolve(), "UNAVAILABLE");
    expect(refusal.retryAfterMs).toBeGreaterThan(0);
    expect(strict.sendHooks.states()[0]).toMatchObject({
      failingSince: Date.parse("2026-05-04T10:00:00.000Z"),
      error: expect.stringContaining(why) as string,
      counts: { failed: 1 },
    });
    expect(strict.warned).toHaveLength(1);
    const lenient = await asking(() => answer, { "w:ask": row({ beforeSend: { timeoutMs: 5_000, otherwise: "ALLOW" } }) });
    await lenient.sendHooks.look();
    expect(await (await askedOf(lenient.sendHooks))?.ask("ann", [question])).toEqual(["hello"]);
  });

  test.each([
    [{ decision: "REFUSE", reason: " \u202eNo\nlinks\ud83d here " }, "No links here"],
    [{ decision: "REFUSE", reason: " " }, "this message is not allowed here"],
    [{ decision: "REFUSE" }, "this message is not allowed here"],
    [{ decision: "REFUSE", reason: "a".repeat(2_000) }, "a".repeat(1_024)],
  ])("say why a message is refused: %j", async (answer, reason) => {
    const { sendHooks } = await asking(() => answer);
    await sendHooks.look();
    const asked = (await askedOf(sendHooks))?.ask("ann", [question]) ?? Promise.resolve();
    expect((await refused(asked, "FORBIDDEN", "text")).message).toBe(reason);
  });

  test("may have a caption taken away, and not a text", async () => {
    const { sendHooks } = await asking(() => ({ decision: "CHANGE", text: null }));
    await sendHooks.look();
    expect(await (await askedOf(sendHooks))?.ask("ann", [{ ...question, kind: "IMAGE" }])).toEqual([null]);
  });

  test("that end store nothing, whatever is to be done about one that is late", async () => {
    const { sendHooks } = await asking(() => gate().passed.then(allow), {
      "w:ask": row({ beforeSend: { timeoutMs: 5_000, otherwise: "ALLOW" } }),
    });
    await sendHooks.look();
    const asked = (await askedOf(sendHooks))?.ask("ann", [question]) ?? Promise.resolve();
    sendHooks.close();
    await refused(asked, "UNAVAILABLE");
  });

  test("are asked about so much of one user at a time, and of others meanwhile", async () => {
    const held = gate();
    const { sendHooks, asked } = await asking(({ data }) => (data.senderId === "ann" ? held.passed.then(allow) : allow()), {
      "w:ask": row({ beforeSend: { timeoutMs: 5_000, otherwise: "ALLOW" } }),
    });
    await sendHooks.look();
    const of = await askedOf(sendHooks);
    const waiting = Array.from({ length: 16 }, () => of?.ask("ann", [question]) ?? Promise.resolve());
    await until("all are asked", () => asked.length === 16);
    await refused(of?.ask("ann", [question]) ?? Promise.resolve(), "RATE_LIMITED");
    expect(await of?.ask("bob", [{ ...question, data: { ...question.data, senderId: "bob" } }])).toEqual(["hello"]);
    held.open();
    expect(await Promise.all(waiting)).toHaveLength(16);
    expect(await of?.ask("ann", [question])).toEqual(["hello"]);
  });

  test("are asked about as much at a time as one may be, and what waits longer than it may is late", async () => {
    const held = gate();
    const { sendHooks, asked } = await asking(() => held.passed.then(allow), {
      "w:ask": row({ beforeSend: { timeoutMs: 300, otherwise: "REFUSE" } }),
    });
    await sendHooks.look();
    const of = await askedOf(sendHooks);
    const waiting = Array.from({ length: 100 }, (_, index) => of?.ask(`user${index}`, [question]) ?? Promise.resolve());
    const codes = await Promise.all(waiting.map(async (each) => (await refused(each, "UNAVAILABLE")).code));
    expect(new Set(codes)).toEqual(new Set(["UNAVAILABLE"]));
    expect(asked).toHaveLength(64);
    held.open();
    await until("there is room", async () => {
      const answered = await (of?.ask("cay", [question]) ?? Promise.resolve()).catch(() => undefined);
      return answered !== undefined;
    });
  });
});

const [ann, ben] = [caller("ann"), caller("ben")];

/** Ann's group with Ben in it. */
async function setUp(): Promise<World & { id: string; node: (sendHooks?: SendHooks) => ReturnType<typeof nodeOver> }> {
  const target = world();
  for (const { userId } of [ann, ben]) await target.commands.register(caller(userId), profile(userId));
  const { conversationId: id } = await target.commands.createConversation(ann, group({ memberIds: ["ben"] }));
  await target.catchUp();
  const node = (sendHooks?: SendHooks) =>
    nodeOver(target.log, target.store, {
      watermark: target.watermark,
      waited: target.catchUp,
      ...(sendHooks ? { sendHooks } : {}),
    });
  return { ...target, id, node };
}

const changing =
  (to: string): Decide =>
  () => ({ decision: "CHANGE", text: to });
const storedIn = async ({ log }: Pick<World, "log">, id: string) =>
  (await log.read(streams.conversation(id), 0, "forwards", 100)).map(({ id: event, data }) => ({
    event,
    ...(data as { text: string; textGiven?: string }),
  }));

describe("a message whose text was changed", () => {
  test("is the same message when it is sent again, on whatever server, and another input is none", async () => {
    const target = await setUp();
    const { sendHooks } = await asking(changing("d***"));
    await sendHooks.look();
    const [first, other, without] = [target.node(sendHooks), target.node((await asking(changing("!"))).sendHooks), target.node()];
    const input = text({ conversationId: target.id }, { text: "darn" });
    const { message } = await first.commands.sendMessage(ann, input);
    expect(message).toMatchObject({ seq: 1, text: "d***" });
    for (const inRows of [false, true]) {
      if (inRows) await target.catchUp();
      for (const { commands } of [first, other, without, target.node()]) {
        expect((await commands.sendMessage(ann, input)).message).toEqual(message);
        for (const said of ["d***", "!", "dart"])
          await refused(commands.sendMessage(ann, { ...input, text: said }), "CONFLICT", "clientMutationId");
      }
    }
    const stored = await storedIn(target, target.id);
    expect(stored).toHaveLength(1);
    expect(stored[0]).toMatchObject({ text: "d***", textGiven: digestOfText(stored[0]?.event ?? "", "darn") });
    await target.catchUp();
    // Nothing of what was given is in the rows.
    expect(await target.views.timelines.message(target.id, 1)).toEqual(message);
  });

  test("is one message for all who send it at the same moment", async () => {
    const target = await setUp();
    const made = ["one", "two", undefined].map(async (to) => {
      const { sendHooks } = await asking(to === undefined ? allow : changing(to));
      await sendHooks.look();
      return target.node(sendHooks);
    });
    const nodes = [...(await Promise.all(made)), target.node()];
    for (let round = 0; round < 5; round++) {
      const input = text({ conversationId: target.id }, { text: "given" });
      const answers = await Promise.all([...nodes, ...nodes].map(({ commands }) => commands.sendMessage(ann, input)));
      expect(new Set(answers.map(({ message }) => `${message.seq} ${message.text}`)).size).toBe(1);
    }
    expect(await storedIn(target, target.id)).toHaveLength(5);
  });

  test("is stored as it was given where the change is none", async () => {
    const target = await setUp();
    const { sendHooks } = await asking(changing("hello"));
    await sendHooks.look();
    await target.node(sendHooks).commands.sendMessage(ann, text({ conversationId: target.id }, { text: "hello" }));
    expect((await storedIn(target, target.id))[0]).not.toHaveProperty("textGiven");
  });
});

describe("while others are asked about a message", () => {
  test("rights are taken away without a wait, and it is not stored", async () => {
    const target = await setUp();
    const held = gate();
    const { sendHooks, asked } = await asking(() => held.passed.then(allow));
    await sendHooks.look();
    const { commands } = target.node(sendHooks);
    const sent = commands.sendMessage(ben, text({ conversationId: target.id }));
    const outcome = refused(sent, "FORBIDDEN", "conversationId");
    await until("it is asked about", () => asked.length === 1);
    await commands.removeMembers(ann, { clientMutationId: "remove", conversationId: target.id, userIds: ["ben"] });
    held.open();
    await outcome;
    expect(await storedIn(target, target.id)).toEqual([]);
  });

  test("what else is sent to the conversation is stored, and what the sender sends after it comes after it", async () => {
    const target = await setUp();
    const held = gate();
    const { sendHooks, asked } = await asking(({ data }) => (data.text === "one" ? held.passed.then(allow) : allow()));
    await sendHooks.look();
    const { commands } = target.node(sendHooks);
    const [one, two] = ["one", "two"].map((said) =>
      commands.sendMessage(ann, text({ conversationId: target.id }, { text: said })),
    );
    await until("both are asked about", () => asked.length === 2);
    expect((await commands.sendMessage(ben, text({ conversationId: target.id }, { text: "of ben" }))).message.seq).toBe(1);
    held.open();
    expect((await one)?.message.seq).toBe(2);
    expect((await two)?.message.seq).toBe(3);
  });

  test("nobody is asked about what may not be sent, or breaks a rule of its own", async () => {
    const target = await setUp();
    const { sendHooks, asked } = await asking(allow);
    await sendHooks.look();
    const { commands } = target.node(sendHooks);
    await target.commands.register(caller("cay"), profile("cay"));
    await refused(commands.sendMessage(caller("cay"), text({ conversationId: target.id })), "NOT_FOUND");
    await refused(commands.sendMessage(ann, text({ conversationId: target.id }, { text: " " })), "BAD_INPUT");
    const { message } = await target.commands.sendMessage(ann, text({ conversationId: target.id }));
    const edit = { clientMutationId: "edit", conversationId: target.id, seq: message.seq, text: "other" };
    await refused(commands.editMessage(ben, edit), "FORBIDDEN", "seq");
    await commands.editMessage(ann, { ...edit, text: "hello" });
    expect(asked).toEqual([]);
    await commands.editMessage(ann, { ...edit, clientMutationId: "other" });
    expect(asked.map(({ data }) => data)).toEqual([
      { action: "EDIT", conversationId: target.id, messageId: `${target.id}:1`, seq: 1, senderId: "ann", text: "other" },
    ]);
  });
});
