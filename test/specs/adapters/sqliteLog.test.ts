import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { logFile, openForWriting } from "../../../src/adapters/eventStore/sqlite/database.ts";
import type { GrowthEnd } from "../../../src/adapters/eventStore/sqlite/growth.ts";
import {
  type SqliteEventStore,
  sqliteEventStore,
  type SqliteEventStoreOptions,
} from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "../../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { workerFile } from "../../../src/adapters/workerFile.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { EventStore, NewEvent, Position, RecordedEvent } from "../../../src/ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../../../src/ports/faults.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

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

async function open(options: SqliteEventStoreOptions = {}, folder = dataDir): Promise<Open<SqliteEventStore>> {
  const store = await sqliteEventStore(folder, options);
  cleanups.push(() => store.close());
  return store;
}

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

/** A file system of 6 MB, until the test has ended. */
function mountSmall(options = "rw"): string {
  const folder = join(dataDir, "small");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=6m,${options}`, "none", folder], { stdio: "ignore" });
  // Detached at once, whoever still has a file of it open.
  cleanups.push(() => execFileSync("umount", ["-l", folder]));
  return folder;
}

const metadata = { $correlationId: "c", $causationId: "c", actorId: "alice", at: "2024-05-06T07:08:09.123Z", schema: 1 };
const said = (text: string): NewEvent => ({ id: randomUUID(), type: "Said", data: { text }, metadata });
/** A poll that does not come while a test runs. */
const NEVER_MS = 3_600_000;
const never = (): AbortSignal => new AbortController().signal;
const walBytes = (): number => statSync(`${logFile(dataDir)}-wal`, { throwIfNoEntry: false })?.size ?? 0;

async function everything(store: Pick<EventStore, "origin" | "readAll">): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let at = store.origin; ;) {
    const page = await store.readAll(at, 500);
    events.push(...page.events);
    at = page.next;
    if (page.isTail) return events;
  }
}

const failure = async (work: Promise<unknown>): Promise<Unavailable> => {
  const error: unknown = await work.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Unavailable);
  return error as Unavailable;
};

describe("opening again", () => {
  it("finds the same log, the same positions, and recognises what was appended before", async () => {
    const events = [said("a"), said("b")];
    const first = await open();
    const stored = await first.append("s", events, -1);
    const before = await everything(first);
    await first.close();

    const second = await open();
    expect(second.id).toBe(first.id);
    expect(second.id).toMatch(/^[a-z0-9]{8}$/);
    expect(second.end()).toBe(stored.position);
    expect(await everything(second)).toEqual(before);
    expect(await second.append("s", events, -1)).toEqual({ revision: stored.revision, position: stored.position });
    const next = await second.append("s", [said("c")], 1);
    expect(next.revision).toBe(2);
    expect(next.position > stored.position).toBe(true);
  });

  it("leaves one file that holds everything", async () => {
    const store = await open();
    await store.append("s", [said("a")], -1);
    expect(walBytes()).toBeGreaterThan(0);
    await store.close();
    expect(walBytes()).toBe(0);
  });

  it("waits for the disk at every commit, also in a log that was there before", () => {
    for (const _ of ["new", "again"]) {
      const { db } = openForWriting(dataDir, undefined);
      expect(db.prepare("pragma synchronous").get()).toEqual([2]);
      expect(db.prepare("pragma journal_mode").get()).toEqual(["wal"]);
      db.close();
    }
  });

  it("gives every log an id of its own", async () => {
    const one = await open();
    const other = await open({}, join(dataDir, "other", "folder"));
    expect(other.id).not.toBe(one.id);
  });
});

describe("groups", () => {
  const groups: number[] = [];
  const onGroup = (appends: number): number => groups.push(appends);
  beforeEach(() => void (groups.length = 0));

  it("commit together what is appended in one turn of the event loop", async () => {
    const store = await open({ onGroup });
    await Promise.all(Array.from({ length: 500 }, (_, index) => store.append(`s${index % 7}`, [said("a")], "any")));
    expect(groups).toEqual([500]);
  });

  it("commit together what comes while another group is on its way", async () => {
    const store = await open({ onGroup });
    let left = 2000;
    const appendOn = async (stream: string): Promise<void> => {
      for (let expected = -1; left-- > 0; expected++) await store.append(stream, [said("a")], expected);
    };
    await Promise.all(Array.from({ length: 50 }, (_, index) => appendOn(`s${index}`)));
    expect(groups.reduce((sum, appends) => sum + appends, 0)).toBe(2000);
    expect(groups.length).toBeLessThan(500);
  });

  it("are bounded by number and by size, in order", async () => {
    const store = await open({ onGroup });
    const many = Array.from({ length: 5000 }, () => store.append("many", [said("a")], "any"));
    expect((await Promise.all(many)).map(({ revision }) => revision)).toEqual(many.map((_, index) => index));
    expect(groups.length).toBeGreaterThan(1);
    groups.length = 0;
    await Promise.all(Array.from({ length: 5 }, () => store.append("large", [said("x".repeat(2_000_000))], "any")));
    expect(groups).toEqual([2, 2, 1]);
  });

  it("arrive as they were, one after the other, whatever is in them", async () => {
    const store = await open({ onGroup });
    // The last ones are longer than what is given in shared memory, or in a group of more appends than it has room for.
    const texts = ["", "a", "\u0000 \ud800 \u2028", "héllo 你好 👋🏽", "x".repeat(300_000), "你".repeat(90_000), "after"];
    for (const [index, text] of texts.entries())
      expect((await store.append("töne 你", [said(text)], index - 1)).revision).toBe(index);
    await Promise.all(Array.from({ length: 1_500 }, () => store.append("many", [said("a")], "any")));
    await store.append("two", [said("a"), said("b")], "any");
    await expect(store.append("töne 你", [said("late")], 0)).rejects.toBeInstanceOf(WrongExpectedRevision);
    const kept = await store.read("töne 你", 0, "forwards", 100);
    expect(kept.map(({ data }) => (data as { text: string }).text)).toEqual(texts);
    expect(groups).toEqual([...texts.map(() => 1), 1_500, 1, 1]);
    expect(await everything(store)).toHaveLength(texts.length + 1_500 + 2);
  });

  it("decide appends to one stream one after the other", async () => {
    const store = await open({ onGroup });
    const [a, b, c] = [said("a"), said("b"), said("c")];
    const results = await Promise.allSettled([
      store.append("s", [a], -1),
      store.append("s", [b], -1),
      store.append("s", [b], 0),
      store.append("s", [a], -1),
      store.append("s", [a, b], -1),
      store.append("s", [a, b, c], -1),
      store.append("s", [c], "any"),
    ]);
    expect(groups).toEqual([7]);
    expect(
      results.map((result) => (result.status === "fulfilled" ? result.value.revision : (result.reason as Error).message)),
    ).toEqual([0, "stream s is at revision 0, not -1", 1, 0, 1, "stream s is at revision 1, not -1", 2]);
  });
});

describe("closing", () => {
  it("stores what was appended before, refuses what comes after, and can be asked for twice", async () => {
    const store = await open();
    const before = Array.from({ length: 3000 }, (_, index) => store.append(`s${index}`, [said("a")], -1));
    const closed = store.close();
    const late = failure(store.append("late", [said("a")], -1));
    expect(await late).toMatchObject({ outcome: "nothing", message: "the log is closed" });
    await Promise.all(before);
    await closed;
    await store.close();
    expect(await failure(store.append("later", [said("a")], -1))).toMatchObject({ outcome: "nothing" });
    const again = await open();
    expect(await everything(again)).toHaveLength(3000);
  });

  it("wakes those who wait for a change, who then see that it is closed", async () => {
    const store = await open();
    const waiting = failure(store.changed(store.origin, never()));
    await store.close();
    expect((await waiting).message).toBe("the log is closed");
    expect(() => store.end()).toThrow(Unavailable);
  });
});

describe("readers in other threads and processes", () => {
  /** Follows the log in a thread; gives the ids that it has found so far, in order. */
  async function tail(
    options: { pollMs?: number; restless?: boolean },
    told?: GrowthEnd,
  ): Promise<{ ids: string[]; stop: () => Promise<void> }> {
    const thread = new Worker(distOf("tailThread"), {
      workerData: { dataDir, told, ...options },
      transferList: told ? [told.port] : [],
    });
    const ids: string[] = [];
    let ready = false;
    const left = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
    thread.on("message", (message: "ready" | string[]) => {
      if (message === "ready") ready = true;
      else ids.push(...message);
    });
    const stop = (): Promise<void> => {
      thread.postMessage("stop");
      return left;
    };
    cleanups.push(stop);
    await until("the thread follows", () => ready);
    return { ids, stop };
  }

  it("are told of what is appended, without a poll", async () => {
    const store = await open();
    const { ids, stop } = await tail({ pollMs: NEVER_MS }, store.told());
    const events = Array.from({ length: 200 }, () => said("a"));
    for (const [index, event] of events.entries()) {
      await store.append("s", [event], index - 1);
      if (index % 20 === 0) await until("it was seen", () => ids.length === index + 1);
    }
    await until("all were seen", () => ids.length === events.length);
    expect(ids).toEqual(events.map(({ id }) => id));
    await stop();
  });

  it("are told in the thread that appends, too", async () => {
    const store = await open({ pollMs: NEVER_MS });
    for (let expected = -1; expected < 50; expected++) {
      const changed = store.changed(await store.end(), never());
      await store.append("s", [said("a")], expected);
      await changed;
    }
  });

  it("find by polling what they were not told of: another process appends", async () => {
    const store = await open({ pollMs: 10 });
    const { ids } = await tail({ pollMs: 10 });
    const appending = appendingProcess(4);
    await until("something was stored", () => appending.stored.length > 0);
    await store.changed(store.origin, never());
    await until("the thread saw it", () => ids.length > 0);
    await appending.kill();
  });

  it("do not keep the write-ahead log from beginning anew", async () => {
    const store = await open();
    const readers = [await tail({ restless: true }), await tail({ restless: true })];
    let largest = 0;
    for (let group = 0; group < 50; group++) {
      await Promise.all(Array.from({ length: 30 }, () => store.append(`s${group}`, [said("x".repeat(100_000))], "any")));
      largest = Math.max(largest, walBytes());
    }
    for (const { stop } of readers) await stop();
    // 150 MB were written.
    expect(largest).toBeLessThan(100_000_000);
  });

  it("say so where there is no log yet", () => {
    expect(() => sqliteLogReader(dataDir)).toThrow(/there is no log at .*log\.sqlite/);
    writeFileSync(logFile(dataDir), "");
    expect(() => sqliteLogReader(dataDir)).toThrow(/is empty/);
  });

  it("see the end as soon as it was acknowledged", async () => {
    const store = await open();
    const reader = sqliteLogReader(dataDir);
    for (let index = 0; index < 50; index++) {
      const { position } = await store.append("s", [said("a")], index - 1);
      expect(reader.end()).toBe(position);
    }
    expect(reader.id).toBe(store.id);
    expect(await reader.read("s", 10, "forwards", 5)).toEqual(await store.read("s", 10, "forwards", 5));
    await reader.close();
    await reader.close();
    expect(() => reader.end()).toThrow("the log is closed");
  });
});

describe("two writers of one log", () => {
  it("never rest on what they remember of each other's streams", async () => {
    const one = await open();
    const other = await open();
    for (let round = 0; round < 10; round++) {
      expect((await one.append("s", [said("one")], round * 2 - 1)).revision).toBe(round * 2);
      expect((await other.append("s", [said("other")], round * 2)).revision).toBe(round * 2 + 1);
      await expect(one.append("s", [said("late")], round * 2)).rejects.toThrow(WrongExpectedRevision);
      await other.append(`only-${round}`, [said("a")], -1);
      await one.append(`only-${round}`, [said("b")], 0);
    }
    const events = await everything(one);
    expect(events).toHaveLength(40);
    expect(await everything(other)).toEqual(events);
  });

  it("wait for one another, and say so where the wait is too long", async () => {
    const store = await open();
    const shell = new DatabaseSync(logFile(dataDir));
    shell.exec("begin immediate");
    const error = await failure(store.append("s", [said("a")], -1));
    expect(error).toMatchObject({ outcome: "nothing", message: expect.stringContaining("locked") as string });
    shell.exec("rollback");
    shell.close();
    expect((await store.append("s", [said("a")], -1)).revision).toBe(0);
  });
});

describe("a process that is killed", () => {
  it("leaves every append that was acknowledged, once, and none by half", async () => {
    const acknowledged: Stored[] = [];
    let logId: string | undefined;
    for (let round = 0; round < 5; round++) {
      const appending = appendingProcess(round % 2 === 0 ? 32 : 3);
      await until("some were acknowledged", () => appending.stored.length >= 200 + round * 37);
      await appending.kill();
      acknowledged.push(...appending.stored);

      const store = await sqliteEventStore(dataDir);
      logId ??= store.id;
      expect(store.id).toBe(logId);
      // What is there now is on the disk, whatever the process had not come to.
      expect(walBytes()).toBe(0);
      expectWhole(await everything(store), acknowledged);
      await store.close();
    }
  });
});

describe("a full disk", () => {
  it("refuses the whole group, keeps what was there, and goes on", async () => {
    const fatal: Error[] = [];
    const limited = await open({ maxPages: 40, onFatal: (error) => fatal.push(error) });
    const first = await limited.append("s", [said("a")], -1);
    const large = said("x".repeat(200_000));
    const group = await Promise.allSettled([
      limited.append("s", [said("b")], 0),
      limited.append("new", [said("n")], -1),
      limited.append("large", [large], -1),
    ]);
    for (const result of group) {
      expect(result).toMatchObject({ status: "rejected", reason: { name: "Unavailable", outcome: "nothing" } });
      const { message } = (result as PromiseRejectedResult).reason as Error;
      expect(message).toMatch(/the disk of the log .* is full: nothing was stored, free space and send again/);
    }
    expect(limited.end()).toBe(first.position);
    expect(await limited.read("new", 0, "forwards", 1)).toEqual([]);
    // What is remembered of the streams was rolled back too.
    expect((await limited.append("s", [said("b")], 0)).revision).toBe(1);
    expect((await limited.append("new", [said("n")], -1)).revision).toBe(0);
    expect(fatal).toEqual([]);
    await limited.close();

    const unlimited = await open();
    expect((await unlimited.append("large", [large], -1)).revision).toBe(0);
    expect((await everything(unlimited)).map(({ stream, revision }) => `${stream} ${revision}`)).toEqual([
      "s 0",
      "s 1",
      "new 0",
      "large 0",
    ]);
  });

  it.skipIf(!mayMount)("goes on once there is room (skipped without the right to mount a small file system)", async () => {
    const folder = mountSmall();
    const fatal: Error[] = [];
    const ballast = join(folder, "ballast");
    writeFileSync(ballast, Buffer.alloc(3 * 1024 * 1024));
    const store = await open({ onFatal: (error) => fatal.push(error) }, folder);
    const acknowledged: { stream: string; revision: number; id: string; position: Position }[] = [];
    const fill = async (stream: string): Promise<Unavailable> => {
      for (let expected = (await store.read(stream, Number.MAX_SAFE_INTEGER, "backwards", 1))[0]?.revision ?? -1; ; expected++) {
        const event = said("x".repeat(5000));
        try {
          acknowledged.push({ stream, id: event.id, ...(await store.append(stream, [event], expected)) });
        } catch (error) {
          return error as Unavailable;
        }
      }
    };
    for (let round = 0; round < 3; round++) {
      for (const error of await Promise.all(["a", "b", "c"].map(fill))) {
        expect(error).toMatchObject({
          name: "Unavailable",
          outcome: "nothing",
          message: expect.stringContaining("is full") as string,
        });
      }
      if (round === 0) truncateSync(ballast, 1024 * 1024);
      if (round === 1) rmSync(ballast);
    }
    expect(fatal).toEqual([]);
    expectWhole(await everything(store), acknowledged, 1);
    await store.close();
    const again = await open({}, folder);
    expectWhole(await everything(again), acknowledged, 1);
  });
});

describe("a failed write", () => {
  it.skipIf(process.platform === "win32")(
    "leaves the group unknown, closes the log for writing, and loses nothing acknowledged",
    async () => {
      // A file may not grow beyond a megabyte: writing fails with an error that is not a full disk.
      const appending = appendingProcess(8, 1024);
      const ended = await appending.ended;
      expect(ended).toBe(0);
      const failed = appending.lines.filter((line) => line.startsWith("failed "));
      const fatal = appending.lines.filter((line) => line.startsWith("fatal "));
      expect(appending.stored.length).toBeGreaterThan(10);
      expect(failed.some((line) => line.startsWith("failed unknown "))).toBe(true);
      expect(failed.at(-1)).toMatch(
        /^failed nothing the log is closed for writing after an error, and the server must be started again: .*SQLite \d+/,
      );
      expect(fatal).toHaveLength(1);
      expect(appending.lines.at(-1)).toBe("closed");

      const store = await open();
      expectWhole(await everything(store), appending.stored);
      expect((await store.append("afterwards", [said("a")], -1)).revision).toBe(0);
    },
  );
});

describe("a writer thread that dies", () => {
  const script = (body: string): URL =>
    new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from "node:worker_threads"; ${body}`)}`);

  it.each([
    ["by an error", `throw new Error("out of luck")`, "out of luck"],
    ["by itself", `process.exit(3)`, "ended by itself"],
  ])("%s leaves its group unknown and the rest unstored, and says so once", async (_, death, reason) => {
    await (await sqliteEventStore(dataDir)).close();
    const fatal: Error[] = [];
    const worker = script(`parentPort.on("message", () => { ${death} }); parentPort.postMessage({ kind: "opened" });`);
    const store = await open({ worker, onFatal: (error) => fatal.push(error) });
    const large = said("x".repeat(5_000_000));
    const [inFlight, queued] = await Promise.all([
      failure(store.append("s", [large], -1)),
      failure(store.append("t", [said("a")], -1)),
    ]);
    expect(inFlight).toMatchObject({ outcome: "unknown", message: expect.stringContaining(reason) as string });
    expect(queued).toMatchObject({ outcome: "nothing" });
    expect(await failure(store.append("u", [said("a")], -1))).toMatchObject({ outcome: "nothing" });
    expect(fatal.map(({ message }) => message)).toEqual([expect.stringContaining(reason) as string]);
    expect(store.end()).toBe(store.origin);
    await store.close();
  });

  it("before it has opened the log is a failed start", async () => {
    const fatal: Error[] = [];
    const opening = sqliteEventStore(dataDir, { worker: script(`process.exit(0)`), onFatal: (error) => fatal.push(error) });
    expect((await failure(opening)).message).toContain("did not start");
    expect(fatal).toEqual([]);
  });
});

describe("a log that cannot be opened", () => {
  const refusal = async (folder = dataDir): Promise<string> => {
    const fatal: Error[] = [];
    const { message } = await failure(sqliteEventStore(folder, { onFatal: (error) => fatal.push(error) }));
    expect(fatal).toEqual([]);
    return message;
  };

  it("because the folder cannot be made", async () => {
    const file = join(dataDir, "file");
    writeFileSync(file, "");
    expect(await refusal(join(file, "folder"))).toMatch(
      /^DATA_DIR .* cannot be created: make it a folder that this user can write to/,
    );
    expect(await refusal(file)).toMatch(/^DATA_DIR .* cannot be created/);
  });

  it("because the file is no file", async () => {
    mkdirSync(logFile(dataDir));
    expect(await refusal()).toMatch(
      /log\.sqlite cannot be opened for writing: the folder, this file .* must be writable by this user/,
    );
  });

  it("because the file is no database", async () => {
    writeFileSync(logFile(dataDir), "This is a text, and no database.\n".repeat(1000));
    expect(await refusal()).toMatch(/log\.sqlite is not a database: move it away, or put a backup in its place/);
  });

  it("because the file is damaged", async () => {
    const store = await sqliteEventStore(dataDir);
    for (let expected = -1; expected < 20; expected++) await store.append("s", [said("x".repeat(5000))], expected);
    await store.close();
    truncateSync(logFile(dataDir), 4096);
    expect(await refusal()).toMatch(/log\.sqlite is damaged: put a backup in its place/);
  });

  it("because the database is another program's, which is left as it was", async () => {
    const other = new DatabaseSync(logFile(dataDir));
    other.exec("create table orders (id integer)");
    other.close();
    expect(await refusal()).toMatch(
      /log\.sqlite is a database of another program: move it away, or set DATA_DIR to another folder/,
    );
    const again = new DatabaseSync(logFile(dataDir));
    expect(again.prepare("pragma journal_mode").get()).toMatchObject({ journal_mode: "delete" });
    again.close();
  });

  it("because a newer version wrote it", async () => {
    await (await sqliteEventStore(dataDir)).close();
    const newer = new DatabaseSync(logFile(dataDir));
    newer.exec("pragma user_version = 3");
    newer.close();
    expect(await refusal()).toMatch(
      /written by a newer version of Tidings \(its schema is 3, this version knows 2\): start that version/,
    );
    expect(() => sqliteLogReader(dataDir)).toThrow(/newer version/);
  });

  it.skipIf(!mayMount)("because the file system is read-only (skipped without the right to mount one)", async () => {
    const folder = mountSmall("ro");
    expect(await refusal(folder)).toMatch(/must be writable by this user/);
    expect(await refusal(join(folder, "below"))).toMatch(/^DATA_DIR .* cannot be created/);
  });
});

describe("names", () => {
  it.each(["a\0b", "half \ud83d"])("that the database would change are refused: %j", async (name) => {
    const store = await open();
    await expect(store.append(name, [said("a")], -1)).rejects.toThrow(TypeError);
    await expect(store.append("s", [{ ...said("a"), type: name }], -1)).rejects.toThrow(TypeError);
    expect(store.end()).toBe(store.origin);
  });

  it("and data that is no JSON, or too large, are refused", async () => {
    const store = await open();
    await expect(store.append("s", [{ ...said("a"), data: undefined }], -1)).rejects.toThrow("plain JSON");
    await expect(store.append("s", [said("x".repeat(17 * 1024 * 1024))], -1)).rejects.toThrow(RangeError);
    expect(store.end()).toBe(store.origin);
  });
});

describe("the file of a worker thread", () => {
  it("is where that of its caller is, and in the build of one that was not built", () => {
    const path = "adapters/x/worker";
    const built = "file:///usr/src/tidings/dist/src/adapters/x/worker.js";
    expect(workerFile("file:///usr/src/tidings/dist/src/main.js", path).href).toBe(built);
    expect(workerFile("file:///usr/src/tidings/dist/src/chunks/y-1a2b3c.js", path).href).toBe(built);
    expect(workerFile("file:///usr/src/tidings/src/adapters/x/y.ts", path).href).toBe(built);
    expect(workerFile("file:///srv/dist/modules/src/adapters/x/y.js", path).href).toBe(
      "file:///srv/dist/modules/src/adapters/x/worker.js",
    );
  });
});

type Stored = { stream: string; revision: number; id: string; position: Position };

/** Every acknowledged append is there once, where it was said to be; streams have no gaps; appends of `size` events are whole. */
function expectWhole(events: readonly RecordedEvent[], acknowledged: readonly Stored[], size = 2): void {
  const byId = new Map(events.map((event) => [event.id, event]));
  expect(byId.size).toBe(events.length);
  const found = acknowledged.map(({ id }) => byId.get(id));
  expect(found.map((event) => event && { stream: event.stream, revision: event.revision, position: event.position })).toEqual(
    acknowledged.map(({ stream, revision, position }) => ({ stream, revision, position })),
  );
  const lengths = new Map<string, number>();
  for (const { stream, revision } of events) {
    expect(revision).toBe(lengths.get(stream) ?? 0);
    lengths.set(stream, revision + 1);
  }
  for (const length of lengths.values()) expect(length % size).toBe(0);
}

const distOf = (name: string): string => fileURLToPath(new URL(`../../../dist/modules/test/support/${name}.js`, import.meta.url));

type Appending = {
  lines: string[];
  stored: Stored[];
  ended: Promise<number | null>;
  kill: () => Promise<void>;
};

/** A process that appends to the log; see `appendingProcess.ts`. `limit`: the size that its files may reach, in KiB. */
function appendingProcess(inFlight: number, limit?: number): Appending {
  const node = [process.execPath, distOf("appendingProcess"), dataDir, String(inFlight)];
  const limited = ["bash", "-c", 'ulimit -f "$0"; exec "$@"', String(limit), ...node];
  const [command = "", ...args] = limit === undefined ? node : limited;
  const child: ChildProcess = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const stored: Stored[] = [];
  const output = child.stdout;
  if (output === null) throw new Error("the process has no output");
  createInterface(output).on("line", (line) => {
    lines.push(line);
    const [kind, stream = "", revision, id = "", position = ""] = line.split(" ");
    // The last line of a killed process may be cut.
    if (kind === "stored" && position.length === 20) stored.push({ stream, revision: Number(revision), id, position });
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
  };
  cleanups.push(kill);
  return { lines, stored, ended, kill };
}
