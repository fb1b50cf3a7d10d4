import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ClientOptions, Message, TextStorage } from "../../src/client/index.ts";
import { UnreadTotal } from "../../src/client/operations.ts";
import { textStorage } from "../../src/client/storage.ts";
import { apiServer, type ApiServer } from "../support/apiServer.ts";
import { until } from "../support/until.ts";
import { lineTo } from "./support/line.ts";
import { agrees, clientOf, live, registered } from "./support/people.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A text, and how often it was written. Writes overlap nowhere. */
function text(): TextStorage & { text: string | undefined; writes: number } {
  let isWriting = false;
  return {
    text: undefined,
    writes: 0,
    async read() {
      return this.text;
    },
    async write(now) {
      expect(isWriting).toBe(false);
      isWriting = true;
      await new Promise((resolve) => setImmediate(resolve));
      isWriting = false;
      this.text = now;
      this.writes += 1;
    },
  };
}

it("keeps all in one text: the list, messages, drafts, what is on its way and the place from which it goes on", async () => {
  const ann = await registered(server, "ann");
  const bob = await registered(server, "bob");
  const direct = "d:ann~bob";
  await bob.do("sendMessage", { userId: "ann", text: "one" });
  await using line = await lineTo(server.address);
  const storage = text();
  const asked: string[] = [];
  const counted: ClientOptions["fetch"] = (url, init) => {
    asked.push(/(query|mutation) (\w+)/.exec((JSON.parse(init?.body as string) as { query: string }).query)?.[2] ?? "");
    return fetch(url, init);
  };
  const open = () => clientOf(server, ann.id, { address: line.address, storage, fetch: counted });

  const first = open();
  await live(first);
  const handle = first.conversation(direct);
  await until("it is shown", () => handle.messages.get().items.length === 1);
  line.cut();
  handle.setDraft("half a word");
  for (const said of ["two", "three"]) first.send(direct, said);
  await first.close();
  expect(storage.writes).toBeGreaterThan(0);

  const second = open();
  const again = second.conversation(direct);
  const texts = () =>
    again.messages
      .get()
      .items.map((item) => (item.type === "gap" ? "…" : item.type === "message" ? item.text : item.content.text));
  await until("what was kept is shown without a network", () => texts().join() === "one,two,three");
  expect(second.conversations.get().items.map(({ id }) => id)).toEqual([direct]);
  expect(again.draft.get()).toBe("half a word");
  asked.length = 0;
  line.mend();
  second.reconnect();
  await until("all is sent", () => again.messages.get().items.every(({ type }) => type === "message") && texts().length === 3);
  await agrees(ann, second, [direct]);
  expect(texts()).toEqual(["one", "two", "three"]);
  expect(asked.filter((name) => name === "Start")).toEqual([]);
  const { writes } = storage;
  for (let number = 0; number < 20; number++) again.setDraft(`${number}`);
  await second.close();
  expect(storage.writes - writes).toBeLessThan(20);

  const other = clientOf(server, bob.id, { storage });
  await live(other);
  expect(other.conversation(direct).draft.get()).toBe("");
  await other.close();
  expect(storage.text).not.toContain("half a word");
  expect(JSON.parse(storage.text ?? "")).toMatchObject({ outbox: [], drafts: [] });
});

it("leaves a text alone that it cannot read, and keeps nothing then", async () => {
  const cat = await registered(server, "cat");
  const dan = await registered(server, "dan");
  const reported = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const storage = Object.assign(text(), { text: "{ half" });
  const client = clientOf(server, cat.id, { storage });
  await live(client);
  client.send(`d:${cat.id}~${dan.id}`, "Hello");
  await until("it is sent", () => client.outbox.get().length === 0);
  await client.close();
  expect(storage.text).toBe("{ half");
  expect(reported).toHaveBeenCalledOnce();
  reported.mockRestore();
});

it("is told once that it cannot be written, until it can again, and has all then", async () => {
  const place = text();
  const report = vi.fn();
  const write = place.write.bind(place);
  place.write = () => Promise.reject(new Error("there is no room"));
  const storage = await textStorage(place, report);
  expect(await storage.draft("d:1", "one")).toBe(false);
  expect(await storage.draft("d:2", "two")).toBe(false);
  expect(report).toHaveBeenCalledOnce();
  place.write = write;
  expect(await storage.draft("d:3", "three")).toBe(true);
  await storage.close();
  const { drafts } = await (await textStorage(place, report)).load();
  expect([...drafts.values()]).toEqual(["one", "two", "three"]);
});

it("does without a place that never answers, and ends nevertheless", async () => {
  const place = text();
  const report = vi.fn();
  const storage = await textStorage(place, report);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    place.write = () => new Promise(() => undefined);
    const kept = Promise.all([storage.outgoing("1", undefined), storage.draft("d:1", "one")]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await kept).toEqual([false, false]);
    const closed = storage.close();
    await vi.advanceTimersByTimeAsync(5_000);
    await closed;
  } finally {
    vi.useRealTimers();
  }
  expect(report).toHaveBeenCalledOnce();
});

it("tells of each message once, in order, also of those that were missed, and after it began anew", async () => {
  const [eve, fay] = await Promise.all([registered(server, "eve"), registered(server, "fay")]);
  const say = (said: string) => fay.do("sendMessage", { userId: eve.id, text: said });
  const { cursor } = await say("before");
  await eve.ask(UnreadTotal, { atLeast: cursor });
  await using line = await lineTo(server.address);
  const storage = text();
  const told: string[] = [];
  const open = () => {
    const client = clientOf(server, eve.id, { address: line.address, storage });
    client.onMessage(({ conversationId, seq, text: said }: Message) => void told.push(`${conversationId} ${seq} ${said}`));
    return client;
  };
  const first = open();
  await live(first);
  const end = first.onMessage(() => void told.push("again"));
  await say("live");
  await until("both are told", () => told.length === 2);
  expect(told).toEqual(["d:eve~fay 2 live", "again"]);
  end();
  line.cut();
  await say("missed");
  line.mend();
  first.reconnect();
  await until("it is told", () => told.length === 3);
  await eve.do("sendMessage", { userId: fay.id, text: "own", clientMutationId: randomUUID() });
  await until("one's own is told", () => told.length === 4);
  await first.close();
  await say("while away");
  const second = open();
  await until("it is told", () => told.length === 5);
  expect(told.slice(2)).toEqual(["d:eve~fay 3 missed", "d:eve~fay 4 own", "d:eve~fay 5 while away"]);
  await second.close();
});
