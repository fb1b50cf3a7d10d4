import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { readViews } from "../../../projections/views.ts";
import { newEvent } from "../../../src/commands/append.ts";
import { backpressureDefaults, createBackpressure } from "../../../src/commands/backpressure.ts";
import type { Sent } from "../../../src/commands/commands.ts";
import type { Outgoing } from "../../../src/commands/outgoing.ts";
import { messageLog } from "../../../src/commands/send.ts";
import { eventId } from "../../../src/commands/eventId.ts";
import { directConversationOf, streams } from "../../../src/domain/ids.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { EventStore } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { createBlocked } from "../../../src/projecting/blocked.ts";
import type { Projection } from "../../../src/projecting/projection.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { createWatermark } from "../../../src/projecting/watermark.ts";
import { choking } from "../../support/choking.ts";
import { gate } from "../../support/gate.ts";
import { type AppendFault, memoryLog } from "../../support/memoryLog.ts";
import { type MemoryViews, memoryViews } from "../../support/memoryViews.ts";
import { runs, seed } from "../../support/property.ts";
import { refused } from "../../support/refused.ts";
import { caller, group, profile, text } from "../../support/cast.ts";
import { allOf, type Node, nodeOver, type World, world } from "../../support/world.ts";

const [ann, ben, cat] = ["ann", "ben", "cat"].map((id) => caller(id)) as [
  ReturnType<typeof caller>,
  ReturnType<typeof caller>,
  ReturnType<typeof caller>,
];

/** Ann's group with Ben in it, Cat outside; the views know it. */
async function setUp(options: Parameters<typeof world>[0] = {}): Promise<World & { id: string; another: () => Node }> {
  const target = world(options);
  for (const { userId } of [ann, ben, cat]) await target.commands.register(caller(userId), profile(userId));
  const { conversationId: id } = await target.commands.createConversation(ann, group({ memberIds: ["ben"] }));
  await target.catchUp();
  const another = () => nodeOver(target.log, target.store, { watermark: target.watermark, waited: target.catchUp });
  return { ...target, id, another };
}

const messagesOf = async ({ log }: Pick<World, "log">, id: string) => log.read(streams.conversation(id), 0, "forwards", 100_000);

describe("a message that is sent", () => {
  test("is answered as the views will show it", async () => {
    const target = await setUp();
    const { commands, views, id, catchUp } = target;
    const first = await commands.sendMessage(ann, text({ conversationId: id }, { mentions: ["ben"], topic: "books" }));
    const second = await commands.sendMessage(ben, text({ conversationId: id }, { replyTo: 1, text: "  as typed  " }));
    expect([first.message.seq, second.message.seq]).toEqual([1, 2]);
    await catchUp();
    for (const { message, position, conversationId } of [first, second]) {
      expect(conversationId).toBe(id);
      expect(await views.timelines.message(id, message.seq)).toEqual(message);
      expect(message.position).toBe(position);
    }
    expect((await messagesOf(target, id)).map(({ position }) => position)).toEqual([first.position, second.position]);
    expect(second.message).toMatchObject({ text: "  as typed  ", replyTo: 1, senderId: "ben" });
  });

  test("carries who sent it, when, and from which device", async () => {
    const target = await setUp({ now: () => new Date("2024-03-04T05:06:07.089Z") });
    const input = text({ conversationId: target.id });
    await target.commands.sendMessage(caller("ben", { deviceId: "phone" }), input);
    const [event] = await messagesOf(target, target.id);
    expect(event).toMatchObject({
      type: "MessageSent",
      id: eventId(streams.conversation(target.id), "ben", input.clientMutationId, 0),
      metadata: {
        actorId: "ben",
        deviceId: "phone",
        at: "2024-03-04T05:06:07.089Z",
        $causationId: input.clientMutationId,
        schema: 1,
      },
    });
  });

  test("goes to the one conversation of two people, whoever writes first", async () => {
    const { commands, views, catchUp } = await setUp();
    const one = await commands.sendMessage(cat, text({ userId: "ann" }));
    const other = await commands.sendMessage(ann, text({ userId: "cat" }));
    const byId = await commands.sendMessage(ann, text({ conversationId: "d:ann~cat" }));
    expect([one, other, byId].map(({ conversationId, message }) => [conversationId, message.seq])).toEqual([
      ["d:ann~cat", 1],
      ["d:ann~cat", 2],
      ["d:ann~cat", 3],
    ]);
    await catchUp();
    expect((await views.relations.conversationsOf("cat")).map(({ id }) => id)).toEqual(["d:ann~cat"]);
  });

  test("among many of one moment gets a seq and a place of its own", async () => {
    const target = await setUp();
    const inputs = Array.from({ length: 700 }, (_, index) => text({ conversationId: target.id }, { text: `${index}` }));
    const answers = await Promise.all(inputs.map((input, index) => target.commands.sendMessage(index % 2 ? ann : ben, input)));
    const stored = await messagesOf(target, target.id);
    expect(stored).toHaveLength(700);
    for (const [index, { message, position }] of answers.entries()) {
      const event = stored[message.seq - 1];
      expect(event?.position).toBe(position);
      expect(event?.data).toMatchObject({ text: `${index}`, clientMutationId: inputs[index]?.clientMutationId });
    }
    const appends = target.log.calls.filter((call) => call.op === "append" && call.stream === streams.conversation(target.id));
    expect(appends.length).toBeLessThan(20);
    for (const call of appends) expect(call).toMatchObject({ expected: expect.any(Number) as number });
  });

  test("is appended with others only as far as an append may hold", async () => {
    const target = await setUp();
    const sizes: number[] = [];
    const append = target.log.append;
    target.log.append = (stream, events, expected) => {
      if (stream.startsWith("conversation-")) sizes.push(Buffer.byteLength(JSON.stringify(events)));
      return append(stream, events, expected);
    };
    const long = "漢".repeat(16_384);
    await Promise.all(
      Array.from({ length: 100 }, () => target.commands.sendMessage(ann, text({ conversationId: target.id }, { text: long }))),
    );
    expect(Math.max(...sizes)).toBeLessThan(1_048_576);
    expect(await messagesOf(target, target.id)).toHaveLength(100);
  });
});

describe("the same call again", () => {
  /** Where a repeat can find what the first call did. */
  const ways: Record<string, (target: World & { another: () => Node }) => Promise<Node>> = {
    "at once": async (target) => target,
    "once the views know it": async (target) => {
      await target.catchUp();
      return target;
    },
    "at another node, with the views behind": async (target) => target.another(),
    "at another node, once the views know it": async (target) => {
      await target.catchUp();
      return target.another();
    },
    "at another node that had written to the conversation before": async (target) => target.another(),
    "after a restart and much else": async (target) => {
      const { commands } = target.another();
      const { conversationId } = await commands.sendMessage(ann, text({ userId: "ben" }));
      for (let count = 0; count < 5; count++) await commands.sendMessage(ben, text({ conversationId }));
      return target.another();
    },
  };

  test.each(Object.entries(ways))("is answered as the first one: %s", async (_, way) => {
    const target = await setUp();
    const input = text({ conversationId: target.id });
    const first = await target.commands.sendMessage(ben, input);
    const { commands } = await way(target);
    for (let times = 0; times < 2; times++) expect(await commands.sendMessage(ben, input)).toEqual(first);
    expect(await messagesOf(target, target.id)).toHaveLength(1);
  });

  test("is answered as the first one at a node whose own view of the conversation is old", async () => {
    const target = await setUp();
    const other = target.another();
    const own = await other.commands.sendMessage(ann, text({ conversationId: target.id }));
    const input = text({ conversationId: target.id });
    const first = await target.commands.sendMessage(ben, input);
    expect([own.message.seq, first.message.seq]).toEqual([1, 2]);
    expect(await other.commands.sendMessage(ben, input)).toEqual(first);
    expect(await messagesOf(target, target.id)).toHaveLength(2);
  });

  test("at the same moment, here and elsewhere, is stored once and answered alike", async () => {
    const target = await setUp();
    const nodes = [target, target.another(), target.another()];
    const inputs = Array.from({ length: 20 }, () => text({ conversationId: target.id }));
    const answers = await Promise.all(
      inputs.map((input) => Promise.all([...nodes, ...nodes].map(({ commands }) => commands.sendMessage(ben, input)))),
    );
    for (const same of answers) for (const answer of same) expect(answer).toEqual(same[0]);
    expect(new Set(answers.map(([answer]) => answer?.message.seq)).size).toBe(20);
    expect(await messagesOf(target, target.id)).toHaveLength(20);
  });

  test("shows the message as it is now", async () => {
    const target = await setUp();
    const input = text({ conversationId: target.id });
    const first = await target.commands.sendMessage(ben, input);
    await target.commands.editMessage(ben, { clientMutationId: "e", conversationId: target.id, seq: 1, text: "better" });
    await target.catchUp();
    const again = await target.commands.sendMessage(ben, input);
    expect(again).toMatchObject({ position: first.position, message: { seq: 1, text: "better" } });
  });

  test("is another call from another user, and in another conversation", async () => {
    const target = await setUp();
    const input = text({ conversationId: target.id });
    const answers = [
      await target.commands.sendMessage(ben, input),
      await target.commands.sendMessage(ann, input),
      await target.commands.sendMessage(ben, { ...input, conversationId: null, userId: "ann" }),
    ];
    expect(new Set(answers.map(({ position }) => position)).size).toBe(3);
  });

  test.each(Object.entries(ways))("with other content is a conflict: %s", async (_, way) => {
    const target = await setUp();
    const input = text({ conversationId: target.id });
    await target.commands.sendMessage(ben, input);
    const { commands } = await way(target);
    for (const change of [{ text: "other" }, { topic: "other" }, { mentions: ["ann"] }, { mentionsAll: true }, { replyTo: 1 }])
      await refused(commands.sendMessage(ben, { ...input, ...change }), "CONFLICT", "clientMutationId");
    expect(await messagesOf(target, target.id)).toHaveLength(1);
  });

  test("with other content at the same moment: one of them is stored, the other a conflict", async () => {
    const target = await setUp();
    const other = target.another();
    for (const nodes of [
      [target, target],
      [target, other],
    ] as const) {
      const input = text({ conversationId: target.id });
      const outcomes = await Promise.allSettled(
        nodes.map(({ commands }, index) => commands.sendMessage(ben, { ...input, text: `version ${index}` })),
      );
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const [fault] = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
      expect(fault).toMatchObject({ code: "CONFLICT" });
    }
    expect(await messagesOf(target, target.id)).toHaveLength(2);
  });

  test.each(Object.entries(ways))("is answered as the first one to who has lost the right since: %s", async (_, way) => {
    const target = await setUp();
    const input = text({ conversationId: target.id });
    const first = await target.commands.sendMessage(ben, input);
    await target.commands.removeMembers(ann, { clientMutationId: "r", conversationId: target.id, userIds: ["ben"] });
    const { commands } = await way(target);
    expect(await commands.sendMessage(ben, input)).toEqual(first);
    await target.catchUp();
    await refused(commands.sendMessage(ben, text({ conversationId: target.id })), "FORBIDDEN", "conversationId");
  });

  test("is answered as the first one also where the views learn of both in between", async () => {
    const target = await setUp();
    // Asks for the membership only when the views have just caught up, however old what was read before was.
    const late: MemoryViews = {
      ...target.store,
      get: async (table, partition, sort) => {
        if (table.endsWith("/members")) await target.catchUp();
        return target.store.get(table, partition, sort);
      },
    };
    const other = nodeOver(target.log, late, { watermark: target.watermark, waited: target.catchUp });
    await other.commands.sendMessage(ann, text({ conversationId: target.id }));
    const input = text({ conversationId: target.id });
    const first = await target.commands.sendMessage(ben, input);
    await target.commands.removeMembers(ann, { clientMutationId: "r", conversationId: target.id, userIds: ["ben"] });
    expect(await other.commands.sendMessage(ben, input)).toEqual(first);
    expect(await messagesOf(target, target.id)).toHaveLength(2);
  });
});

describe("a send is refused", () => {
  const cases: [string, Partial<ReturnType<typeof text>>, string, Refusal["code"], string | undefined][] = [
    ["to a group that is not for them to see", {}, "cat", "NOT_FOUND", "conversationId"],
    ["in a group that is not", { conversationId: "g:none" }, "ann", "NOT_FOUND", "conversationId"],
    ["in what is no conversation", { conversationId: "" }, "ann", "NOT_FOUND", "conversationId"],
    ["between others", { conversationId: "d:ann~ben" }, "cat", "NOT_FOUND", "conversationId"],
    ["under the id of a pair the wrong way round", { conversationId: "d:ben~ann" }, "ann", "NOT_FOUND", "conversationId"],
    ["to nobody", { conversationId: null, userId: "nobody" }, "ann", "NOT_FOUND", "userId"],
    ["to oneself", { conversationId: null, userId: "ann" }, "ann", "BAD_INPUT", "userId"],
    ["with a mention of nobody", { mentions: ["ben", "nobody"] }, "ann", "NOT_FOUND", "mentions"],
    ["in answer to what is not there", { replyTo: 99 }, "ann", "NOT_FOUND", "replyTo"],
    ["without a text", { text: "  \n" }, "ann", "BAD_INPUT", "text"],
    ["with an image that is none", { kind: "IMAGE" }, "ann", "BAD_INPUT", "attachments"],
  ];
  test.each(cases)("%s", async (_, change, by, code, field) => {
    const target = await setUp();
    await target.commands.sendMessage(ann, text({ conversationId: target.id }));
    const end = await target.log.end();
    const refusal = await refused(
      target.commands.sendMessage(caller(by), { ...text({ conversationId: target.id }), ...change }),
      code,
      field,
    );
    expect(refusal.retryAfterMs).toBeUndefined();
    expect(await target.log.end()).toBe(end);
  });

  test("to who never registered, naming what to do", async () => {
    const target = await setUp();
    const refusal = await refused(target.commands.sendMessage(caller("new"), text({ userId: "ann" })), "NOT_FOUND");
    expect(refusal.message).toContain("register");
  });

  test("in answer to what was sent before one joined, unless the history is open", async () => {
    const target = await setUp();
    for (const historyVisible of [false, true]) {
      const { conversationId } = await target.commands.createConversation(ann, group({ historyVisible }));
      await target.commands.sendMessage(ann, text({ conversationId }));
      await target.commands.join(ben, { clientMutationId: conversationId, conversationId });
      const answer = target.commands.sendMessage(ben, text({ conversationId }, { replyTo: 1 }));
      if (historyVisible) expect((await answer).message.seq).toBe(2);
      else await refused(answer, "NOT_FOUND", "replyTo");
    }
  });
});

describe("no refusal rests on old rows", () => {
  test("what a user did a moment ago counts, without a look at the views in between", async () => {
    const target = world({ lazy: true });
    const { commands } = target;
    await commands.register(ann, profile("ann"));
    await commands.register(ben, profile("ben"));
    const { conversationId } = await commands.createConversation(ann, group({ memberIds: ["ben"] }));
    expect((await commands.sendMessage(ann, text({ conversationId }, { mentions: ["ben"] }))).message.seq).toBe(1);
    expect((await commands.sendMessage(ben, text({ conversationId }, { replyTo: 1 }))).message.seq).toBe(2);
    expect((await commands.sendMessage(ann, text({ userId: "ben" }))).message.seq).toBe(1);
  });

  test("with the views following by themselves, at several nodes", async () => {
    const log = memoryLog();
    const store = memoryViews();
    const watermarks = [createWatermark(log.origin), createWatermark(log.origin)];
    const nodes = watermarks.map((watermark) => nodeOver(log, store, { watermark }));
    const stop = new AbortController();
    const runner = createRunner({
      log,
      store,
      projections: viewProjections,
      committed: (position) => {
        for (const watermark of watermarks) watermark.advance(position);
      },
    });
    const running = runner.run(stop.signal);
    const at = (index: number) => nodes[index % nodes.length]?.commands as Node["commands"];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const [one, other] = [caller(`a${index}`), caller(`b${index}`)];
        await at(index).register(one, profile(`a${index}`));
        await at(index + 1).register(other, profile(`b${index}`));
        const { conversationId } = await at(index + 1).createConversation(one, group());
        await at(index).join(other, { clientMutationId: "j", conversationId });
        const { message } = await at(index + 1).sendMessage(other, text({ conversationId }, { mentions: [one.userId] }));
        expect(message.seq).toBe(1);
        expect((await at(index).sendMessage(one, text({ conversationId }, { replyTo: 1 }))).message.seq).toBe(2);
        await at(index + 1).editMessage(one, { clientMutationId: "e", conversationId, seq: 2, text: "edited" });
        await at(index).markRead(other, { clientMutationId: "m", conversationId, seq: 2 });
      }),
    );
    stop.abort();
    await running;
  });

  afterEach(() => void vi.useRealTimers());

  test("where the views do not get there in time, it is told that it cannot be told", async () => {
    const target = await setUp();
    const watermark = createWatermark(target.watermark.current());
    const stuck = nodeOver(target.log, target.store, { watermark });
    const { conversationId } = await target.commands.createConversation(ann, group());
    vi.useFakeTimers();
    const answer = refused(stuck.commands.sendMessage(ann, text({ conversationId })), "UNAVAILABLE");
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await answer).retryAfterMs).toBeGreaterThan(0);
    expect(await messagesOf(target, conversationId)).toEqual([]);
  });

  test("a refusal waits for nothing where the views are where the log ends", async () => {
    const target = await setUp();
    const waited = vi.fn(() => Promise.resolve());
    const node = nodeOver(target.log, target.store, { watermark: target.watermark, waited });
    await refused(node.commands.sendMessage(cat, text({ conversationId: target.id })), "NOT_FOUND");
    expect(waited).not.toHaveBeenCalled();
  });
});

describe("the log does not answer", () => {
  test.each(["unknown, stored", "unknown, lost"] as const)("%s: the very same append is asked for again", async (fault) => {
    const target = await setUp();
    await target.commands.sendMessage(ann, text({ conversationId: target.id }));
    target.log.failAppends(fault, fault);
    const answers = await Promise.all([1, 2, 3].map(() => target.commands.sendMessage(ben, text({ conversationId: target.id }))));
    expect(answers.map(({ message }) => message.seq).sort()).toEqual([2, 3, 4]);
    const stored = await messagesOf(target, target.id);
    expect(stored).toHaveLength(4);
    for (const { message, position } of answers) expect(stored[message.seq - 1]?.position).toBe(position);
    const [first, ...more] = target.log.calls.filter(
      (call) => call.op === "append" && call.stream === streams.conversation(target.id) && call.expected === 0,
    );
    expect(more.slice(0, 2)).toEqual([first, first]);
  });

  test("and says that nothing was stored: the sender is told, and may try again", async () => {
    const target = await setUp();
    const input = text({ conversationId: target.id });
    target.log.failAppends("nothing");
    const refusal = await refused(target.commands.sendMessage(ben, input), "UNAVAILABLE");
    expect(refusal.message).toContain("nothing was stored");
    expect(refusal.retryAfterMs).toBeGreaterThan(0);
    expect((await target.commands.sendMessage(ben, input)).message.seq).toBe(1);
  });

  test("while another node was faster", async () => {
    const target = await setUp();
    const other = target.another();
    await other.commands.sendMessage(ann, text({ conversationId: target.id }));
    await target.commands.sendMessage(ann, text({ conversationId: target.id }));
    target.log.failAppends("unknown, lost");
    const pending = other.commands.sendMessage(ben, text({ conversationId: target.id }));
    await target.commands.sendMessage(ben, text({ conversationId: target.id }));
    await pending;
    const stored = await messagesOf(target, target.id);
    expect(new Set(stored.map(({ id }) => id)).size).toBe(4);
    expect(stored).toHaveLength(4);
  });

  test("a read that fails after the append: what was stored is not stored again", async () => {
    const target = await setUp();
    await target.commands.sendMessage(ann, text({ conversationId: target.id }));
    const inputs = [1, 2, 3].map(() => text({ conversationId: target.id }));
    // The places of what was appended together are read from the log, where it does not tell them.
    target.log.failReads(1);
    const outcomes = await Promise.allSettled(inputs.map((input) => target.commands.sendMessage(ben, input)));
    for (const outcome of outcomes) if (outcome.status === "rejected") expect(isAway(outcome.reason)).toBe(true);
    target.log.failReads(0);
    for (const input of inputs) await target.commands.sendMessage(ben, input);
    const stored = await messagesOf(target, target.id);
    expect(stored.map(({ id }) => id)).toEqual([...new Set(stored.map(({ id }) => id))]);
    expect(stored).toHaveLength(4);
  });

  test("for so long that the sender is told that it is unknown: the repeat finds it, or stores it, once", async () => {
    for (const fault of ["unknown, stored", "unknown, lost"] as const) {
      const { log, views, watermark, backpressure } = await bare();
      let now = 0;
      // Time flies: after one try the patience is at its end.
      const messages = messageLog({ log, views, watermark, backpressure, rowsMs: 1, clock: () => (now += 5_000) });
      const one = outgoing("d:ann~ben", "ann", "one");
      log.failAppends(fault, fault, fault);
      const refusal = await refused(
        messages.store(one, async () => {}),
        "UNAVAILABLE",
      );
      expect(refusal.message).toContain("unknown");
      log.failAppends();
      const other = await messages.store(outgoing("d:ann~ben", "ann", "two"), async () => {});
      const again = await messages.store(one, async () => {});
      expect(again.repeated).toBe(fault === "unknown, stored");
      const stored = await log.read(streams.conversation("d:ann~ben"), 0, "forwards", 100);
      expect(stored.map(({ id }) => id).sort()).toEqual([one.id, outgoing("d:ann~ben", "ann", "two").id].sort());
      expect([again.message.seq, other.message.seq].sort()).toEqual([1, 2]);
    }
  });

  test("and the last try says that nothing was stored: what became of the first stays unknown", async () => {
    const { log, views, watermark, backpressure } = await bare();
    let now = 0;
    const messages = messageLog({ log, views, watermark, backpressure, rowsMs: 1, clock: () => (now += 5_000) });
    log.failAppends("unknown, stored", "nothing", "nothing");
    const refusal = await refused(
      messages.store(outgoing("d:ann~ben", "ann", "one"), async () => {}),
      "UNAVAILABLE",
    );
    expect(refusal.message).not.toContain("nothing was stored");
  });
});

const isAway = (error: unknown): boolean =>
  error instanceof Unavailable || (error instanceof Refusal && error.code === "UNAVAILABLE");

/** What a message log works with, and nothing else. */
async function bare() {
  const log = memoryLog();
  const watermark = createWatermark(log.origin);
  const views = readViews(memoryViews());
  return { log, watermark, views, backpressure: createBackpressure(watermark, backpressureDefaults) };
}

function outgoing(conversationId: string, senderId: string, clientMutationId: string, words = clientMutationId): Outgoing {
  return {
    id: eventId(streams.conversation(conversationId), senderId, clientMutationId, 0),
    stamp: { actorId: senderId, clientMutationId, at: "2024-01-02T03:04:05.678Z" },
    data: {
      conversationId,
      senderId,
      clientMutationId,
      kind: "TEXT",
      topic: null,
      text: words,
      attachments: [],
      replyTo: null,
      mentions: [],
      mentionsAll: false,
    },
  };
}

/** A log that tells each event's place with an append: an embedded one, which this process alone writes to. */
function tellingPlaces(log: EventStore): EventStore {
  return {
    ...log,
    append: async (stream, events, expected) => {
      const { length } = await allOf(log);
      const { revision, position } = await log.append(stream, events, expected);
      const stored = (await allOf(log)).slice(length);
      // A repeat is told without.
      return { revision, position, ...(stored.length === 0 ? {} : { positions: stored.map((event) => event.position) }) };
    },
  };
}

describe("what was looked up", () => {
  /** Two message logs on one log; rows follow when told to, and time passes so. */
  async function setUpTwo(projections: readonly Projection[] = viewProjections) {
    const log = memoryLog();
    const store = memoryViews();
    const watermark = createWatermark(log.origin);
    const backpressure = createBackpressure(watermark, backpressureDefaults);
    const views = readViews(store);
    const blocked = createBlocked(projections);
    const runner = createRunner({
      log,
      store,
      projections,
      committed: (at) => watermark.advance(at),
      blocked: blocked.change,
      pause: async () => {},
    });
    let now = 0;
    const options = { log, views, watermark, backpressure, blocked, rowsMs: 1, clock: () => now };
    const stored = async () => (await log.read(streams.conversation("d:ann~ben"), 0, "forwards", 100)).map(({ id }) => id);
    return {
      log,
      options,
      one: messageLog(options),
      other: messageLog(options),
      catchUp: () => runner.catchUp(),
      retryParked: async (projection: string) => {
        const asked = runner.retryParked(projection);
        await runner.catchUp();
        await asked;
      },
      pass: (ms: number) => void (now += ms),
      stored,
    };
  }
  const allowed = () => Promise.resolve();
  const message = (key: string, words?: string) => outgoing("d:ann~ben", "ann", key, words);

  test.each([0, 4_000, 20_000])("before the same was stored is not relied on, %d ms later", async (ms) => {
    const { one, catchUp, pass, stored } = await setUpTwo();
    await one.store(message("before"), allowed);
    const asked = gate();
    const slow = one.store(message("same"), () => asked.passed);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    const first = await one.store(message("same"), allowed);
    await catchUp();
    pass(ms);
    // What is in the rows for long enough is forgotten with the next send.
    await one.store(message("after"), allowed);
    asked.open();
    expect(await slow).toEqual({ ...first, repeated: true });
    expect(await stored()).toEqual(["before", "same", "after"].map((key) => message(key).id));
  });

  test("while messages of the conversation are parked is not relied on: what may be among them is not sent again", async () => {
    const { projections, mend } = choking("timelines", "MessageEdited");
    const { log, options, one, other, catchUp, retryParked, pass, stored } = await setUpTwo(projections);
    const before = await one.store(message("before"), allowed);
    await catchUp();
    const edit = { conversationId: "d:ann~ben", seq: 1, senderId: "ann", text: "otherwise" };
    const stamp = { actorId: "ann", clientMutationId: "edit", at: "2024-01-02T03:04:05.678Z" };
    await log.append("annotation-d:ann~ben:1", [newEvent(randomUUID(), "MessageEdited", edit, stamp)], "any");
    const same = await one.store(message("same"), allowed);
    await catchUp();
    pass(20_000);
    for (const messages of [one, other, messageLog(options)]) {
      await refused(messages.store(message("new"), allowed), "UNAVAILABLE");
      const again = await messages.storeAll([message("before"), message("new")]);
      expect(again.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    }
    expect((await one.store(message("same"), allowed)).position).toBe(same.position);
    await refused(other.store(message("same"), allowed), "UNAVAILABLE");
    const forbidden = () => Promise.reject(new Refusal("FORBIDDEN", "not any more"));
    await refused(other.store(message("new"), forbidden), "FORBIDDEN");
    expect((await other.store(message("before"), forbidden)).position).toBe(before.position);
    // Elsewhere nothing is held up.
    await other.store(outgoing("d:ann~cat", "ann", "elsewhere"), allowed);
    mend();
    await retryParked("timelines");
    for (const messages of [one, other, messageLog(options)])
      expect(await messages.store(message("same"), allowed)).toMatchObject({ position: same.position, repeated: true });
    await one.store(message("new"), allowed);
    expect(await stored()).toEqual(["before", "same", "new"].map((key) => message(key).id));
  });

  test("while they were parked is not relied on once they are healed", async () => {
    const { projections, mend } = choking("timelines", "MessageSent");
    const { one, other, catchUp, retryParked, pass, stored } = await setUpTwo(projections);
    await one.store(message("same"), allowed);
    await catchUp();
    const asked = gate();
    const slow = refused(
      other.store(message("same"), () => asked.passed),
      "UNAVAILABLE",
    );
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    mend();
    await retryParked("timelines");
    pass(1_000);
    asked.open();
    await slow;
    expect((await other.store(message("same"), allowed)).repeated).toBe(true);
    expect(await stored()).toEqual([message("same").id]);
  });

  test("while another append's outcome was unknown is not relied on", async () => {
    const { log, one, other, catchUp, pass, stored } = await setUpTwo();
    await one.store(message("before"), allowed);
    // The log does not answer, for longer than is waited for.
    const away = gate();
    const append = log.append;
    log.append = async (...call) => {
      await away.passed;
      log.append = append;
      throw new Unavailable(`the log does not answer to ${call[0]}`, "unknown");
    };
    const lost = refused(one.store(message("lost"), allowed), "UNAVAILABLE");
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    pass(7_900);
    const waiting = one.store(message("same"), allowed);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    log.append = append;
    const first = await other.store(message("same"), allowed);
    await catchUp();
    pass(200);
    away.open();
    await lost;
    expect(await waiting).toMatchObject({ message: first.message, position: first.position });
    expect(await stored()).toEqual(["before", "same"].map((key) => message(key).id));
  });

  test("and is on its way is answered without a question of rights", async () => {
    const { log, options, one, stored } = await setUpTwo();
    options.backpressure.appended("memory00.00000001000", backpressureDefaults.lagEvents);
    const first = one.store(message("same"), allowed);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    const again = one.store(message("same"), () => Promise.reject(new Refusal("FORBIDDEN", "not any more")));
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    expect(await stored()).toEqual([]);
    options.watermark.advance("memory00.00000001000");
    expect((await again).position).toBe((await first).position);
    expect(await log.read(streams.conversation("d:ann~ben"), 0, "forwards", 10)).toHaveLength(1);
  });

  test("after an outcome that stayed unknown is looked up anew, its content too, where the log tells places", async () => {
    const { log, options, stored, pass } = await setUpTwo();
    const messages = messageLog({ ...options, log: tellingPlaces(log) });
    await messages.store(message("before"), allowed);
    const append = log.append;
    log.append = async (...call) => {
      await append(...call);
      pass(9_000);
      throw new Unavailable("the log does not answer", "unknown");
    };
    await refused(messages.store(message("same"), allowed), "UNAVAILABLE");
    log.append = append;
    await refused(messages.store(message("same", "otherwise"), allowed), "CONFLICT", "clientMutationId");
    expect((await messages.store(message("same"), allowed)).repeated).toBe(true);
    expect(await stored()).toEqual(["before", "same"].map((key) => message(key).id));
  });

  test("what is remembered of conversations that rest is bounded by what it takes", async () => {
    const { log, options } = await setUpTwo();
    const heads: string[] = [];
    const { timelines } = options.views;
    const views = {
      timelines: {
        ...timelines,
        head: (id: string) => {
          heads.push(id);
          return timelines.head(id);
        },
      },
    };
    const messages = messageLog({ ...options, log, views, idleBytes: 300_000 });
    const to = (conversation: string, key: string) => outgoing(conversation, "ann", key);
    await messages.store(to("d:ann~quiet", "1"), allowed);
    await messages.store(to("d:ann~quiet", "2"), allowed);
    expect(heads).toEqual(["d:ann~quiet"]);
    // Few conversations, in which much is said.
    for (const busy of ["d:ann~b1", "d:ann~b2", "d:ann~b3"])
      await messages.storeAll(Array.from({ length: 400 }, (_, index) => to(busy, `${index}`)));
    await messages.store(to("d:ann~b3", "400"), allowed);
    await messages.store(to("d:ann~quiet", "3"), allowed);
    // What was stored is known all the same: it is in the rows, or in the log.
    expect((await messages.store(to("d:ann~quiet", "1"), allowed)).repeated).toBe(true);
    expect((await messages.store(to("d:ann~b1", "7"), allowed)).repeated).toBe(true);
    expect(heads).toEqual(["d:ann~quiet", "d:ann~b1", "d:ann~b2", "d:ann~b3", "d:ann~quiet", "d:ann~b1"]);
  });
});

test("where others fold the rows, a message is answered from the log, and nobody waits for its row", async () => {
  const { log, views, watermark, backpressure } = await bare();
  const reached = vi.fn(watermark.reached);
  const messages = messageLog({ log, views, watermark: { ...watermark, reached }, backpressure, rowsMs: 0 });
  const sent = await Promise.all(["one", "two"].map((key) => messages.store(outgoing("d:ann~ben", "ann", key), async () => {})));
  expect(sent.map(({ message, repeated }) => [message.text, message.seq, repeated])).toEqual([
    ["one", 1, false],
    ["two", 2, false],
  ]);
  expect(reached).not.toHaveBeenCalled();
});

describe("messages stored together", () => {
  test("keep their order, each with an outcome of its own", async () => {
    const { log, views, watermark, backpressure } = await bare();
    const messages = messageLog({ log, views, watermark, backpressure, rowsMs: 1 });
    const id = directConversationOf("ann", "ben");
    const all = ["one", "two", "three", "two", "four"].map((key) => outgoing(id, "ann", key));
    await messages.store(outgoing(id, "ann", "three", "said before"), async () => {});
    const outcomes = await messages.storeAll(all);
    expect(
      outcomes.map((outcome) =>
        outcome.status === "fulfilled" ? [outcome.value.message.seq, outcome.value.repeated] : (outcome.reason as Refusal).code,
      ),
    ).toEqual([[2, false], [3, false], "CONFLICT", [3, true], [4, false]]);
    const again = await messages.storeAll(all);
    expect(again.map((outcome) => outcome.status === "fulfilled" && outcome.value.repeated)).toEqual([
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(await log.read(streams.conversation(id), 0, "forwards", 100)).toHaveLength(4);
    expect(await messages.storeAll([])).toEqual([]);
  });
});

type Round = {
  sends: { key: number; node: number; other: boolean }[];
  fault: AppendFault | "read" | undefined;
  after: number;
  then: "catchUp" | "restart" | "nothing";
  meanwhile: boolean;
};
const round: fc.Arbitrary<Round> = fc.record({
  sends: fc.array(
    fc.record({ key: fc.nat({ max: 9 }), node: fc.nat({ max: 2 }), other: fc.nat({ max: 9 }).map((n) => n === 0) }),
    { minLength: 1, maxLength: 10 },
  ),
  fault: fc.constantFrom<(AppendFault | "read" | undefined)[]>(
    ...new Array<undefined>(6).fill(undefined),
    "conflict",
    "nothing",
    "unknown, stored",
    "unknown, lost",
    "read",
    "read",
  ),
  after: fc.nat({ max: 4 }),
  then: fc.constantFrom("catchUp" as const, "restart" as const, "nothing" as const, "nothing" as const),
  meanwhile: fc.boolean(),
});

test(
  "whatever comes when, from where and how often: each key is stored once, and answered alike",
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(round, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        async (rounds, behind, alone) => {
          const target = await setUp();
          // Embedded, one process writes to the log, which tells it each place.
          const log = alone ? tellingPlaces(target.log) : target.log;
          // A node may hear late of where the views are.
          const node = () =>
            nodeOver(log, target.store, { watermark: behind ? createWatermark(target.log.origin) : target.watermark });
          const started = () => (alone ? new Array<Node>(3).fill(node()) : [node(), node(), node()]);
          let nodes = started();
          const inputs = Array.from({ length: 10 }, (_, key) => text({ conversationId: target.id }, { text: `said ${key}` }));
          const answers = new Map<number, Sent[]>();
          const send = async (key: number, where: number, other: boolean): Promise<void> => {
            const input = { ...(inputs[key] as ReturnType<typeof text>), ...(other ? { text: `another ${key}` } : {}) };
            try {
              const answer = await (nodes[where] as Node).commands.sendMessage(key % 2 ? ann : ben, input);
              // What was stored under the key, whichever came first, is what every answer shows.
              expect(answer.message.text).toBe(input.text);
              answers.set(key, [...(answers.get(key) ?? []), answer]);
            } catch (error) {
              if (!isAway(error)) expect(error).toMatchObject({ code: "CONFLICT" });
            }
          };
          for (const { sends, fault, after, then, meanwhile } of rounds) {
            if (fault === "read") target.log.failReads(1, after);
            else if (fault) target.log.failAppends(fault);
            await Promise.all([
              ...sends.map(({ key, node: where, other }) => send(key, where, other)),
              ...(meanwhile ? [target.catchUp()] : []),
            ]);
            if (then === "catchUp") await target.catchUp();
            if (then === "restart") nodes = alone ? started() : nodes.with(after % 3, node());
          }
          target.log.failReads(0);
          const stored = await messagesOf(target, target.id);
          expect(new Set(stored.map(({ id }) => id)).size, "each key once").toBe(stored.length);
          for (const [key, all] of answers) {
            for (const answer of all) expect(answer, "the same answer").toEqual(all[0]);
            const { message, position } = all[0] as Sent;
            expect(stored[message.seq - 1]).toMatchObject({
              position,
              data: { clientMutationId: inputs[key]?.clientMutationId },
            });
          }
          await target.catchUp();
          expect(
            (await target.views.timelines.page(target.id, { limit: 1_000, fromEnd: false })).map(({ position }) => position),
          ).toEqual(stored.map(({ position }) => position));
        },
      ),
      { numRuns: runs(), seed: seed("send") },
    );
  },
);
