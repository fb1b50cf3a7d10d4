import { DatabaseSync } from "@photostructure/sqlite";
import { open, readdir, truncate } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { searchFile } from "../../../src/adapters/searchIndex/sqlite/database.ts";
import { type Client, clientOf, registered } from "../../support/client.ts";
import { Refused } from "../../support/http.ts";
import { runTidings, searchIsLive, type Server, startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";

/*
 * A search index whose file is damaged, by whatever: it is set aside and built anew from the log, with a server that starts and
 * with one that runs; that is said once, and /ready tells it.
 */

const MESSAGES = 300;
const PATIENCE_MS = 60_000;

let server: Server;
/** Wherever it listens now. */
const reachable = {
  get address(): string {
    return server.url;
  },
  token: (user: string) => server.token(user),
};
let ann: Client;

beforeAll(async () => {
  server = await startServer({ settings: { ELASTICSEARCH_URL: "" } });
  ann = await registered(reachable, "ann");
  const { conversation } = await ann.act("createConversation", { kind: "GROUP", title: "all of it" });
  const input = (nth: number) => ({ conversationId: conversation.id, text: `message ${nth} ${"of some length ".repeat(20)}` });
  for (let nth = 0; nth < MESSAGES; nth++) await ann.act("sendMessage", input(nth));
  await searchIsLive(server);
}, 240_000);
afterAll(() => server?.remove());

const count = async (): Promise<number | string> =>
  (await clientOf(reachable, "ann"))
    .ask<{ searchMessages: { totalCount: number; edges: object[] } }>(
      '{ searchMessages(query: { text: "length" }, first: 100) { totalCount edges { node { message { text } } } } }',
    )
    .then(
      ({ searchMessages }) => searchMessages.totalCount,
      (error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        return "refused";
      },
    );

const isWhole = () => until("all is found again", async () => (await count()) === MESSAGES, PATIENCE_MS);
const aside = async (): Promise<string[]> =>
  (await readdir(server.dataDir)).filter((name) => name.includes("damaged") && !name.endsWith("-wal")).sort();
const timesSaid = (): number => server.log().split("the search index is damaged: it was moved").length - 1;

/** Moves what stands in the file beside it into the file itself: else that might hold every page that is damaged. */
function whole(): void {
  const db = new DatabaseSync(searchFile(server.dataDir));
  db.exec("pragma wal_checkpoint(truncate)");
  db.close();
}

/** Rubbish over pages, from a byte on, where the file is. */
async function scribble(from: number, pages = Number.POSITIVE_INFINITY, file = searchFile(server.dataDir)): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const { size } = await handle.stat();
    await handle.write(Buffer.alloc(Math.max(0, Math.min(size - from, pages * 4_096)), 0xa5), 0, undefined, from);
  } finally {
    await handle.close();
  }
}

const DAMAGES: [string, () => Promise<void>][] = [
  ["its header is overwritten", () => scribble(0, 1)],
  ["its pages are overwritten", () => scribble(4_096)],
  ["it is cut off in the middle", async () => truncate(searchFile(server.dataDir), 40_960)],
  [
    "a table is gone",
    async () => {
      const db = new DatabaseSync(searchFile(server.dataDir));
      const names = db.prepare("select name from sqlite_schema where name like 'documents%' and type = 'table'").all();
      for (const { name } of names as { name: string }[]) db.exec(`drop table ${name}`);
      db.close();
    },
  ],
  [
    "it has tables of its own kind that nobody knows",
    async () => {
      const db = new DatabaseSync(searchFile(server.dataDir));
      db.exec("drop table generations; create table generations (x)");
      db.close();
    },
  ],
];

describe("a search index is built anew", () => {
  test.each(DAMAGES)("where %s before a start", { timeout: 2 * PATIENCE_MS }, async (_, damage) => {
    await server.stop();
    const [before, said] = [await aside(), timesSaid()];
    whole();
    await damage();
    await server.start();
    await isWhole();
    await searchIsLive(server);
    expect(timesSaid() - said).toBe(1);
    const after = await aside();
    expect(after.length).toBe(Math.min(2, before.length + 1));
    expect(after.at(-1)).not.toBe(before.at(-1));
    await until("search says that it is ready", async () => {
      const { components } = (await server.readiness()).body;
      return components["search"]?.ready === true;
    });
  });

  test("where the file is empty before a start", { timeout: PATIENCE_MS }, async () => {
    await server.stop();
    await truncate(searchFile(server.dataDir), 0);
    await server.start();
    await isWhole();
  });

  test("where it is overwritten under a server that runs, which goes on", { timeout: 3 * PATIENCE_MS }, async () => {
    const said = timesSaid();
    expect(await count()).toBe(MESSAGES);
    await scribble(0);
    // What was written last is not in the file itself yet.
    await scribble(32, undefined, `${searchFile(server.dataDir)}-wal`);
    // What is kept in memory may serve for a while.
    await until(
      "it is noticed",
      async () => {
        await count();
        await ann.act("updateProfile", { name: `Ann ${Math.random()}` });
        return timesSaid() > said;
      },
      PATIENCE_MS,
    );
    await isWhole();
    await searchIsLive(server);
    expect(timesSaid() - said).toBe(1);
    expect((await aside()).length).toBeGreaterThan(0);
    const { code, out } = await runTidings(["replay", "search"], server.environment, { withinMs: PATIENCE_MS });
    expect({ code, last: out.trim().split("\n").at(-1) }).toEqual({ code: 0, last: "search is replayed" });
    expect(await count()).toBe(MESSAGES);
  });

  test("by a command without a server, too", { timeout: 2 * PATIENCE_MS }, async () => {
    await server.stop();
    await scribble(0, 1);
    const { code, out, err } = await runTidings(["replay", "search"], server.environment, { withinMs: PATIENCE_MS });
    expect(code, out + err).toBe(0);
    expect((await runTidings(["verify", "search"], server.environment, { withinMs: PATIENCE_MS })).out).toContain(
      "0 differences",
    );
    await server.start();
    await isWhole();
  });
});
