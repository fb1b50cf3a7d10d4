import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { copierOf, copyWhenAsked, newCopies } from "../../../src/adapters/eventStore/sqlite/copying.ts";
import { logFile } from "../../../src/adapters/eventStore/sqlite/database.ts";
import {
  type SqliteEventStore,
  sqliteEventStore,
  type SqliteEventStoreOptions,
} from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

/* The write-ahead log of the embedded log is copied into the database by a thread of its own, while others append. */

const MB = 1 << 20;
/** The write-ahead log is copied when it has 3,500 pages. */
const LONG = 3_500 * 4_096;

let dataDir: string;
/** What is let go of when the test has ended, however it ends: the last first. */
let cleanups: (() => unknown)[];
beforeEach(async () => {
  const folder = await tempDir();
  dataDir = folder.path;
  cleanups = [folder.remove];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** Whether this user may mount a file system, as root may in most containers. */
const mayMount = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "tidings-may-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "none", folder], { stdio: "ignore" });
    execFileSync("umount", [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
})();

async function open(options: SqliteEventStoreOptions = {}): Promise<Open<SqliteEventStore>> {
  const store = await sqliteEventStore(dataDir, options);
  cleanups.push(() => store.close());
  return store;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
const databaseBytes = (): number => sizeOf(logFile(dataDir));
const walFile = (): string => `${logFile(dataDir)}-wal`;
/** How often the write-ahead log has begun anew, as it says itself: https://www.sqlite.org/fileformat2.html#walformat */
const begun = (): number => readFileSync(walFile()).readUInt32BE(12);

const metadata = { $correlationId: "c", $causationId: "c", actorId: "alice", at: "2024-05-06T07:08:09.123Z", schema: 1 };
const append = (store: SqliteEventStore, text: string) =>
  store.append("s", [{ id: randomUUID(), type: "Said", data: { text }, metadata }], "any");
const LARGE = "x".repeat(100_000);

/** Appends until the write-ahead log has grown so long that it is to be copied. Returns how many events there are. */
async function grow(store: SqliteEventStore): Promise<number> {
  let events = 0;
  while (sizeOf(walFile()) <= LONG + MB) {
    await append(store, LARGE);
    events++;
  }
  return events;
}

/** The thread that copies, which waits at its start until it may. */
function held(): { script: URL; started: () => boolean; release: () => void } {
  const [started, gate] = [join(dataDir, "started"), join(dataDir, "gate")];
  const real = new URL("../../../dist/src/adapters/eventStore/sqlite/copyThread.js", import.meta.url).href;
  const body = `
    import { existsSync, writeFileSync } from "node:fs";
    writeFileSync(${JSON.stringify(started)}, "");
    const timer = setInterval(() => {
      if (!existsSync(${JSON.stringify(gate)})) return;
      clearInterval(timer);
      import(${JSON.stringify(real)});
    }, 5);`;
  const release = (): void => writeFileSync(gate, "");
  cleanups.push(release);
  return { script: script(body), started: () => existsSync(started), release };
}

const script = (body: string): URL => new URL(`data:text/javascript,${encodeURIComponent(body)}`);

it("an append that comes while a copy goes on is answered before that ends; then the write-ahead log begins anew", async () => {
  const copier = held();
  const store = await open({ copier: copier.script });
  await grow(store);
  await until("the copy began", copier.started);
  const { revision } = await append(store, "meanwhile");
  expect((await store.read("s", revision, "forwards", 1))[0]?.data).toEqual({ text: "meanwhile" });
  expect(databaseBytes()).toBeLessThan(MB);
  const before = begun();

  copier.release();
  await until("it was copied", () => databaseBytes() > LONG / 2);
  await until("the write-ahead log begins anew", async () => {
    await append(store, "after");
    return begun() > before;
  });
  expect(sizeOf(walFile())).toBeLessThan(2 * LONG);
});

it("a log that little is written to starts no thread for it", async () => {
  const copier = held();
  const store = await open({ copier: copier.script });
  for (let n = 0; n < 200; n++) await append(store, "short");
  await store.close();
  expect(copier.started()).toBe(false);
});

it("the thread ends when it has rested long, and is started again when it is needed", () => {
  const copies = newCopies();
  let started = 0;
  const copier = copierOf(copies, () => started++);
  for (let round = 1; round <= 2; round++) {
    expect(copier.ask()).toBe(true);
    expect(copier.ask()).toBe(true);
    expect(copier.hasCopied()).toBe(false);
    expect(started).toBe(round);
    let copied = 0;
    copyWhenAsked(copies, () => copied++, 1);
    expect(copied).toBe(1);
    expect([copier.hasCopied(), copier.hasCopied()]).toEqual([true, false]);
  }
});

it.skipIf(!mayMount)(
  "a disk that is full where the file beside the write-ahead log would grow (skipped without the right to mount one)",
  async () => {
    const folder = join(dataDir, "small");
    mkdirSync(folder);
    // There is room for 4,064 pages, and not for 32 KiB more.
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16400k", "none", folder], { stdio: "ignore" });
    cleanups.push(() => execFileSync("umount", ["-l", folder]));
    const fatal: Error[] = [];
    const store = await sqliteEventStore(folder, { onFatal: (error) => fatal.push(error) });
    cleanups.push(() => store.close());
    const faults: unknown[] = [];
    while (faults.length < 3) await append(store, "x".repeat(6_000)).catch((error: unknown) => faults.push(error));
    for (const fault of faults) expect(fault).toMatchObject({ outcome: "nothing" });
    expect(fatal).toEqual([]);
  },
);

it("a log that is closed while a copy goes on waits for it, and leaves one file that holds everything", async () => {
  const copier = held();
  const store = await open({ copier: copier.script });
  const events = await grow(store);
  await until("the copy began", copier.started);
  const closed = store.close();
  copier.release();
  await closed;
  expect(sizeOf(walFile())).toBe(0);
  const db = new DatabaseSync(logFile(dataDir), { readOnly: true, returnArrays: true });
  expect(db.prepare("select count(*) from events").get()).toEqual([events]);
  db.close();
});

it.each([
  ["cannot start", `throw new Error("out of luck")`],
  ["ends by itself", `process.exit(1)`],
])("if the thread %s, the writer copies by itself", async (_, death) => {
  const lost: Error[] = [];
  const fatal: Error[] = [];
  const store = await open({
    copier: script(death),
    onCopierLost: (error) => lost.push(error),
    onFatal: (error) => fatal.push(error),
  });
  await append(store, LARGE);
  const before = begun();
  await until("the write-ahead log begins anew", async () => {
    await append(store, LARGE);
    return begun() > before;
  });
  expect(databaseBytes()).toBeGreaterThan(LONG / 2);
  await until("it is told", () => lost.length > 0);
  expect(lost).toHaveLength(1);
  expect(fatal).toEqual([]);
});

it("while another process reads at one place, appends go on, and the write-ahead log begins anew once it has ended", async () => {
  const store = await open();
  await append(store, "first");
  const reader = new DatabaseSync(logFile(dataDir), { readOnly: true, returnArrays: true });
  reader.exec("begin");
  expect(reader.prepare("select count(*) from events").get()).toEqual([1]);
  for (let n = 0; n < 400; n++) await append(store, LARGE);
  expect(reader.prepare("select count(*) from events").get()).toEqual([1]);
  const before = begun();
  reader.exec("commit");
  reader.close();
  await until("the write-ahead log begins anew", async () => {
    await append(store, LARGE);
    return begun() > before;
  });
});

it.skipIf(process.platform === "win32")(
  "a copy that fails closes the log for writing, and loses nothing acknowledged",
  async () => {
    // The database cannot become so large, and the write-ahead log does not.
    const appending = appendingProcess(64 * 1024);
    expect(await appending.ended).toBe(0);
    const fatal = appending.lines.filter((line) => line.startsWith("fatal "));
    expect(fatal).toEqual([
      expect.stringMatching(
        /the server must be started again: what was stored could not be copied into the database: disk I\/O error \(SQLite \d+/,
      ),
    ]);
    expect(appending.lines.at(-1)).toBe("closed");
    expect(databaseBytes()).toBeGreaterThan(2 * LONG);
    await expectStored(appending.stored);
  },
);

it("a process that is killed in the midst of a copy leaves everything that was acknowledged", async () => {
  const stored: string[] = [];
  for (let round = 0; round < 3; round++) {
    const before = databaseBytes();
    const appending = appendingProcess();
    await until("it is copied", () => appending.stored.length > 0 && databaseBytes() > before + MB);
    await appending.kill();
    stored.push(...appending.stored);
    await expectStored(stored);
  }
});

/** Every one of these events is in the log, and all of the log is sound. */
async function expectStored(ids: readonly string[]): Promise<void> {
  const store = await sqliteEventStore(dataDir);
  try {
    const found = new Set<string>();
    for (let at = store.origin, isTail = false; !isTail;) {
      const page = await store.readAll(at, 200);
      for (const { id } of page.events) found.add(id);
      ({ next: at, isTail } = page);
    }
    expect(ids.filter((id) => !found.has(id))).toEqual([]);
    await store.append("afterwards", [{ id: randomUUID(), type: "Said", data: {}, metadata }], "any");
  } finally {
    await store.close();
  }
}

type Appending = { lines: string[]; stored: string[]; ended: Promise<number | null>; kill: () => Promise<void> };

/** A process that appends long events one after the other; see `appendingProcess.ts`. `limit`: of its files, in KiB. */
function appendingProcess(limit?: number): Appending {
  const program = fileURLToPath(new URL("../../../dist/modules/test/support/appendingProcess.js", import.meta.url));
  const node = [process.execPath, program, dataDir, "1", "20000"];
  const limited = ["bash", "-c", 'ulimit -f "$0"; exec "$@"', String(limit), ...node];
  const [command = "", ...args] = limit === undefined ? node : limited;
  const child: ChildProcess = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const output = child.stdout;
  if (output === null) throw new Error("the process has no output");
  const [lines, stored]: [string[], string[]] = [[], []];
  createInterface(output).on("line", (line) => {
    lines.push(line);
    const [kind, , , id = "", position = ""] = line.split(" ");
    // The last line of a killed process may be cut.
    if (kind === "stored" && position.length === 20) stored.push(id);
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  cleanups.push(kill);
  return { lines, stored, ended, kill };
}
