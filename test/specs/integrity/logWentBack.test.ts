import { copyFile, cp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type Client, clientOf, registered } from "../../support/client.ts";
import { searchIsLive, type Server, startServer } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/*
 * The log of DATA_DIR is older than what was folded from it: a backup was put back, or a disk lost its end. What is served is
 * what the log holds; what comes then is stored and found; and a client that knows more than the log does is told to load all
 * anew.
 */

/** It is the embedded log that goes back here, beside embedded views: folders are copied. */
const EMBEDDED = { EVENTSTORE_URL: "", DATABASE_URL: "" };
// Servers are started and ended many times.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const GROUP = "d:alice~bob";

const reachable = (of: Server) => ({
  get address() {
    return of.url;
  },
  token: (user: string) => of.token(user),
});

const say = (client: Client, text: string) => client.act("sendMessage", { userId: "bob", text });
const texts = async (client: Client): Promise<(string | null)[]> =>
  (await client.messages(GROUP, { last: 100 })).edges.map(({ node }) => node.text);

/** What is acknowledged afterwards is there, and what is not in the log is not. */
async function servesWhatTheLogHolds(of: Server, cursor: string, held: readonly string[]): Promise<void> {
  const alice = await clientOf(reachable(of), "alice");
  expect(await texts(alice)).toEqual(held);
  expect((await alice.conversations()).edges.map(({ node }) => node.lastSeq)).toEqual([held.length]);

  // Of another log it is, before and after the log has grown beyond where it stood.
  expect((await alice.sync(cursor)).resetRequired).toBe(true);
  const carol = await registered(reachable(of), "carol");
  const after = ["new 1", "new 2", "new 3", "new 4", "new 5", "new 6", "new 7", "new 8", "new 9"];
  let last = "";
  for (const text of after) last = (await say(alice, text)).cursor;
  expect(await carol.ask(`{ viewer { user { id handle } } }`)).toEqual({ viewer: { user: { id: "carol", handle: "carol" } } });
  expect(await texts(alice)).toEqual([...held, ...after]);
  expect((await alice.sync(cursor)).resetRequired).toBe(true);
  expect((await alice.sync(last)).resetRequired).toBe(false);

  await searchIsLive(of);
  const found = await alice.ask<{ searchMessages: { edges: { node: { message: { text: string } } }[] } }>(
    `query ($atLeast: Cursor) { searchMessages(query: { text: "lost" }, first: 20, atLeast: $atLeast) { edges { node { message { text } } } } }`,
    { atLeast: last },
  );
  expect(found.searchMessages.edges).toEqual([]);
}

const wasSaid = (of: Server): string[] =>
  of.faults().filter((line) => line.includes("the log is not the one that the views were folded from"));

/** Copies of DATA_DIR, made once: of a server that was killed, and of one that was ended. Both know all up to `cursor`. */
let copies: Awaited<ReturnType<typeof tempDir>>;
const killed = () => join(copies.path, "killed");
const ended = () => join(copies.path, "ended");
/** A backup of the log, after which more was written. */
const backup = () => join(copies.path, "log.sqlite");
let cursor = "";

beforeAll(async () => {
  copies = await tempDir();
  const first = await startServer({ settings: EMBEDDED });
  try {
    const alice = await registered(reachable(first), "alice");
    await registered(reachable(first), "bob");
    await say(alice, "kept 1");
    await say(alice, "kept 2");
    await first.stop();
    await copyFile(join(first.dataDir, "log.sqlite"), backup());
    await first.start();
    for (const text of ["lost 1", "lost 2", "lost 3"]) cursor = (await say(alice, text)).cursor;
    await until("they are folded", async () => (await texts(alice)).length === 5);
    await searchIsLive(first);
    await first.kill();
    await cp(first.dataDir, killed(), { recursive: true });
    await first.start();
    await searchIsLive(first);
    await first.stop();
    await cp(first.dataDir, ended(), { recursive: true });
  } finally {
    await first.remove();
  }
});
afterAll(() => copies?.remove());

/** A folder with what one of the copies holds. */
async function copyOf(folder: string): Promise<string> {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  await cp(folder, path, { recursive: true });
  return path;
}

/** A server on a folder, until the test is over. */
async function serverOn(dataDir: string): Promise<Server> {
  const server = await startServer({ dataDir, settings: EMBEDDED });
  onTestFinished(() => server.remove());
  return server;
}

test("a backup of log.sqlite put back beside newer views and a newer search index", async () => {
  const dataDir = await copyOf(ended());
  await copyFile(backup(), join(dataDir, "log.sqlite"));
  const first = await serverOn(dataDir);
  expect(wasSaid(first)).toHaveLength(1);
  await servesWhatTheLogHolds(first, cursor, ["kept 1", "kept 2"]);
  expect(await readdir(first.dataDir)).toContain("views.aside-1");
  // Once: nothing is set aside at the next start.
  await first.stop();
  await first.start();
  expect(wasSaid(first)).toHaveLength(1);
});

test("the same backup put back once more: cursors of before the first time are of another log, too", async () => {
  const dataDir = await copyOf(ended());
  for (let times = 0; times < 2; times++) {
    await copyFile(backup(), join(dataDir, "log.sqlite"));
    const server = await serverOn(dataDir);
    await servesWhatTheLogHolds(server, cursor, ["kept 1", "kept 2"]);
    await server.stop();
  }
});

test("a write-ahead log that is gone after a kill, that was cut in half, or damaged", async () => {
  const wal = "log.sqlite-wal";
  const bytes = await readFile(join(killed(), wal));
  const damages: Record<string, (dataDir: string) => Promise<void>> = {
    gone: (dataDir) => rm(join(dataDir, wal)),
    halved: (dataDir) => truncate(join(dataDir, wal), Math.floor(bytes.length / 2)),
    damaged: async (dataDir) => {
      const damaged = Buffer.from(bytes);
      damaged.fill(0x5a, damaged.length - 3 * 4_120, damaged.length);
      await writeFile(join(dataDir, wal), damaged);
    },
  };
  for (const [name, damage] of Object.entries(damages)) {
    const dataDir = await copyOf(killed());
    await damage(dataDir);
    const first = await serverOn(dataDir);
    expect(wasSaid(first), name).toHaveLength(1);
    const alice = await clientOf(reachable(first), "alice");
    const held = (await texts(alice)) as string[];
    expect(["kept 1", "kept 2", "lost 1", "lost 2"].slice(0, held.length), name).toEqual(held);
    expect((await alice.sync(cursor)).resetRequired, name).toBe(true);
    expect((await say(alice, "after")).message.seq, name).toBe(held.length + 1);
    await first.stop();
  }
});

test("a log with other events at the same positions", async () => {
  const dataDir = await copyOf(ended());
  const views = join(dataDir, "views");
  await rm(views, { recursive: true });
  await copyFile(backup(), join(dataDir, "log.sqlite"));
  const first = await serverOn(dataDir);
  const alice = await clientOf(reachable(first), "alice");
  for (const text of ["other 1", "other 2", "other 3", "other 4"]) await say(alice, text);
  await first.stop();
  await rm(views, { recursive: true });
  await cp(join(ended(), "views"), views, { recursive: true });
  await first.start();
  expect(wasSaid(first)).toHaveLength(1);
  await servesWhatTheLogHolds(first, cursor, ["kept 1", "kept 2", "other 1", "other 2", "other 3", "other 4"]);
});

test("a log that is taken away, or replaced, under a running server: what is acknowledged is never in a file that nobody finds", async () => {
  const first = await serverOn(await copyOf(ended()));
  const alice = await clientOf(reachable(first), "alice");
  const file = join(first.dataDir, "log.sqlite");
  await rename(file, join(first.dataDir, "moved.sqlite"));
  await copyFile(backup(), file);
  await expect(say(alice, "lost for ever")).rejects.toThrow();
  expect(await first.exited()).toBe(1);
  expect(first.log()).toMatch(/log\.sqlite was removed, or replaced by another file/);
});

test("the same, where nothing is appended: the server finds it out by itself", async () => {
  const first = await serverOn(await copyOf(ended()));
  await rm(join(first.dataDir, "log.sqlite"));
  expect(await first.exited()).toBe(1);
  expect(first.log()).toMatch(/the log went back, or is another one: its file was removed, or replaced/);
});
