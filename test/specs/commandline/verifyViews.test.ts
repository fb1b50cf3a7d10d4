import { join } from "node:path";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { readConfig } from "../../../src/config.ts";
import type { StoredRow, ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { viewOf } from "../../../src/projecting/generations/store.ts";
import { viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import type { Projection } from "../../../src/projecting/projection.ts";
import { openLog } from "../../../src/server/log.ts";
import { everyViewsPast, record } from "../../support/everyView.ts";
import { deviceAdded, GROUP, preferencesChanged, sent } from "../../support/happened.ts";
import { logSettings } from "../../support/logSettings.ts";
import { runTidings, type Server, startServer } from "../../support/server.ts";
import { withViews } from "../../support/serverViews.ts";
import { tempDir } from "../../support/tempDir.ts";

/*
 * The views of a DATA_DIR, damaged while nobody has them open: in each of them one row has another value, one is gone, and one is
 * there that nothing made. `verify` finds them, directly and through a running server; `replay` puts them right.
 */

let folder: Awaited<ReturnType<typeof tempDir>>;
let settings: Record<string, string>;
let server: Server | undefined;

const run = (...args: string[]) => runTidings(args, settings, { withinMs: 120_000 });

beforeAll(async () => {
  folder = await tempDir();
  settings = logSettings({ DATA_DIR: join(folder.path, "data") }) as Record<string, string>;
  const log = await openLog(readConfig(settings), pino({ level: "silent" }), () => undefined, undefined);
  await record(log, [...everyViewsPast, ...MORE]);
  await log.close();
  // It folds them.
  await serve();
  await stop();
});

/** So that each view has some rows: the server lets expire what has to. */
const MORE = [
  deviceAdded("cay"),
  preferencesChanged("cay", { muted: true }),
  { ...sent("ann", { clientMutationId: "10", expiresAfterSeconds: 86_400 }), at: new Date().toISOString() },
];

const serve = async (): Promise<Server> => (server = await startServer({ dataDir: settings["DATA_DIR"] ?? "", settings }));
const stop = async (): Promise<void> => {
  const running = server;
  server = undefined;
  if (running) expect(await running.stop()).toBe(0);
};
afterEach(stop);
afterAll(() => folder.remove());

const DAMAGES = [
  "has another value in a fold of the log",
  "is missing in the view",
  "is in the view, and a fold of the log does not have it",
] as const;

type Damage = { name: string; said: string };

/** Damages views. Gives what is to be said of each damage. `conversation`: the one whose rows are damaged. Default: any. */
const damage = (views: readonly Projection[], conversation?: string): Promise<Damage[]> =>
  withViews(settings, async (store) => {
    const all: Damage[] = [];
    for (const view of views) {
      const { generation, rows } = await rowsOf(store, view, conversation);
      const [changed, gone, like] = [rows[0], rows[1], rows[rows.length - 1]];
      if (!changed || !gone || !like) throw new Error(`${view.name} has too few rows`);
      const added: StoredRow = { ...like, sort: `${like.sort}~` };
      const at = ({ table, partition, sort }: StoredRow) => ({ table: `${generation}/${table}`, partition, sort });
      await store.commit([
        { op: "put", ...at(changed), value: { corrupted: true } },
        { op: "del", ...at(gone) },
        { op: "put", ...at(added), value: JSON.parse(like.text) as unknown },
      ] satisfies Write[]);
      for (const [index, { table, partition, sort }] of [changed, gone, added].entries())
        all.push({ name: view.name, said: `${JSON.stringify([table, partition, sort])} ${DAMAGES[index]}` });
    }
    return all;
  });

/** The rows of the generation that is read. */
async function rowsOf(
  store: ViewStore,
  view: Projection,
  conversation: string | undefined,
): Promise<{ generation: string; rows: StoredRow[] }> {
  const read = (await viewGenerations(store).list(viewOf(view))).find(({ active }) => active);
  if (!read) throw new Error(`${view.name} is not read`);
  const snapshot = await store.snapshot();
  const rows = await snapshot.rows(read.name, undefined, 10_000);
  await snapshot.close();
  const isMeant = (row: StoredRow): boolean =>
    conversation === undefined || view.conversationOf?.({ ...row, value: JSON.parse(row.text) as unknown }) === conversation;
  return { generation: read.name, rows: rows.filter(isMeant) };
}

/** As a log line has it. */
const inLog = (text: string): string => JSON.stringify(text).slice(1, -1);

const named = (...names: string[]): Projection[] => viewProjections.filter(({ name }) => names.includes(name));
const SOME = named("timelines", "relations", "inboxes", "readMarks");

describe("what is damaged in the views", () => {
  test(
    "is found by verify in every one of them, each row by its name, and a replay puts it right",
    { timeout: 120_000 },
    async () => {
      const damages = await damage(viewProjections);
      const { code, out, err } = await run("verify", "all");
      expect(code).toBe(1);
      for (const { name } of viewProjections) expect(out).toContain(`\n${name}: 3 differences\n`);
      expect(out).toMatch(/^log: \d+ events, 0 faults\n/);
      const lines = err.split("\n");
      for (const { name, said } of damages) {
        const line = lines.find((each) => each.includes(`"${inLog(said)}"`) && each.includes(`the view ${name} differs`));
        expect(line, said).toBeDefined();
      }
      // Search is compared with the views, so it may differ from those that are damaged.
      expect(err.match(/"the view \w+ differs/g)).toHaveLength(damages.length);

      expect(await run("replay", "all")).toMatchObject({ code: 0, err: "" });
      expect(await run("verify", "all")).toMatchObject({ code: 0, err: "" });
    },
  );

  test("is found and put right through a running server, too", { timeout: 120_000 }, async () => {
    const damages = await damage(SOME);
    const own = await serve();
    const one = await run("verify", "relations");
    expect({ code: one.code, err: one.err }).toEqual({ code: 1, err: "" });
    expect(one.out).toContain(`verifying relations through the server at ${own.url}\n`);
    expect(one.out).toContain("\nrelations: 3 differences\n");
    const all = await run("verify", "all");
    expect(all.code).toBe(1);
    for (const view of viewProjections) expect(all.out).toContain(`\n${view.name}: ${SOME.includes(view) ? 3 : 0} differences\n`);
    for (const { said } of damages) expect(own.log()).toContain(inLog(said));
    for (const { name } of SOME) expect(await run("replay", name)).toMatchObject({ code: 0, err: "" });
    expect(await run("verify", "all")).toMatchObject({ code: 0, err: "" });
  });

  test("in the rows of one conversation is put right in place", { timeout: 120_000 }, async () => {
    for (const { name, said } of await damage(named("relations", "readMarks"), GROUP)) expect(said, name).toContain(GROUP);
    expect(await run("replay", "relations", "--conversation", GROUP)).toMatchObject({ code: 0, err: "" });
    expect(await run("verify", "relations")).toMatchObject({ code: 0, err: "" });
    expect(await run("replay", "readMarks", "--conversation", GROUP)).toMatchObject({ code: 0, err: "" });
    expect(await run("verify", "readMarks")).toMatchObject({ code: 0, err: "" });
  });
});
