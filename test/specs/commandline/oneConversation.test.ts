import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { inboxes } from "../../../projections/inboxes.ts";
import { timelines } from "../../../projections/timelines.ts";
import type { ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import { viewOf } from "../../../src/projecting/generations/store.ts";
import { type Projection, seqKey } from "../../../src/projecting/projection.ts";
import { type Client, clientOf } from "../../support/client.ts";
import { runTidings, type Server, type Settings, startServer } from "../../support/server.ts";
import { withViews } from "../../support/serverViews.ts";
import { tempDir } from "../../support/tempDir.ts";

/*
 * `replay NAME --conversation ID`: rows that were damaged while nobody had the store open, put right directly and through a
 * running server. Another conversation is damaged in the same way, and is not touched.
 */

let folder: Awaited<ReturnType<typeof tempDir>>;
let dataDir: string;
let settings: Settings;
let server: Server | undefined;
/** Two groups of ann and bob, with three messages each. */
let one: string;
let other: string;

const run = (...args: string[]) => runTidings(args, settings);
const serve = async (): Promise<Server> => (server = await startServer({ dataDir, settings }));
const client = (user: string): Promise<Client> => {
  const { url = "", token = () => Promise.reject(new Error("no server")) } = server ?? {};
  return clientOf({ address: url, token }, user);
};
const stop = async (): Promise<void> => {
  const running = server;
  server = undefined;
  if (running) expect(await running.stop()).toBe(0);
};
const textsIn = async (reader: Client, id: string): Promise<(string | null)[]> =>
  (await reader.messages(id, { first: 10 })).edges.map(({ node }) => node.text);
const seqsIn = async (reader: Client, id: string, from: number): Promise<number[]> => {
  const seqs: number[] = [];
  for (let after: string | undefined; ;) {
    const { edges, pageInfo } = await reader.messages(id, { first: 100, ...(after === undefined ? {} : { after }) });
    seqs.push(...edges.map(({ node }) => node.seq));
    if (!pageInfo.hasNextPage || pageInfo.endCursor == null) break;
    after = pageInfo.endCursor;
  }
  return seqs.filter((seq) => seq >= from).sort((one, other) => one - other);
};
const SAID = ["one", "two", "three"];

beforeAll(async () => {
  folder = await tempDir();
  dataDir = join(folder.path, "data");
  settings = { DATA_DIR: dataDir };
  await serve();
  const [ann, bob] = [await client("ann"), await client("bob")];
  for (const each of [ann, bob]) await each.act("register", { handle: each.id, name: each.id });
  const group = async (title: string) => {
    const { id } = (await ann.act("createConversation", { kind: "GROUP", title, memberIds: ["bob"] })).conversation;
    for (const text of SAID) await ann.act("sendMessage", { conversationId: id, text });
    return id;
  };
  [one, other] = [await group("one"), await group("other")];
  await bob.sync(null, { atLeast: (await ann.act("markRead", { conversationId: one, seq: 1 })).cursor });
  await stop();
});
afterEach(stop);
afterAll(() => folder.remove());

/** Changes, deletes and adds a row of each of these conversations, in two views. */
const damage = (...conversations: string[]): Promise<void> =>
  withViews(settings, async (store) => {
    const [inbox, timeline] = [await activeOf(store, inboxes), await activeOf(store, timelines)];
    for (const partition of conversations) {
      const table = `${timeline}/messages`;
      const first = (await store.get(table, partition, seqKey(1))) as object;
      const told = await store.range(`${inbox}/entries`, "bob", { limit: 1_000 });
      const entry = told.find(({ value }) => (value as { conversation?: string }).conversation === partition);
      await store.commit([
        { op: "put", table, partition, sort: seqKey(1), value: { ...first, text: "damaged" } },
        { op: "del", table, partition, sort: seqKey(2) },
        { op: "put", table, partition, sort: seqKey(9), value: { ...first, seq: 9 } },
        { op: "del", table: `${inbox}/entries`, partition: "bob", sort: entry?.sort ?? "" },
      ] satisfies Write[]);
    }
  });

async function activeOf(store: ViewStore, projection: Projection): Promise<string> {
  const found = (await viewGenerations(store).list(viewOf(projection))).find(({ active }) => active);
  if (!found) throw new Error(`${projection.name} is not read`);
  return found.name;
}

const differences = async (name: string): Promise<string | undefined> =>
  (await run("verify", name)).out.match(/^\w+: (\d+) differences$/m)?.[1];

describe("the rows of one conversation", () => {
  test("are put right where no server runs, and those of another stay as they are", { timeout: 120_000 }, async () => {
    await damage(one, other);
    expect([await differences("timelines"), await differences("inboxes")]).toEqual(["6", "2"]);
    const { code, out, err } = await run("replay", "timelines", "--conversation", one);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`replaying ${one} in timelines in ${dataDir}\n`);
    expect(out).toContain(`${one} in timelines is replayed\n`);
    expect([await differences("timelines"), await differences("inboxes")]).toEqual(["3", "2"]);
    expect((await run("replay", "all", "--conversation", one)).code).toBe(0);
    expect((await run("replay", "all", "--conversation", other)).code).toBe(0);
    expect([await differences("timelines"), await differences("inboxes")]).toEqual(["0", "0"]);
  });

  test("are put right through a running server, while people go on", { timeout: 120_000 }, async () => {
    await damage(one);
    await serve();
    const [ann, bob] = [await client("ann"), await client("bob")];
    expect(await textsIn(bob, one)).toEqual(["damaged", "three"]);
    const inbox = bob.inbox((await bob.conversations({ first: 1 })).cursor);
    let count = 0;
    let isOver = false;
    const writing = (async () => {
      for (; !isOver; count++) await ann.act("sendMessage", { conversationId: other, text: `meanwhile ${count}` });
    })();
    const { code, out, err } = await run("replay", "all", "--conversation", one);
    isOver = true;
    await writing;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`replaying ${one} in timelines through the server at ${server?.url}`);
    expect(await textsIn(bob, one)).toEqual(SAID);
    const { message } = await ann.act("sendMessage", { conversationId: other, text: "the last" });
    await inbox.until("all that was sent meanwhile", (entry) => "message" in entry && entry.message?.seq === message.seq);
    // What his inbox lacked lies before what he was told: he is told once to load everything again, and nothing twice.
    const seqsOf = (entries: typeof inbox.entries) =>
      entries.flatMap((entry) => ("message" in entry && entry.message ? [entry.message.seq] : []));
    const reset = inbox.entries.findIndex(({ __typename }) => __typename === "InboxReset");
    expect(inbox.entries.filter(({ __typename }) => __typename === "InboxReset")).toHaveLength(1);
    const [before, after] = [seqsOf(inbox.entries.slice(0, reset)), seqsOf(inbox.entries.slice(reset))];
    const first = message.seq - count;
    expect(before).toEqual(Array.from(before, (_, index) => first + index));
    expect(after).toEqual(Array.from(after, (_, index) => message.seq + 1 - after.length + index));
    expect((before.at(-1) ?? 0) < (after[0] ?? 0), "nothing is told twice").toBe(true);
    expect(await seqsIn(bob, other, first)).toEqual(Array.from({ length: count + 1 }, (_, index) => first + index));
    await inbox.close();
    await stop();
    expect([await differences("timelines"), await differences("inboxes")]).toEqual(["0", "0"]);
  });

  test.each([
    [["timelines", "--conversation", "g:nobody-made"], /there is no conversation g:nobody-made/],
    [["timelines", "--conversation", "room"], /room is no conversation: a conversation's id is g:/],
    [["timelines", "--conversation", "d:bob~ann"], /d:bob~ann is no conversation/],
    [
      ["devices", "--conversation", "g:any"],
      /devices holds nothing of one conversation: leave --conversation out, or give one of /,
    ],
    [["search", "--conversation", "g:any"], /search is replayed only as a whole: leave --conversation out/],
    [["nothing", "--conversation", "g:any"], /there is no projection nothing/],
  ])("cannot be replayed with %j", async (args, said) => {
    const { code, err } = await run("replay", ...args);
    expect(code).toBe(1);
    expect(err).toMatch(said);
  });
});
