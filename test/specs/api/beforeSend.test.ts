import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { apiServer, type ApiServer } from "../../support/apiServer.ts";
import { type Client, clientOf, refusal, registered } from "../../support/client.ts";
import { type Answer, hookReceiver, type Received } from "../../support/hookReceiver.ts";
import { Refused } from "../../support/http.ts";
import { png } from "../../support/pictures.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { filesOf, uploaded } from "../../support/uploading.ts";

const SETTINGS = { WEBHOOK_PRIVATE: "127.0.0.0/8", WEBHOOK_RETRY: "20ms", WEBHOOK_TIMEOUT: "1s" };

let server: ApiServer;
let operator: Client;
let ann: Client;
let bob: Client;
beforeAll(async () => {
  server = await apiServer(SETTINGS);
  operator = await clientOf(server, "operator", { admin: true });
  ann = await registered(server, "ann");
  bob = await registered(server, "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

const group = async (title: string, memberIds = ["bob"]): Promise<string> =>
  (await ann.act("createConversation", { kind: "GROUP", title, memberIds })).conversation.id;
const textsIn = async (id: string) => (await ann.messages(id)).edges.map(({ node }) => node.text);

const json = (body: unknown): Answer => ({ status: 200, body: JSON.stringify(body) });
const allow = json({ decision: "ALLOW" });
const refuse = (reason?: string): Answer => json({ decision: "REFUSE", reason });
const change = (text: string): Answer => json({ decision: "CHANGE", text });
const textOf = ({ data }: Received) => String(data["text"]);

type Asked = { otherwise?: "ALLOW" | "REFUSE"; timeoutMs?: number; conversationId?: string | null; events?: string[] };

/** A program that is asked, until the test is over. */
async function asked(answer: (question: Received) => Answer, { otherwise = "REFUSE", timeoutMs = 5_000, ...more }: Asked = {}) {
  const receiver = await hookReceiver();
  receiver.answer = answer;
  const id = randomUUID();
  const input = { id, url: receiver.url, events: [], ...more, beforeSend: { otherwise, timeoutMs } };
  const { secret, webhook } = await operator.act("putWebhook", input);
  receiver.secret = secret ?? "";
  expect(webhook?.beforeSend).toEqual({ otherwise, timeoutMs, failingSince: null, error: null });
  onTestFinished(async () => {
    await operator.act("deleteWebhook", { id }).catch(() => undefined);
    await receiver[Symbol.asyncDispose]();
    expect(receiver.refused).toBe(0);
  });
  return Object.assign(receiver, { id: `w:${id}` });
}

const SENT = "it is sent";

/** What its sender is told of a message that is refused. */
const said = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => SENT,
    (error: unknown) => (error instanceof Refused ? (error.faults[0]?.message ?? "") : String(error)),
  );

type State = { failingSince: string | null; error: string | null } | null;
const stateOf = async ({ id }: { id: string }): Promise<State> =>
  (
    await operator.ask<{ node: { beforeSend: State } }>(
      `query ($id: ID!) { node(id: $id) { ... on Webhook { beforeSend { failingSince error } } } }`,
      { id },
    )
  ).node.beforeSend;

describe("a webhook that is asked before a message is stored", () => {
  it("is shown the message, signed, and lets it go on", async () => {
    const room = await group("allowed");
    const hook = await asked(() => allow, { conversationId: room });
    const { message } = await ann.act("sendMessage", {
      conversationId: room,
      text: "hello",
      topic: "greetings",
      mentions: ["bob"],
    });
    expect(message).toMatchObject({ seq: 1, text: "hello" });
    expect(hook.received).toEqual([
      {
        id: expect.stringMatching(/^ask_[0-9a-f-]{36}$/) as string,
        type: "BEFORE_SEND",
        timestamp: expect.any(String) as string,
        data: {
          action: "SEND",
          conversationId: room,
          senderId: "ann",
          kind: "TEXT",
          topic: "greetings",
          text: "hello",
          attachments: [],
          replyTo: null,
          mentions: ["bob"],
          mentionsAll: false,
          forwarded: false,
        },
      },
    ]);
    await ann.act("sendMessage", { userId: "bob", text: "not for it" });
    await ann.act("sendMessage", { conversationId: await group("another"), text: "nor this" });
    expect(hook.received).toHaveLength(1);
  });

  it("refuses one for a reason that its sender is told", async () => {
    const room = await group("refused");
    await asked((question) => (textOf(question).includes("http") ? refuse("No links here.") : refuse()), {
      conversationId: room,
    });
    const sent = () => ann.act("sendMessage", { conversationId: room, text: "see http://example.org" });
    expect(await refusal(sent())).toEqual({ code: "FORBIDDEN", field: "text" });
    expect(await said(sent())).toBe("No links here.");
    expect(await said(ann.act("sendMessage", { conversationId: room, text: "hello" }))).toBe("this message is not allowed here");
    expect(await textsIn(room)).toEqual([]);
  });

  it("changes the text of one, which is the same message when it is sent again", async () => {
    const room = await group("changed");
    let answer: Answer = change("hullo");
    const hook = await asked(() => answer, { conversationId: room });
    const input = { clientMutationId: randomUUID(), conversationId: room, text: "hello" };
    const { message } = await ann.act("sendMessage", input);
    expect(message).toMatchObject({ seq: 1, text: "hullo", editedAt: null });
    answer = refuse("no more");
    expect((await ann.act("sendMessage", input)).message).toEqual(message);
    for (const text of ["hullo", "other"])
      expect(await refusal(ann.act("sendMessage", { ...input, text }))).toEqual({ code: "CONFLICT", field: "clientMutationId" });
    expect(hook.received).toHaveLength(1);
    await operator.act("deleteWebhook", { id: hook.id });
    expect((await ann.act("sendMessage", input)).message).toEqual(message);
    expect(await textsIn(room)).toEqual(["hullo"]);
  });

  it("is asked about messages between two users where it is of all conversations", async () => {
    const hook = await asked((question) => (question.data["conversationId"] === "d:ann~bob" ? refuse("not in private") : allow));
    expect(await said(bob.act("sendMessage", { userId: "ann", text: "psst" }))).toBe("not in private");
    expect(hook.received).toMatchObject([{ data: { conversationId: "d:ann~bob", senderId: "bob", text: "psst" } }]);
    await ann.act("sendMessage", { conversationId: await group("open"), text: "aloud" });
    expect(hook.received).toHaveLength(2);
  });

  it("is asked about edits, which keep what was there where it refuses them", async () => {
    const room = await group("edited");
    const hook = await asked(
      (question) => {
        if (textOf(question) === "rude") return refuse("be kind");
        return question.data["action"] === "EDIT" ? change(`${textOf(question)}!`) : allow;
      },
      { conversationId: room },
    );
    await ann.act("sendMessage", { conversationId: room, text: "one" });
    const edit = (text: string, clientMutationId: string = randomUUID()) =>
      ann.act("editMessage", { clientMutationId, conversationId: room, seq: 1, text });
    expect(await said(edit("rude"))).toBe("be kind");
    expect(await textsIn(room)).toEqual(["one"]);
    const key = randomUUID();
    expect((await edit("two", key)).message).toMatchObject({ text: "two!", editedAt: expect.any(String) as string });
    const before = hook.received.length;
    expect((await edit("two", key)).message.text).toBe("two!");
    expect(hook.received).toHaveLength(before);
    expect(hook.received.at(-1)).toMatchObject({ data: { action: "EDIT", messageId: `${room}:1`, seq: 1, text: "two" } });
    expect(await refusal(bob.act("editMessage", { conversationId: room, seq: 1, text: "mine" }))).toMatchObject({
      code: "FORBIDDEN",
    });
    expect(hook.received).toHaveLength(before);
  });

  it("is asked about two edits at once, and the later one is what stands, whichever is answered first", async () => {
    const room = await group("two edits");
    await ann.act("sendMessage", { conversationId: room, text: "one" });
    let answerFirst: (() => void) | undefined;
    const slowly: Answer = (response) => {
      answerFirst = () => response.end(JSON.stringify({ decision: "ALLOW" }));
    };
    const hook = await asked((question) => (textOf(question) === "first" ? slowly : allow), { conversationId: room });
    const edit = (text: string) => ann.act("editMessage", { conversationId: room, seq: 1, text });
    const first = edit("first");
    const answer = await until("it is asked about the first", () => answerFirst);
    const second = edit("second");
    await until("it is asked about the second", () => hook.received.length === 2);
    answer();
    await Promise.all([first, second]);
    expect(await textsIn(room)).toEqual(["second"]);
  });

  it("is asked about each message that is forwarded, where it goes; one that is refused keeps all away", async () => {
    const [from, to] = [await group("from"), await group("to")];
    for (const text of ["one", "two", "bad"]) await ann.act("sendMessage", { conversationId: from, text });
    const hook = await asked((question) => (textOf(question) === "bad" ? refuse("bad") : change(`${textOf(question)}!`)), {
      conversationId: to,
    });
    const input = { clientMutationId: randomUUID(), fromConversationId: from, toConversationId: to };
    expect(await said(ann.act("forwardMessages", { ...input, seqs: [1, 3] }))).toBe("bad");
    expect(await textsIn(to)).toEqual([]);
    const forwarded = () => ann.act("forwardMessages", { ...input, seqs: [1, 2] });
    const { messages } = await forwarded();
    expect(messages.map(({ text, forwardedFrom }) => [text, forwardedFrom?.id])).toEqual([
      ["one!", `${from}:1`],
      ["two!", `${from}:2`],
    ]);
    const before = hook.received.length;
    expect((await forwarded()).messages).toEqual(messages);
    expect(hook.received).toHaveLength(before);
    expect(hook.received.at(-1)).toMatchObject({ data: { action: "FORWARD", forwarded: true, senderId: "ann" } });
  });

  it("is asked about what bots, incoming webhooks and schedules send, and not about what is imported", async () => {
    const room = await group("programs");
    await operator.act("createBot", { id: "poster", name: "Poster" });
    await ann.act("addMembers", { conversationId: room, userIds: ["poster"] });
    const { path } = await operator.act("putIncomingWebhook", { id: "ci", botId: "poster", conversationId: room });
    const hook = await asked((question) => (textOf(question).startsWith("bad") ? refuse("bad") : allow));
    const post = async (text: string) => {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${server.address}${path}`, { method: "POST", headers, body: JSON.stringify({ text }) });
      return [answer.status, await answer.json()] as const;
    };
    expect(await post("bad build")).toEqual([403, { error: "bad" }]);
    expect(await post("good build")).toEqual([200, { id: `${room}:1` }]);
    const soon = new Date(Date.now() + 500).toISOString();
    await ann.act("scheduleMessage", { conversationId: room, sendAt: soon, text: "bad idea" });
    await ann.act("scheduleMessage", { conversationId: room, sendAt: soon, text: "good idea" });
    await until("one is sent", async () => (await textsIn(room)).includes("good idea"));
    const scheduled = await until("the other one failed", async () => {
      const { viewer } = await ann.ask<{ viewer: { scheduled: { text: string; failure: string }[] } }>(
        "{ viewer { scheduled(failed: true) { text failure } } }",
      );
      return viewer.scheduled.length === 0 ? undefined : viewer.scheduled;
    });
    expect(scheduled).toEqual([{ text: "bad idea", failure: "FORBIDDEN" }]);
    const before = hook.received.length;
    const line = { key: "one", conversation: "elsewhere", sender: "somebody", sentAt: null, text: "bad old times", topic: null };
    expect(await operator.act("importMessages", { messages: [line] })).toMatchObject({ stored: 1 });
    expect(hook.received).toHaveLength(before);
  });

  it("is shown what uploaded files are, and a message that it refuses does not use them up", async () => {
    const room = await group("files");
    let answer = refuse("no files");
    const hook = await asked(() => answer, { conversationId: room });
    const { id: uploadId } = await uploaded(ann, await png(20, 10));
    const send = () => ann.act("sendMessage", { conversationId: room, kind: "IMAGE", attachments: [{ uploadId }] });
    expect(await said(send())).toBe("no files");
    const shown = { uploadId, url: null, name: "a.png", mediaType: "image/png", width: 20, height: 10 };
    expect(hook.received[0]).toMatchObject({ data: { kind: "IMAGE", text: null, attachments: [shown] } });
    answer = change("a picture");
    const { message } = await send();
    expect(message).toMatchObject({ seq: 1, text: "a picture" });
    expect(await filesOf(bob, room, 1)).toMatchObject([{ name: "a.png", width: 20, height: 10 }]);
  });

  it("is asked also after it was switched off for what it could not be told", async () => {
    const room = await group("switched off");
    const answer = ({ type }: Received): Answer => (type === "BEFORE_SEND" ? allow : { status: 410 });
    const hook = await asked(answer, { conversationId: room, events: ["MESSAGE_SENT"] });
    await ann.act("sendMessage", { conversationId: room, text: "one" });
    await until("it is switched off", async () => {
      const { node } = await operator.ask<{ node: { active: boolean } }>(
        "query ($id: ID!) { node(id: $id) { ... on Webhook { active } } }",
        { id: hook.id },
      );
      return !node.active;
    });
    hook.answer = () => refuse("still here");
    expect(await said(ann.act("sendMessage", { conversationId: room, text: "two" }))).toBe("still here");
  });

  it("is asked no more once it is deleted, or is put without it", async () => {
    const room = await group("no more");
    const hook = await asked(() => refuse("no"), { conversationId: room });
    expect(await said(ann.act("sendMessage", { conversationId: room, text: "hello" }))).toBe("no");
    await operator.act("putWebhook", { id: hook.id, url: hook.url, events: ["USER_CHANGED"], conversationId: room });
    await until("it is asked no more", async () => {
      const sent = ann.act("sendMessage", { conversationId: room, text: "hello" });
      return sent.then(
        () => true,
        () => false,
      );
    });
    expect(await stateOf(hook)).toBeNull();
  });
});

/** How long a webhook may take that is late, in milliseconds. Others have time. */
const LATE_MS = 300;

/** Answers that say nothing, and what is told of them. */
const NOTHING: [what: string, answer: () => Answer, error: string, timeoutMs?: number][] = [
  ["a fault", () => ({ status: 500, body: JSON.stringify({ decision: "ALLOW" }) }), "answered 500"],
  ["nothing at all", () => ({ status: 204 }), "no JSON"],
  ["words", () => ({ status: 200, body: "OK" }), "no JSON"],
  ["another decision", () => json({ decision: "MAYBE" }), "none of ALLOW"],
  ["a blank text", () => change(" "), "blank"],
  ["a text that is too long", () => change("a".repeat(16_385)), "16384 characters"],
  ["too late", () => "never", "no answer within 300 ms", LATE_MS],
  ["half of it", () => (response) => void response.writeHead(200).write('{"decision": '), "no answer within 300 ms", LATE_MS],
  ["more than is read", () => endless, "too long"],
];

/** How many bytes of an endless answer were taken. */
let written = 0;
function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536, " ");
  response.writeHead(200);
  const write = (): void => {
    while (!response.destroyed && written < 100_000_000) {
      written += chunk.length;
      if (!response.write(chunk)) return void response.once("drain", write);
    }
    response.end();
  };
  write();
}

describe("a webhook that says nothing of use", () => {
  it.each(NOTHING)(
    "(%s) leaves it to its own setting what becomes of a message",
    async (_what, answer, error, timeoutMs = 5_000) => {
      written = 0;
      const room = await group("nothing");
      const lenient = await asked(answer, { conversationId: room, otherwise: "ALLOW", timeoutMs });
      expect((await ann.act("sendMessage", { conversationId: room, text: "one" })).message.text).toBe("one");
      expect(await stateOf(lenient)).toMatchObject({
        failingSince: expect.any(String) as string,
        error: expect.stringContaining(error) as string,
      });
      const strict = await asked(answer, { conversationId: room, otherwise: "REFUSE", timeoutMs });
      const input = { clientMutationId: randomUUID(), conversationId: room, text: "two" };
      expect(await refusal(ann.act("sendMessage", input))).toEqual({ code: "UNAVAILABLE" });
      expect(await refusal(ann.act("editMessage", { conversationId: room, seq: 1, text: "other" }))).toEqual({
        code: "UNAVAILABLE",
      });
      expect(await textsIn(room)).toEqual(["one"]);
      const ready = (await (await fetch(`${server.address}/ready`)).json()) as {
        ready: boolean;
        components: Record<string, object>;
      };
      expect(ready).toMatchObject({ ready: true, components: { asked: { ready: false, kind: "webhooks" } } });
      // Once it says something, it is as if nothing had been, and the same call is one message.
      lenient.answer = strict.answer = () => allow;
      await until("it is sent", () => ann.act("sendMessage", input).catch(() => undefined));
      expect(await textsIn(room)).toEqual(["one", "two"]);
      expect(await stateOf(strict)).toEqual({ failingSince: null, error: null });
      // A few buffers at most.
      expect(written).toBeLessThan(20_000_000);
    },
  );

  it("because it leads elsewhere is not followed", async () => {
    const room = await group("led");
    await using elsewhere = await hookReceiver();
    elsewhere.answer = () => allow;
    const hook = await asked(() => ({ status: 307, headers: { location: elsewhere.url } }), { conversationId: room });
    elsewhere.secret = hook.secret;
    expect(await refusal(ann.act("sendMessage", { conversationId: room, text: "hello" }))).toEqual({ code: "UNAVAILABLE" });
    expect(await stateOf(hook)).toMatchObject({ error: "answered 307" });
    expect(elsewhere.received.length + elsewhere.refused).toBe(0);
  });

  it("because it is away is waited for, by who sends there and by no one else", async () => {
    const [room, other] = [await group("away"), await group("here")];
    const away = createServer();
    away.listen(0, "127.0.0.1");
    await once(away, "listening");
    const { port } = away.address() as AddressInfo;
    away.close();
    await once(away, "close");
    const id = randomUUID();
    const beforeSend = { otherwise: "REFUSE" };
    const input = { id, url: `http://127.0.0.1:${port}/`, events: [], conversationId: room, beforeSend };
    await operator.act("putWebhook", input);
    expect(await refusal(ann.act("sendMessage", { conversationId: room, text: "hello" }))).toEqual({ code: "UNAVAILABLE" });
    expect(await stateOf({ id: `w:${id}` })).toMatchObject({ error: expect.stringContaining("ECONNREFUSED") as string });
    // What waits for its time there is tried again, and holds up nothing of others.
    const soon = new Date(Date.now() + 300).toISOString();
    await ann.act("scheduleMessage", { conversationId: room, sendAt: soon, text: "later" });
    await bob.act("scheduleMessage", { conversationId: other, sendAt: soon, text: "at its time" });
    await until("that of the other one is sent", async () => (await textsIn(other)).includes("at its time"));
    await operator.act("deleteWebhook", { id });
    await until("it is sent", async () => (await textsIn(room)).includes("later"));
    // It is logged once that something that is due waits.
    const about = server.logged.filter((line) => line.includes("scheduled sends"));
    expect(about).toHaveLength(1);
    server.logged.splice(0, server.logged.length, ...server.logged.filter((line) => !about.includes(line)));
  });
});

describe("a webhook that takes its time", () => {
  it("holds up neither other conversations nor others in the same one who are not asked about", async () => {
    const [room, other] = [await group("slow"), await group("quick")];
    let answerIt: ((response: Answer) => void) | undefined;
    const hook = await asked(
      () => (response) => {
        answerIt = (answer) => {
          if (typeof answer === "object") response.writeHead(answer.status).end(answer.body);
        };
      },
      { conversationId: room },
    );
    const sent = ann.act("sendMessage", { conversationId: room, text: "slowly" });
    await hook.until("it is asked", ({ length }) => length === 1);
    expect((await ann.act("sendMessage", { conversationId: other, text: "at once" })).message.seq).toBe(1);
    await ann.act("sendMessage", { userId: "bob", text: "at once" });
    await ann.act("updateConversation", { id: room, title: "meanwhile" });
    // Rights are taken away without a wait.
    await ann.act("addMembers", { conversationId: room, userIds: [(await registered(server, "cay")).id] });
    await ann.act("removeMembers", { conversationId: room, userIds: ["cay", "bob"] });
    answerIt?.(allow);
    expect((await sent).message).toMatchObject({ seq: 1, text: "slowly" });
  });

  it("is asked about so much of one user at a time", async () => {
    const room = await group("much");
    const cid = await registered(server, "cid");
    await ann.act("addMembers", { conversationId: room, userIds: ["cid"] });
    const waiting: ServerResponse[] = [];
    const hook = await asked(({ data }) => (data["senderId"] === "cid" ? (response) => void waiting.push(response) : allow), {
      conversationId: room,
      otherwise: "ALLOW",
    });
    const send = (client: Client, text: string) => client.act("sendMessage", { conversationId: room, text });
    const sent = Array.from({ length: 16 }, (_, index) => send(cid, `${index}`));
    await hook.until("all are asked about", () => waiting.length === 16);
    expect(await refusal(send(cid, "more"))).toEqual({ code: "RATE_LIMITED" });
    expect((await send(ann, "of another")).message.seq).toBe(1);
    for (const response of waiting) response.writeHead(200).end(JSON.stringify({ decision: "ALLOW" }));
    expect((await Promise.all(sent)).map(({ message }) => message.seq).sort((one, other) => one - other)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 2),
    );
  });
});

describe("operators", () => {
  it("see what was said", async () => {
    const room = await group("counted");
    let answer: Answer = allow;
    const hook = await asked(() => answer, { conversationId: room });
    for (const each of [allow, change("two"), refuse(), { status: 500 }]) {
      answer = each;
      await ann.act("sendMessage", { conversationId: room, text: "one" }).catch(() => undefined);
    }
    const metrics = await (await fetch(`${server.address}/metrics`)).text();
    for (const outcome of ["allowed", "changed", "refused", "failed"])
      expect(metrics).toContain(`tidings_asked_total{webhook="${hook.id}",outcome="${outcome}"} 1`);
    expect(metrics).toMatch(/tidings_asked_seconds_count [1-9]/);
  });

  it("have it asked from the first message after a start on", async () => {
    const folder = await tempDir();
    await using receiver = await hookReceiver();
    receiver.answer = () => refuse("not yet");
    const settings = { ...SETTINGS, DATA_DIR: folder.path };
    const first = await apiServer(settings);
    const dan = await registered(first, "dan");
    await registered(first, "eve");
    const root = await clientOf(first, "root", { admin: true });
    const input = { id: "first", url: receiver.url, events: [], beforeSend: { otherwise: "ALLOW" } };
    receiver.secret = (await root.act("putWebhook", input)).secret ?? "";
    expect(await said(dan.act("sendMessage", { userId: "eve", text: "hello" }))).toBe("not yet");
    await first.stop();
    await using again = await apiServer(settings, { behind: true });
    const same = await clientOf(again, "dan");
    const outcome = await until("its rows are read", async () => {
      const text = await said(same.act("sendMessage", { userId: "eve", text: "hello" }));
      return ["not yet", SENT].includes(text) ? text : undefined;
    });
    expect(outcome).toBe("not yet");
  });
});
