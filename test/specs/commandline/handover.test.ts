import { existsSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openedInTurn, readyUnless, watchWanted } from "../../../src/commandline/handover.ts";
import { DataDirHeld } from "../../../src/server/dataDir.ts";
import { madeUp } from "../../support/archives.ts";
import { clientOf } from "../../support/client.ts";
import { embeddedEngine } from "../../support/engines.ts";
import { gate } from "../../support/gate.ts";
import { halfBuilt, isMiddle, LEAST } from "../../support/halfBuilt.ts";
import { runTidings, searchIsLive, type Settings, startServer, startTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/* A server that starts while a command holds DATA_DIR: it says so and waits, and the command hands over. */

const LINES = 6_000;

/** A new folder, with an archive beside DATA_DIR. */
async function folder(lines = LINES): Promise<{ settings: Settings; dataDir: string; archive: string }> {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const archive = join(path, "archive.jsonl");
  await writeFile(
    archive,
    `${madeUp(lines)
      .lines.map((line) => JSON.stringify(line))
      .join("\n")}\n`,
  );
  const dataDir = join(path, "data");
  return { settings: { DATA_DIR: dataDir, ...embeddedEngine.settings }, dataDir, archive };
}

test("a replay that is handed over is gone on with by the server, and the command waits for its end there", async () => {
  const { settings, dataDir, archive } = await folder();
  expect((await runTidings(["import", archive], settings)).code).toBe(0);
  const command = startTidings(["replay", "all"], settings);
  onTestFinished(() => void command.kill());
  await until("it replays", () => command.out().includes("replaying directory"));
  const server = await startServer({ dataDir, settings });
  onTestFinished(() => server.remove());
  const { code, out, err } = await command.ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [, handed] = /a server starts on \S+: it goes on with (\w+)\n/.exec(out) ?? [];
  expect(out).toContain(`replaying ${handed} through the server at ${server.url}\n`);
  expect(out).toMatch(/search is replayed\n$/);
  expect(server.log()).toMatch(/"msg":"another process holds DATA_DIR \S+: waiting up to 60 s for it"/);
  expect(server.faults()).toEqual([]);
  expect(await readdir(dataDir)).not.toContain("wanted");
  await searchIsLive(server);
  expect(await runTidings(["verify", "all"], settings)).toMatchObject({ code: 0, err: "" });
}, 120_000);

test("a server that starts right after a kill in the middle of a replay by the command goes on with it", async () => {
  const { settings: given, dataDir, archive } = await folder(12_000);
  const settings = { ...given, EVENTSTORE_URL: "" };
  expect((await runTidings(["import", archive], settings)).code).toBe(0);
  const killed = async (name: string) => {
    const command = startTidings(["replay", name], settings);
    onTestFinished(() => void command.kill());
    let isOver = false;
    void command.ended.then(() => (isOver = true));
    const share = async () => (await halfBuilt(settings, name))?.share ?? 0;
    await until(`${name} is built in part`, async () => isOver || (await share()) >= LEAST);
    expect((await command.kill()).out).toContain(`replaying ${name} in ${dataDir}\n`);
    const found = await halfBuilt(settings, name);
    return found && isMiddle(found) ? found : undefined;
  };
  // One may be over before it is noticed.
  const found = (await killed("inboxes")) ?? (await killed("timelines")) ?? (await killed("search"));
  expect(found, "what was killed in its middle").toBeDefined();
  const server = await startServer({ dataDir, settings: { ...settings, LOG_LEVEL: "info" } });
  onTestFinished(() => server.remove());
  await until("what is half built is read", () => server.log().includes(`${found?.name} took the place of`), 60_000);
  expect(server.log()).not.toContain("another process holds DATA_DIR");
  expect(server.faults()).toEqual([]);
  await searchIsLive(server);
  expect(await runTidings(["verify", "all"], settings)).toMatchObject({ code: 0, err: "" });
}, 240_000);

test("an import that is handed over goes on through the server: every line is stored once", async () => {
  const { settings, dataDir, archive } = await folder();
  const command = startTidings(["import", archive], settings);
  onTestFinished(() => void command.kill());
  await until("it holds DATA_DIR", () => existsSync(join(dataDir, "log.sqlite")));
  const server = await startServer({ dataDir, settings });
  onTestFinished(() => server.remove());
  const { code, out, err } = await command.ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain(`a server starts on ${dataDir}: the rest goes through it\n`);
  expect(out).toContain(`${LINES} stored, 0 there already, 0 refused\n`);
  const operator = await clientOf({ address: server.url, token: server.token }, "operator", { admin: true });
  expect(await operator.ask("{ admin { projections { name lastError } } }")).toBeDefined();
}, 120_000);

test("a file that was left behind asks for nothing", async () => {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  await writeFile(join(path, "wanted"), "left behind");
  const wanted = watchWanted(path);
  onTestFinished(wanted.end);
  expect(wanted.signal.aborted).toBe(false);
  // Two looks later it still is what it was; then somebody asks.
  let tries = 0;
  const opened = openedInTurn(
    { dataDir: path },
    async () => {
      if (++tries === 1) expect(wanted.signal.aborted).toBe(false);
      if (!wanted.signal.aborted) throw new DataDirHeld(path, "server or command");
      return "opened";
    },
    { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} },
    new AbortController().signal,
  );
  expect(await opened).toBe("opened");
  expect(tries).toBeGreaterThan(1);
  expect(await readdir(path)).toEqual([]);
});

test("what else goes wrong is not waited for, and who is told to end waits no longer", async () => {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };
  const other = new Error("it is damaged");
  const failing = openedInTurn({ dataDir: path }, () => Promise.reject(other), logger, new AbortController().signal);
  await expect(failing).rejects.toBe(other);
  const ending = new AbortController();
  const waiting = openedInTurn(
    { dataDir: path },
    async () => {
      queueMicrotask(() => ending.abort());
      throw new DataDirHeld(path, "server or command");
    },
    logger,
    ending.signal,
  );
  const thrown: unknown = await waiting.catch((error: unknown) => error);
  expect(thrown).toBe(ending.signal.reason);
  expect(await readdir(path)).toEqual([]);
});

test("readyUnless tells which came first", async () => {
  const { passed, open } = gate();
  const asked = new AbortController();
  const first = readyUnless(passed, asked.signal);
  open();
  expect(await first).toBe(true);
  const never = readyUnless(new Promise(() => {}), asked.signal);
  asked.abort();
  expect(await never).toBe(false);
  expect(await readyUnless(passed, asked.signal)).toBe(false);
});
