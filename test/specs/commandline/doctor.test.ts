import { createHash, randomUUID } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { search } from "../../../projections/search/search.ts";
import { doctor } from "../../../src/commandline/doctor.ts";
import { announce } from "../../../src/commandline/runningServer.ts";
import { openLog } from "../../../src/server/log.ts";
import { readConfig } from "../../../src/config.ts";
import type { Position } from "../../../src/ports/eventStore.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { registeredAll } from "../../support/client.ts";
import { logSettings } from "../../support/logSettings.ts";
import { runTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/*
 * `tidings doctor` on one DATA_DIR, with a server and without, before and after an event that no projection can handle. How full
 * the disk of this machine is says nothing here, unless a test sets what should be free.
 */

const PROJECTIONS = [...viewProjections, search].map(({ name }) => name);
// With Redis there would be others, who do not have the files of this one: a doubt.
const CALM = { DISK_FREE_BYTES: "0", REDIS_URL: "" };

let folder: Awaited<ReturnType<typeof tempDir>>;
let dataDir: string;
let server: ApiServer | undefined;

beforeAll(async () => {
  folder = await tempDir();
  dataDir = join(folder.path, "data");
});
afterAll(async () => {
  await server?.stop();
  await folder.remove();
});

/** A server of this process that the command finds, once all of it has started. */
async function serve(settings: Record<string, string> = {}): Promise<ApiServer> {
  const own = await apiServer({ ...CALM, ...settings, DATA_DIR: dataDir });
  server = own;
  await announce(dataDir, { pid: process.pid, url: own.address, instance: own.instance });
  await rest(own);
  return own;
}

const rest = (own: ApiServer, at: Position = "") =>
  until("nothing is behind", async () => {
    const found = await own.tidings.operations.projections();
    const parts = await own.tidings.operations.components();
    if (!parts.every(({ reachable }) => reachable)) return false;
    return found.every(({ state, lag, cursor }) => state === "LIVE" && lag === 0 && cursor >= at);
  });

const run = async (settings: Record<string, string> = {}) => {
  const out: string[] = [];
  const error: string[] = [];
  const terminal = { out: (text: string) => void out.push(text), error: (text: string) => void error.push(text), bar: false };
  const environment = logSettings({ ...CALM, ...settings, DATA_DIR: dataDir });
  const code = await doctor(() => readConfig(environment), terminal);
  return { code, out: out.join("\n"), error: error.join("\n") };
};

/** Every file below a directory with its size, its time and what is in it. */
async function filesOf(directory: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A reader of SQLite notes in shared memory where it reads, and may make that file anew.
    if (/-(?:shm|wal)$/.test(path)) continue;
    const hash = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    files.push(`${path} ${(await stat(path)).mtimeMs} ${hash}`);
  }
  return files.sort();
}

/** Parks an event: there never was such a message. */
async function park(own: ApiServer): Promise<void> {
  const broken = {
    id: randomUUID(),
    type: "MessageRecalled",
    data: { conversationId: "d:ann~bob", nothing: "of \u001b[31mwhat it should be" },
    metadata: { $correlationId: "c", $causationId: "c", actorId: "ann", at: new Date().toISOString(), schema: 1 },
  };
  const { position } = await own.tidings.log.append("annotation-d:ann~bob:1", [broken], "any");
  await rest(own, position);
  // It is warned of, as it should be.
  own.logged.length = 0;
}

describe("doctor", () => {
  it("says what is missing where there is nothing, and makes nothing", async () => {
    const { code, out } = await run({ EVENTSTORE_URL: "" });
    expect(code).toBe(2);
    expect(out).toMatch(/FAULT +log +there is no log at/);
    await expect(stat(dataDir)).rejects.toThrow("ENOENT");
  });

  it("finds a server well", async () => {
    const own = await serve();
    const [ann] = await registeredAll(own, "ann", "bob");
    const { cursor } = await ann.act("sendMessage", { userId: "bob", text: "hello" });
    await rest(own, cursor);
    const { code, out, error } = await run();
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain(`asked of the server at ${own.address}`);
    expect(out).toMatch(/All is well\.$/);
    for (const name of PROJECTIONS) expect(out).toMatch(new RegExp(`^${name} +live +0 +0 +${name}@\\d+#1`, "m"));
    for (const part of ["log", "views", "search", "signals", "processes", "files", "disk"])
      expect(out).toMatch(new RegExp(`^${part} `, "m"));
  });

  it("finds a server well that has just started", async () => {
    await server?.stop();
    const own = await apiServer({ ...CALM, DATA_DIR: dataDir });
    server = own;
    // So long a start waits, before it says where it serves.
    await own.tidings.search.begun;
    await announce(dataDir, { pid: process.pid, url: own.address, instance: own.instance });
    const { code, out, error } = await run();
    expect({ code, error }, out).toEqual({ code: 0, error: "" });
  });

  it("tells the server's settings that look wrong, not its own", async () => {
    await server?.stop();
    await serve({ INBOX_TTL: "0", INBOX_MAX: "0" });
    const { code, out } = await run({ FANOUT_LIMIT: "10000" });
    expect(code).toBe(1);
    expect(out).toMatch(/WARNING +INBOX_MAX .*grow without end/);
    expect(out).not.toContain("FANOUT_LIMIT");
    expect(out).toMatch(/0 faults, 1 warnings$/);
  });

  it("finds what the server left, and changes not a byte of it", async () => {
    await server?.stop();
    server = undefined;
    const before = await filesOf(dataDir);
    const { code, out, error } = await run();
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toContain(`no server runs on ${dataDir}`);
    for (const name of PROJECTIONS) expect(out).toMatch(new RegExp(`^${name} +no server +0 +0 +${name}@\\d+#1`, "m"));
    // The size of the one generation of search is that of the index.
    expect(out).toMatch(/^search +no server .*@\d+#1 +\d[\d.]* \w+$/m);
    expect(await filesOf(dataDir)).toEqual(before);
  });

  it("warns of settings that look wrong, without a server", async () => {
    const { code, out } = await run({ FANOUT_LIMIT: "10000" });
    expect(code).toBe(1);
    expect(out).toMatch(/WARNING +FANOUT_LIMIT .*above GROUP_MEMBERS_MAX/);
  });

  it("says that a disk is nearly full, with a server and without", async () => {
    const full = { DISK_FREE_BYTES: String(2 ** 50) };
    const alone = await run(full);
    expect(alone.code).toBe(2);
    expect(alone.out).toMatch(/FAULT +DATA_DIR +its disk has .* free of/);
    await serve(full);
    const asked = await run();
    expect(asked.code).toBe(2);
    expect(asked.out).toMatch(/FAULT +DATA_DIR +its disk has .* free of/);
  });

  it("names a parked event and how far its projection is, with a server and without", async () => {
    await server?.stop();
    const own = await serve();
    await park(own);
    const asked = await run();
    expect(asked.code).toBe(2);
    expect(asked.out).toMatch(/^parked events.*\n +\S+ +MessageRecalled +parked 20/m);
    expect(asked.out).toMatch(/FAULT +search +events are parked.*\(1 in all\)/);
    // What users wrote does not reach the terminal.
    expect(asked.out).not.toMatch(/\u001b/);
    await own.stop();
    server = undefined;
    const alone = await run();
    expect(alone.code).toBe(2);
    const parkedIn = (out: string) => [...out.matchAll(/^ +\w+ +MessageRecalled +parked .*$/gm)].map(([line]) => line);
    expect(parkedIn(alone.out)).toEqual(parkedIn(asked.out));
    expect(parkedIn(alone.out)).not.toEqual([]);
  });

  it("warns of projections that are far behind, without a server and with one", async () => {
    const config = readConfig(logSettings({ ...CALM, DATA_DIR: dataDir }));
    const log = await openLog(config, pino({ level: "silent" }), () => undefined, undefined);
    const metadata = { $correlationId: "c", $causationId: "c", actorId: "ann", at: new Date().toISOString(), schema: 1 };
    const nothing = () => ({ id: randomUUID(), type: "NothingChanged", data: {}, metadata });
    await log.append("reader-ann~d:ann~bob", Array.from({ length: 600 }, nothing), "any");
    await log.close();
    const alone = await run();
    expect(alone.out).toMatch(/WARNING +timelines +it is \d{3} events behind the log/);
    expect(alone.out).toMatch(/^timelines +no server +6\d\d /m);

    const own = await serve();
    const { operations } = own.tidings;
    const { projections } = operations;
    operations.projections = async () => (await projections()).map((each) => ({ ...each, lag: "more" }));
    const asked = await run();
    expect(asked.out).toMatch(/WARNING +timelines +it is more than 5000 events behind the log/);
    await own.stop();
    server = undefined;
  });

  it("says what is wrong with the settings, and that it cannot look", async () => {
    const { code, out, error } = await run({ FANOUT_LIMIT: "many", NODE_ENV: "production" });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toMatch(/FANOUT_LIMIT must be a whole number/);
    expect(error).toMatch(/AUTH_SECRET or AUTH_JWKS_URL must be set/);
  });

  it("says that a server which accepts others' tokens alone needs one", async () => {
    const own = await serve();
    const { code, error } = await run({
      AUTH_JWKS_URL: "https://id.example.org/keys",
      AUTH_ISSUER: "https://id.example.org",
      AUTH_AUDIENCE: "tidings",
    });
    expect(code).toBe(2);
    expect(error).toContain("--token");
    await own.stop();
    server = undefined;
  });

  it("ends with its exit code as a command", async () => {
    const { code, out, err } = await runTidings(["doctor"], { ...CALM, DATA_DIR: dataDir });
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(out).toMatch(/FAULT +\w+ +events are parked/);
  });
});
