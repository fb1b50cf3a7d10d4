import { ClassicLevel } from "classic-level";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type LevelViewStore,
  levelViewStore,
  sharedLevelViewStore,
} from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import { ViewStoreCorrupt, ViewStoreLocked } from "../../../src/adapters/viewStore/level/open.ts";
import { CheckpointMoved, Unavailable } from "../../../src/ports/faults.ts";
import type { ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

const fixture = (name: string) => new URL(`../../fixtures/${name}`, import.meta.url);
const GENERATION = "spec@1#1";
const TABLE = `${GENERATION}/t`;

let folder: Awaited<ReturnType<typeof tempDir>>;
let directory: string;
const cleanups: (() => Promise<unknown> | void)[] = [];
beforeEach(async () => {
  folder = await tempDir();
  directory = join(folder.path, "views");
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await folder.remove();
});

async function open(
  ...options: Parameters<typeof levelViewStore> extends [string, ...infer Rest] ? Rest : never
): Promise<LevelViewStore> {
  const store = await levelViewStore(directory, ...options);
  cleanups.push(() => store.close());
  return store;
}

async function share(store: LevelViewStore) {
  const shared = await sharedLevelViewStore(store.share());
  cleanups.push(() => shared.close());
  return shared;
}

const put = (partition: string, sort: string, value: unknown = sort): Write => ({
  op: "put",
  table: TABLE,
  partition,
  sort,
  value,
});
const move = (from: string | null, to: string) => [{ of: [GENERATION], from, to }];

async function checkpointOf(store: ViewStore, generation = GENERATION) {
  return (await store.checkpoint(generation))?.position ?? null;
}

describe("threads", () => {
  async function startThread(store: LevelViewStore) {
    const port = store.share();
    const progress = new SharedArrayBuffer(4);
    const worker = new Worker(fixture("levelThread.mjs"), { workerData: { port, progress }, transferList: [port] });
    cleanups.push(() => worker.terminate());
    const messages: { kind: string; name?: string; message?: string }[] = [];
    worker.on("message", (message: (typeof messages)[number]) => messages.push(message));
    worker.on("error", (error: Error) => messages.push({ kind: "failed", message: error.message }));
    const next = async () => {
      await until("the thread answers", () => messages.length > 0);
      return messages.shift();
    };
    expect(await next()).toEqual({ kind: "done" });
    return { worker, next, done: new Int32Array(progress), post: (message: object) => worker.postMessage(message) };
  }

  it.each([
    ["nothing", {}],
    ["rows and ranges", { kept: { rows: ["threads/t"], ranges: ["threads/t"], bytes: 1_048_576 } }],
  ])("see at once what another has committed, and never half of it, with %s kept at hand", async (_, kept) => {
    const store = await open({ tuning: { writeBufferSize: 300_000 }, ...kept });
    const { next, done, post } = await startThread(store);
    const table = "threads@1#1/t";
    const keys = Array.from({ length: 10 }, (_, i) => ({ table, partition: `u${i}`, sort: "s" }));
    const COMMITS = 2_000;
    post({ kind: "go", commits: COMMITS });

    let reads = 0;
    for (let seen = 0; seen < COMMITS; reads++) {
      seen = Atomics.load(done, 0);
      const value = store.get(table, "u7", "s") as { n: number } | undefined;
      expect(value?.n ?? 0).toBeGreaterThanOrEqual(seen);

      const reverse = reads % 2 === 0;
      const together = (await store.range(table, "together", { limit: 10, reverse })).map(
        (row) => (row.value as { n: number }).n,
      );
      expect([0, 10]).toContain(together.length);
      expect(new Set(together).size).toBeLessThanOrEqual(1);
      expect(together[0] ?? 0).toBeGreaterThanOrEqual(seen);

      const each = (await store.getMany(keys)).map((row) => (row as { n: number } | undefined)?.n ?? 0);
      expect(new Set(each).size).toBe(1);
      expect(each[0]).toBeGreaterThanOrEqual(seen);

      const [newest] = await store.range(table, "each", { limit: 1, reverse: true });
      expect(Number(newest?.sort ?? 0)).toBeGreaterThanOrEqual(seen);
    }
    expect(reads).toBeGreaterThan(10);
    expect(await next()).toEqual({ kind: "done" });
    expect(await checkpointOf(store, "threads@1#1")).toBe(`log.${COMMITS}`);
    post({ kind: "close" });
    await next();
    expect(store.get(table, "u0", "s")).toMatchObject({ n: COMMITS });
  });

  it("let go before the one that opened it closes it", async () => {
    const store = await open({ tuning: { writeBufferSize: 100_000 } });
    const { next, post } = await startThread(store);
    post({ kind: "forever" });
    expect(await next()).toEqual({ kind: "begun" });
    await until("something was committed", () => store.get("threads@1#1/t", "u0", "s"));
    await store.close();
    expect(await next()).toMatchObject({ kind: "failed", name: "Unavailable" });
    post({ kind: "read" });
    expect(await next()).toMatchObject({ kind: "failed", name: "Unavailable" });

    const again = await open();
    const [newest] = await again.range("threads@1#1/t", "each", { limit: 1, reverse: true });
    expect(await checkpointOf(again, "threads@1#1")).toBe(`log.${Number(newest?.sort)}`);
  });

  it("may come and go while the one that opened it goes on", async () => {
    const store = await open({ tuning: { writeBufferSize: 100_000 } });
    for (let round = 0; round < 3; round++) {
      const { worker, next, post } = await startThread(store);
      post({ kind: "read" });
      expect(await next()).toEqual({ kind: "done" });
      // One leaves as it should, one is ended.
      if (round === 1) await worker.terminate();
      else {
        post({ kind: "close" });
        await next();
      }
      for (let i = 0; i < 20; i++) await store.commit([put("p", `${round}-${i}`, "x".repeat(20_000))]);
      expect(await store.range(TABLE, "p", { limit: 1_000 })).toHaveLength(20 * (round + 1));
    }
  });

  it("take turns where they move the same checkpoint", async () => {
    const store = await open();
    const others = [store, await share(store), await share(store)];
    for (let round = 0; round < 50; round++) {
      const from = round === 0 ? null : `log.${round - 1}`;
      const outcomes = await Promise.allSettled(
        others.map((other, i) => other.commit([put(`${round}`, `${i}`)], move(from, `log.${round}`))),
      );
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await store.range(TABLE, `${round}`, { limit: 9 })).toHaveLength(1);
    }
  });

  it("do not rest on where they left a checkpoint once another has moved or deleted it", async () => {
    const store = await open();
    const other = await share(store);
    await store.commit([], move(null, "log.1"));
    await store.commit([], move("log.1", "log.2"));
    await other.commit([], move("log.2", "log.3"));
    await expect(store.commit([put("p", "late")], move("log.2", "log.3"))).rejects.toThrow(CheckpointMoved);
    // It knows better now.
    await store.commit([], move("log.3", "log.4"));
    await other.drop(GENERATION);
    await expect(store.commit([put("p", "late")], move("log.4", "log.5"))).rejects.toThrow(CheckpointMoved);
    // A commit of other rows, at the same time, tells nothing about checkpoints.
    await Promise.all([store.commit([put("p", "beside")]), other.commit([], move(null, "log.6"))]);
    await expect(store.commit([put("p", "late")], move("log.4", "log.5"))).rejects.toThrow(CheckpointMoved);
    expect(await store.range(TABLE, "p", { limit: 9 })).toEqual([{ sort: "beside", value: "beside" }]);
    expect(await checkpointOf(store)).toBe("log.6");
  });
});

describe("a failed write", () => {
  /** The next batch reports an error, though it may be written. */
  function failNextWrite(stored: boolean) {
    const original = ClassicLevel.prototype.batch as (
      this: unknown,
      ...args: unknown[]
    ) => { write(): Promise<void>; close(): Promise<void> };
    vi.spyOn(ClassicLevel.prototype, "batch").mockImplementationOnce(function (this: unknown, ...args: unknown[]) {
      const batch = original.apply(this, args);
      const write = batch.write.bind(batch);
      batch.write = async () => {
        if (stored) await write();
        else await batch.close();
        throw Object.assign(new Error("IO error: 000005.log: Input/output error"), { code: "LEVEL_IO_ERROR" });
      };
      return batch as never;
    });
  }

  const opened = () => vi.spyOn(ClassicLevel.prototype, "open");

  it("has an unknown outcome, and nothing more is written before the store is opened anew by every thread", async () => {
    const store = await open();
    const shared = await share(store);
    for (const [writer, other] of [
      [store, shared],
      [shared, store],
    ] as const) {
      await writer.commit([put("p", "before")]);
      failNextWrite(false);
      await expect(writer.commit([put("p", "failed")])).rejects.toMatchObject({ name: "Unavailable", outcome: "unknown" });
      expect(await writer.get(TABLE, "p", "before")).toBe("before");
      const opens = opened();
      await other.commit([put("p", "other")]);
      // Alone, to make sure that nobody has it; the owner; the share.
      expect(opens).toHaveBeenCalledTimes(3);
      await writer.commit([put("p", "after")]);
      expect(opens).toHaveBeenCalledTimes(3);
      vi.restoreAllMocks();
      for (const reader of [store, shared]) {
        expect((await reader.range(TABLE, "p", { limit: 9 })).map(({ sort }) => sort)).toEqual(["after", "before", "other"]);
      }
      await writer.drop(GENERATION);
    }
  });

  it("is no conflict where the very same call is made again", async () => {
    const store = await open();
    await store.commit([put("p", "1")], move(null, "log.1"));
    for (const [n, stored] of [true, false].entries()) {
      const [from, to] = [`log.${n + 1}`, `log.${n + 2}`];
      failNextWrite(stored);
      const again = () => store.commit([put("p", to)], move(from, to));
      await expect(again()).rejects.toMatchObject({ outcome: "unknown" });
      await again();
      expect(await checkpointOf(store)).toBe(to);
      expect(await store.get(TABLE, "p", to)).toBe(to);
      await expect(again()).rejects.toThrow(CheckpointMoved);
    }
  });

  it("that was stored is no other runner to who goes on from the old checkpoint: it is told to look again", async () => {
    const store = await open();
    failNextWrite(true);
    await expect(store.commit([put("p", "1")], move(null, "log.1"))).rejects.toThrow(Unavailable);
    const another = () => store.commit([put("p", "2")], move(null, "log.2"));
    await expect(another()).rejects.toMatchObject({ name: "Unavailable", outcome: "nothing" });
    await expect(another()).rejects.toThrow(CheckpointMoved);
    expect(await checkpointOf(store)).toBe("log.1");
  });

  it("keeps reads waiting while the store is opened anew, no longer", async () => {
    const store = await open();
    const shared = await share(store);
    await store.commit([put("p", "1")]);
    failNextWrite(false);
    await expect(shared.commit([put("p", "2")])).rejects.toThrow(Unavailable);
    let going = true;
    const readers = [store, shared].map(async (reader) => {
      let reads = 0;
      for (; going; reads++) {
        expect(await reader.get(TABLE, "p", "1")).toBe("1");
        expect(await reader.range(TABLE, "p", { limit: 1 })).toHaveLength(1);
      }
      return reads;
    });
    await shared.commit([put("p", "2")]);
    going = false;
    for (const reads of await Promise.all(readers)) expect(reads).toBeGreaterThan(0);
    expect(await store.get(TABLE, "p", "2")).toBe("2");
  });
});

describe("a full disk", () => {
  function mounted(disk: string): boolean {
    try {
      execFileSync("mkdir", ["-p", disk]);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }

  it("makes commits fail and reads go on, and heals without a restart once there is room", async ({ skip }) => {
    const disk = join(folder.path, "disk");
    if (!mounted(disk)) {
      console.warn("SKIPPED: a full disk cannot be tried out where no tmpfs may be mounted");
      skip();
    }
    cleanups.push(() => void execFileSync("umount", [disk]));
    directory = join(disk, "views");
    const store = await open({ tuning: { writeBufferSize: 1 << 20 } });
    const writer = await share(store);
    const ballast = join(disk, "ballast");
    await writeFile(ballast, Buffer.alloc(8 << 20));

    let done = 0;
    const commit = async () => {
      const n = done + 1;
      const noise = Array.from({ length: 100 }, () => Math.random().toString(36)).join("");
      const key = String(n).padStart(8, "0");
      await writer.commit(
        Array.from({ length: 10 }, (_, i) => put(`u${i}`, key, noise)),
        move(done === 0 ? null : `log.${done}`, `log.${n}`),
      );
      done = n;
    };
    const agrees = async (reader: ViewStore) => {
      expect(await checkpointOf(reader)).toBe(`log.${done}`);
      for (let i = 0; i < 10; i++) {
        expect(await reader.range(TABLE, `u${i}`, { limit: 100_000 })).toHaveLength(done);
      }
    };

    for (let round = 0; round < 2; round++) {
      const fault: unknown = await (async () => {
        for (;;) await commit();
      })().catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(Unavailable);
      for (let i = 0; i < 5; i++) await expect(commit()).rejects.toThrow(Unavailable);
      await agrees(store);
      await agrees(writer);

      if (round === 0) await rm(ballast);
      else execFileSync("mount", ["-o", "remount,size=64m", disk]);
      await until("it is healed", () =>
        commit().then(
          () => true,
          () => false,
        ),
      );
      for (let i = 0; i < 20; i++) await commit();
      await agrees(store);
      await agrees(writer);
    }
    await writer.close();
    await store.close();
    await agrees(await open());
  });
});

describe("a drop", () => {
  const partitions = Array.from({ length: 10_000 }, (_, i) => `u${i}`);
  async function filled(store: ViewStore, generation: string): Promise<void> {
    for (let n = 0; n < 12; n++) {
      const write: Write = { op: "putEach", table: `${generation}/t`, partitions, sort: `${n}`, value: n };
      await store.commit([write], [{ of: [generation], from: n === 0 ? null : `log.${n - 1}`, to: `log.${n}` }]);
    }
  }

  it("takes everything, piece by piece", async () => {
    const store = await open();
    const shared = await share(store);
    const [old, live] = ["old@1#1", "old@1#10"];
    await filled(shared, old);
    await filled(shared, live);
    await shared.drop(old);
    expect(await store.partitions(`${old}/t`, "", 1)).toEqual([]);
    expect(await checkpointOf(store, old)).toBeNull();
    expect(await store.partitions(`${live}/t`, "", 1_000_000)).toHaveLength(partitions.length);
    expect(await checkpointOf(store, live)).toBe("log.11");
    await store.drop(live);
    expect(await store.partitions(`${live}/t`, "", 1)).toEqual([]);
  });

  it("does not hold up who closes the store, and what it left has no checkpoint", async () => {
    const store = await open();
    await filled(store, GENERATION);
    const dropped = store.drop(GENERATION).then(
      () => "all of it",
      (error: unknown) => error,
    );
    await until("it has begun", async () => (await checkpointOf(store)) === null);
    await store.close();
    expect(await dropped).toSatisfy((outcome) => outcome === "all of it" || outcome instanceof Unavailable);
    const again = await open();
    expect(await checkpointOf(again)).toBeNull();
    await again.drop(GENERATION);
    expect(await again.partitions(TABLE, "", 1)).toEqual([]);
  });
});

describe("another process", () => {
  async function startProcess(what: "hold" | "commit") {
    const child: ChildProcess = spawn(process.execPath, [fileURLToPath(fixture("levelProcess.mjs")), directory, what], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    const kill = () => {
      child.kill("SIGKILL");
      return exited;
    };
    cleanups.push(kill);
    const lines: string[] = [];
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => lines.push(line));
    await until("the other process has it open", () => lines.includes("open"));
    return { lines, kill };
  }

  it("that holds the directory is named as the reason", async () => {
    const { kill } = await startProcess("hold");
    for (const onCorrupt of ["throw", "setAside"] as const) {
      const fault: unknown = await open({ onCorrupt }).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(ViewStoreLocked);
      expect(String(fault)).toContain(`another Tidings server holds ${directory}`);
    }
    await kill();
    await open();
  });

  it("may be killed at any moment: rows and checkpoint agree", async () => {
    let before = 0;
    for (let round = 0; round < 6; round++) {
      const { lines, kill } = await startProcess("commit");
      const least = before + 400 * round + 200;
      await until("it has committed", () => Number(lines.at(-1)) >= least);
      await kill();
      const store = await open();
      const checkpoint = await checkpointOf(store, "killed@1#1");
      const n = Number(checkpoint?.slice(4));
      expect(n).toBeGreaterThanOrEqual(least);
      for (let i = 0; i < 10; i++) {
        const rows = await store.range("killed@1#1/t", `u${i}`, { limit: 1_000_000 });
        expect(rows).toHaveLength(n);
        expect(rows.at(-1)?.sort).toBe(checkpoint);
        expect(rows.every(({ value }, at) => (value as { n: number }).n === at + 1)).toBe(true);
      }
      await store.close();
      before = n;
    }
  });
});

describe("opening", () => {
  it("finds everything as it was left", async () => {
    const first = await open();
    await first.commit([put("p", "a", { z: 1, a: 2 })], move(null, "log.1"));
    await first.close();
    await first.close();
    await expect(first.commit([put("p", "b")])).rejects.toThrow(Unavailable);
    await expect((async () => first.get(TABLE, "p", "a"))()).rejects.toThrow(Unavailable);
    await expect(first.range(TABLE, "p", { limit: 1 })).rejects.toThrow(Unavailable);
    const second = await open();
    expect(JSON.stringify(await second.get(TABLE, "p", "a"))).toBe('{"z":1,"a":2}');
    expect(await checkpointOf(second)).toBe("log.1");
  });

  it("twice in one process says that a share is what is wanted", async () => {
    const first = await open();
    const fault: unknown = await open({ onCorrupt: "setAside" }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(ViewStoreLocked);
    expect(String(fault)).toContain(`this process has ${directory} open already`);
    await first.commit([put("p", "a")]);
    expect(first.get(TABLE, "p", "a")).toBe("a");
  });

  it("says what is wrong with a directory that cannot be used", async () => {
    const file = join(folder.path, "file");
    await writeFile(file, "");
    for (const bad of [file, join(file, "views")]) {
      const fault: unknown = await levelViewStore(bad, { onCorrupt: "setAside" }).catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(Error);
      expect(fault).not.toBeInstanceOf(ViewStoreCorrupt);
      expect(String(fault)).toContain(bad);
    }
    expect(existsSync(`${file}.broken-1`)).toBe(false);
  });

  it.skipIf(process.getuid?.() !== 0)("says so where it has no right to write", async () => {
    await mkdir(directory, { mode: 0o555 });
    const script = `
      const { levelViewStore } = await import(${JSON.stringify(new URL("../../../dist/modules/src/adapters/viewStore/level/levelViewStore.js", import.meta.url).href)});
      process.setuid(65534);
      await levelViewStore(${JSON.stringify(directory)}).catch((error) => console.log(error.name + ": " + error.message));`;
    execFileSync("chmod", ["755", folder.path]);
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect(said).toMatch(`Error: cannot open the view store in ${directory}`);
    expect(said).toContain("Permission denied");
  });
});

describe("damage", () => {
  /** A directory with rows in tables and in the write-ahead file. */
  async function filled(): Promise<void> {
    const store = await open({ tuning: { writeBufferSize: 100_000 } });
    for (let n = 1; n <= 60; n++) {
      const noise = Array.from({ length: 300 }, () => Math.random().toString(36)).join("");
      await store.commit([put("p", String(n).padStart(3, "0"), noise)], move(n === 1 ? null : `log.${n - 1}`, `log.${n}`));
    }
    await store.close();
  }
  const named = async (pattern: RegExp) =>
    (await readdir(directory)).filter((name) => pattern.test(name)).map((name) => join(directory, name));
  const only = async (pattern: RegExp) => {
    const [first] = await named(pattern);
    if (first === undefined) throw new Error(`no ${String(pattern)} in ${directory}`);
    return first;
  };
  const CURRENT = /^CURRENT$/;
  const MANIFEST = /^MANIFEST-/;
  const half = async (file: string) => truncate(file, Math.floor((await readFile(file)).length / 2));

  const damages: Record<string, () => Promise<unknown>> = {
    "CURRENT is empty": async () => truncate(await only(CURRENT), 0),
    "CURRENT is cut short": async () => half(await only(CURRENT)),
    "CURRENT names nothing": async () => writeFile(await only(CURRENT), "MANIFEST-999999\n"),
    "CURRENT is garbage": async () => writeFile(await only(CURRENT), Buffer.alloc(16, 0)),
    "CURRENT is gone": async () => rm(await only(CURRENT)),
    "MANIFEST is empty": async () => truncate(await only(MANIFEST), 0),
    "MANIFEST is garbage": async () => writeFile(await only(MANIFEST), Buffer.alloc(1_000, 0xa5)),
    "MANIFEST is gone": async () => rm(await only(MANIFEST)),
    "a table is gone": async () => rm(await only(/\.ldb$/)),
  };

  for (const [what, damage] of Object.entries(damages)) {
    it(`is noticed where ${what}, and set aside where that is wished`, async () => {
      await filled();
      await damage();
      const names = await readdir(directory);
      const fault: unknown = await open().catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(ViewStoreCorrupt);
      expect(String(fault)).toContain(directory);
      for (const table of names.filter((name) => name.endsWith(".ldb"))) expect(await readdir(directory)).toContain(table);

      const warn = vi.fn();
      const store = await open({ onCorrupt: "setAside", warn });
      expect(warn).toHaveBeenCalledOnce();
      expect(warn.mock.calls[0]?.[0]).toContain(`${directory}.broken-1`);
      expect(await checkpointOf(store)).toBeNull();
      expect(await store.partitions(TABLE, "", 1)).toEqual([]);
      await store.commit([put("p", "new")], move(null, "log.1"));
      expect((await readdir(`${directory}.broken-1`)).some((name) => name.endsWith(".ldb"))).toBe(true);
    });
  }

  it("is set aside under a new name each time", async () => {
    for (let n = 1; n <= 3; n++) {
      await filled();
      await rm(await only(CURRENT));
      await (await open({ onCorrupt: "setAside", warn: () => undefined })).close();
      expect(existsSync(`${directory}.broken-${n}`)).toBe(true);
    }
  });

  it("that shows while rows are read is told, and remembered for the next start", async () => {
    await filled();
    for (const table of await named(/\.ldb$/)) {
      const bytes = await readFile(table);
      await writeFile(table, bytes.fill(0xff, 0, Math.floor(bytes.length * 0.7)));
    }
    const warn = vi.fn();
    const store = await open({ onCorrupt: "setAside", warn });
    const shared = await share(store);
    await expect(shared.range(TABLE, "p", { limit: 1_000 })).rejects.toThrow(Unavailable);
    await expect((async () => store.get(TABLE, "p", "010"))()).rejects.toThrow(Unavailable);
    await until("it was told", () => warn.mock.calls.length > 0);
    await until("it was noted", async () => (await named(/^CORRUPT$/)).length > 0);
    expect(warn).toHaveBeenCalledOnce();
    await shared.close();
    await store.close();

    await expect(open()).rejects.toThrow(ViewStoreCorrupt);
    const anew = await open({ onCorrupt: "setAside", warn });
    expect(warn).toHaveBeenCalledTimes(2);
    expect(await checkpointOf(anew)).toBeNull();
  });

  it("by a power cut is noticed: either rows and checkpoint agree, or the store is not opened", async () => {
    const store = await open({ tuning: { writeBufferSize: 1 << 20 } });
    for (let n = 1; n <= 400; n++) {
      await store.commit(
        Array.from({ length: 3 }, (_, i) => put(`u${i}`, String(n).padStart(5, "0"), `${n} ${"x".repeat((n * 37) % 900)}`)),
        move(n === 1 ? null : `log.${n - 1}`, `log.${n}`),
      );
    }
    // As the disk is at this moment, with nobody to close it.
    const image = join(folder.path, "image");
    await cp(directory, image, { recursive: true });
    await store.close();
    const [log] = (await readdir(image)).filter((name) => name.endsWith(".log"));
    const bytes = await readFile(join(image, log as string));

    let refused = 0;
    const checkpoints = new Set<number>();
    for (let round = 0; round < 40; round++) {
      directory = join(folder.path, `cut-${round}`);
      await cp(image, directory, { recursive: true });
      // The end is lost, or a page of the middle never came to the disk.
      const end = bytes.subarray(0, Math.floor((bytes.length * (round + 1)) / 40));
      const page = Math.floor(((bytes.length * round) / 40 / 4_096) | 0) * 4_096;
      const holed = Buffer.from(bytes).fill(0, page, page + 4_096);
      await writeFile(join(directory, log as string), round % 2 === 0 ? end : holed);
      try {
        const cut = await levelViewStore(directory);
        const n = Number((await checkpointOf(cut))?.slice(4) ?? 0);
        for (let i = 0; i < 3; i++) expect(await cut.range(TABLE, `u${i}`, { limit: 1_000 })).toHaveLength(n);
        checkpoints.add(n);
        await cut.close();
      } catch (error) {
        expect(error).toBeInstanceOf(ViewStoreCorrupt);
        refused++;
      }
    }
    expect(checkpoints.size).toBeGreaterThan(15);
    expect(refused).toBeGreaterThan(15);
  });
});
