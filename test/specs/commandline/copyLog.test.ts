import { randomUUID } from "node:crypto";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventStoreDb } from "../../../src/adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "../../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { copyLog, type CopyPhase, LogsDiffer, type Source, type Target } from "../../../src/commandline/logCopy.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import type { EventStore, LogPage, NewEvent, RecordedEvent } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { clientOf, type Reachable, registered } from "../../support/client.ts";
import { type AppendFault, memoryLog, type MemoryLog } from "../../support/memoryLog.ts";
import { realEventStore } from "../../support/realEventStore.ts";
import { runTidings, type Server, type Settings, startServer, startTidings } from "../../support/server.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";

const metadata = { $correlationId: "c", $causationId: "c", actorId: "zoë", at: "2024-05-06T07:08:09.123Z", schema: 1 };
const said = (data: unknown): NewEvent => ({ id: randomUUID(), type: "Said", data, metadata });

/** A log as users leave it: streams that alternate, runs of one stream, every kind of JSON. */
async function write(log: EventStore, count: number): Promise<void> {
  const revisions = new Map<string, number>();
  for (let number = 0; number < count;) {
    const stream = `room ${(number * 7) % 5} 你好`;
    const events = Array.from({ length: 1 + (number % 3) }, (_, index) =>
      said({ z: number, a: [null, -2.5, { "10": index, "9": "\ud83d alone, \u0000, 👋" }], text: `${number}/${index}` }),
    );
    const { revision } = await log.append(stream, events, revisions.get(stream) ?? -1);
    revisions.set(stream, revision);
    number += events.length;
  }
}

type Fill = (log: EventStore) => Promise<unknown>;

/** A DATA_DIR with a log that nobody writes any more. */
async function folderWith(fill: Fill): Promise<string> {
  const folder = await tempDir();
  onTestFinished(folder.remove);
  const log = await sqliteEventStore(folder.path);
  await fill(log);
  await log.close();
  return folder.path;
}

const readerOf = (dataDir: string): Source => {
  const reader = sqliteLogReader(dataDir);
  onTestFinished(() => reader.close());
  return reader;
};

const embedded = async (fill: Fill = (log) => write(log, 40)): Promise<Source> => readerOf(await folderWith(fill));

async function eventsOf(log: Source): Promise<Omit<RecordedEvent, "position">[]> {
  const { events } = await log.readAll(log.origin, 10_000);
  return events.map(({ position: _, ...event }) => event);
}

const appends = (log: MemoryLog) => log.calls.filter((call) => call.op === "append");

/** The target, as it is for one run: it is cut off for good at the nth append, which was stored or was not. */
function cutOff(target: Target, at: number, stored: boolean): Target {
  let calls = 0;
  return {
    ...target,
    async append(...call) {
      if (++calls > at) throw new Error("cut off");
      if (calls < at || stored) await target.append(...call);
      if (calls === at) throw new Error("cut off");
      return { revision: 0, position: target.origin };
    },
  };
}

/** A log whose events are read otherwise than they are. */
const misread = (log: Target, change: (events: RecordedEvent[]) => RecordedEvent[]): Target => ({
  ...log,
  readAll: async (after, limit): Promise<LogPage> => {
    const page = await log.readAll(after, limit);
    return { ...page, events: change(page.events) };
  },
});

/** Whatever `target` holds is read as it is until something has been appended. */
function misreadOnceAppended(target: Target, change: (events: RecordedEvent[]) => RecordedEvent[]): Target {
  let appended = false;
  const other = misread(target, change);
  return {
    origin: target.origin,
    append: async (...call) => {
      appended = true;
      return target.append(...call);
    },
    readAll: (after, limit) => (appended ? other : target).readAll(after, limit),
  };
}

const refused = async (copying: Promise<unknown>): Promise<Error> => {
  const outcome: unknown = await copying.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Error);
  return outcome as Error;
};

describe("a copy of the embedded log", () => {
  it("has every event in log order, with its id, revision, data and metadata", async () => {
    const source = await embedded();
    const target = memoryLog();
    const all = await eventsOf(source);
    expect(await copyLog(source, target)).toEqual({ copied: all.length, thereAlready: 0 });
    const copied = await eventsOf(target);
    expect(copied).toEqual(all);
    expect(JSON.stringify(copied.map(({ data }) => data))).toBe(JSON.stringify(all.map(({ data }) => data)));
  });

  it("of nothing is nothing", async () => {
    const source = await embedded(async () => undefined);
    const target = memoryLog();
    expect(await copyLog(source, target)).toEqual({ copied: 0, thereAlready: 0 });
    expect(target.calls).toEqual([]);
  });

  it("is made of appends that hold the neighbours of one stream, so many, so large, and no id twice", async () => {
    const [twice, large] = [said("twice"), "é".repeat(90_000)];
    const source = await embedded(async (log) => {
      const many = Array.from({ length: 300 }, (_, index) => said(index));
      await log.append("many", many, -1);
      await log.append("many", [said("more")], 299);
      await log.append("large", [said(large), said(large), said(large), said(large.repeat(4)), said("small")], -1);
      await log.append("twice", [twice], "any");
      await log.append("twice", [twice], "any");
      await log.append("many", [said("end")], 300);
    });
    const target = memoryLog();
    await copyLog(source, target);
    expect(await eventsOf(target)).toEqual(await eventsOf(source));
    expect(appends(target).map(({ stream, ids, expected }) => [stream, ids.length, expected])).toEqual([
      ["many", 256, -1],
      ["many", 45, 255],
      ["large", 2, -1],
      ["large", 1, 1],
      ["large", 1, 2],
      ["large", 1, 3],
      ["twice", 1, -1],
      ["twice", 1, 0],
      ["many", 1, 300],
    ]);
  });

  it("is made one append at a time, each when the one before is acknowledged", async () => {
    const source = await embedded();
    const target = memoryLog();
    let inFlight = 0;
    await copyLog(source, {
      ...target,
      append: async (...call) => {
        expect(++inFlight).toBe(1);
        await new Promise(setImmediate);
        const appended = await target.append(...call);
        inFlight--;
        return appended;
      },
    });
    expect(inFlight).toBe(0);
  });

  it("has what the log gained meanwhile, too", async () => {
    const folder = await tempDir();
    const log = await sqliteEventStore(folder.path);
    onTestFinished(async () => {
      await log.close();
      await folder.remove();
    });
    await log.append("a", [said("early")], -1);
    const target = memoryLog();
    target.beforeAppend(() => log.append("b", [said("later"), said("latest")], -1));
    expect(await copyLog(log, target)).toEqual({ copied: 3, thereAlready: 0 });
    expect(await eventsOf(target)).toEqual(await eventsOf(log));
  });

  it("tells how far it is, phase by phase", async () => {
    const source = await embedded((log) => write(log, 700));
    const all = (await eventsOf(source)).length;
    const target = memoryLog();
    await refused(copyLog(source, cutOff(target, 100, true)));
    const there = (await eventsOf(target)).length;
    const told: [CopyPhase, number][] = [];
    await copyLog(source, target, { onProgress: (...progress) => told.push(progress) });
    const phases: CopyPhase[] = ["comparing", "copying", "verifying"];
    expect([...new Set(told.map(([phase]) => phase))]).toEqual(phases);
    const events = (phase: CopyPhase) => told.filter(([of]) => of === phase).map(([, count]) => count);
    for (const phase of phases) expect(events(phase)).toEqual(events(phase).toSorted((one, other) => one - other));
    expect(phases.map((phase) => [events(phase)[0], events(phase).at(-1)])).toEqual([
      [0, there],
      [there, all],
      [there, all],
    ]);
  });
});

describe("a copy that was cut off", () => {
  it("at any append, stored or not, goes on where it was", async () => {
    const source = await embedded((log) => write(log, 24));
    const all = await eventsOf(source);
    const whole = memoryLog();
    await copyLog(source, whole);
    for (let at = 1; at <= appends(whole).length; at++) {
      for (const stored of [true, false]) {
        const target = memoryLog();
        expect((await refused(copyLog(source, cutOff(target, at, stored)))).message).toContain("cut off");
        const there = (await eventsOf(target)).length;
        const before = appends(target).length;
        expect(await copyLog(source, target)).toEqual({ copied: all.length - there, thereAlready: there });
        expect(await eventsOf(target)).toEqual(all);
        // What was there is passed over, not appended again.
        const ids = appends(target)
          .slice(before)
          .flatMap((call) => call.ids);
        expect(ids).toEqual(all.slice(there).map(({ id }) => id));
      }
    }
  });

  it("and made on from within a run of one stream appends the rest of it", async () => {
    const source = await embedded((log) => log.append("room", ["a", "b", "c", "d"].map(said), -1));
    const target = memoryLog();
    const [a, b] = (await eventsOf(source)) as [RecordedEvent, RecordedEvent];
    await target.append("room", [a, b], -1);
    expect(await copyLog(source, target)).toEqual({ copied: 2, thereAlready: 2 });
  });

  it("by a kill of the process twice over ends with each event once", async () => {
    const source = await embedded();
    const target = memoryLog();
    await refused(copyLog(source, cutOff(target, 5, false)));
    await refused(copyLog(source, cutOff(target, 6, true)));
    await copyLog(source, target);
    expect(await eventsOf(target)).toEqual(await eventsOf(source));
  });

  it("or made from a backup, while the server runs, takes what came since from the log itself", async () => {
    const backup = await tempDir();
    onTestFinished(backup.remove);
    const dataDir = await folderWith((log) => write(log, 40));
    await copyFile(join(dataDir, "log.sqlite"), join(backup.path, "log.sqlite"));
    const log = await sqliteEventStore(dataDir);
    await log.append("since", [said("a"), said("b")], -1);
    await log.close();
    const target = memoryLog();
    const { copied } = await copyLog(readerOf(backup.path), target);
    const source = readerOf(dataDir);
    expect(await copyLog(source, target)).toEqual({ copied: 2, thereAlready: copied });
    expect(await eventsOf(target)).toEqual(await eventsOf(source));
  });

  it("is done where all is there", async () => {
    const source = await embedded();
    const target = memoryLog();
    const { copied } = await copyLog(source, target);
    const before = target.calls.length;
    expect(await copyLog(source, target)).toEqual({ copied: 0, thereAlready: copied });
    expect(target.calls).toHaveLength(before);
  });
});

describe("a target that is away", () => {
  it.each<AppendFault>(["nothing", "unknown, stored", "unknown, lost"])(
    "or leaves an outcome unknown (%s) is asked the very same again, and the order holds",
    async (fault) => {
      const source = await embedded();
      const target = memoryLog();
      target.failAppends(fault, fault, fault);
      const told: string[] = [];
      await copyLog(source, target, { onTrouble: (why) => told.push(why) });
      expect(await eventsOf(target)).toEqual(await eventsOf(source));
      const [first, second, third, fourth] = appends(target);
      expect([second, third]).toEqual([first, first]);
      // Stored by the first try it is known by the second: what fails then is the same call again.
      expect(fourth).toEqual(first);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(/^the target cannot be used now: the log /);
    },
  );

  it("in the midst of it, here and there, holds the same in the end", async () => {
    const source = await embedded();
    for (let at = 1; at < 12; at++) {
      for (const fault of ["nothing", "unknown, stored", "unknown, lost"] as const) {
        const target = memoryLog();
        let calls = 0;
        const flaky: Target = {
          ...target,
          append: (...call) => {
            if (++calls === at) target.failAppends(fault);
            return target.append(...call);
          },
        };
        await copyLog(source, flaky);
        expect(await eventsOf(target)).toEqual(await eventsOf(source));
      }
    }
  });

  it("while it is read is asked again", async () => {
    const source = await embedded();
    const target = memoryLog();
    let reads = 0;
    const flaky: Target = {
      ...target,
      readAll: async (...call) => {
        if (++reads % 2 === 1) throw new Unavailable("the log is away");
        return target.readAll(...call);
      },
    };
    await copyLog(source, flaky);
    expect(reads).toBeGreaterThan(2);
    expect(await eventsOf(target)).toEqual(await eventsOf(source));
  });

  it("for longer than one waits ends it, and says that it is to be run again", async () => {
    const source = await embedded();
    const target = memoryLog();
    target.failAppends(...Array.from({ length: 100 }, () => "nothing" as const));
    const error = await refused(copyLog(source, target, { patienceMs: 1 }));
    expect(error.message).toMatch(/the target could not be used .*the log is away.*run this again/);
    expect(await eventsOf(target)).toEqual([]);
  });

  it("refuses one append for good, and the stream and the event are named", async () => {
    const source = await embedded((log) => log.append("room", [said("a")], -1));
    const [{ id }] = (await eventsOf(source)) as [RecordedEvent];
    const target: Target = { ...memoryLog(), append: () => Promise.reject(new RangeError("too large")) };
    const { message } = await refused(copyLog(source, target));
    expect(message).toMatch(/^1 events of the stream room, from .* on, cannot be stored: too large$/);
    expect(message).toContain(id);
  });
});

describe("a target that holds other events", () => {
  it.each([
    ["at the beginning", 0],
    ["after some that are equal", 5],
  ])("%s is refused before anything is appended, and both events are named", async (_, equal) => {
    const source = await embedded((log) => write(log, 12));
    const all = (await eventsOf(source)) as RecordedEvent[];
    const target = memoryLog();
    for (const { stream, revision, ...event } of all.slice(0, equal)) await target.append(stream, [event], revision - 1);
    const other = said("other");
    await target.append("other", [other], -1);
    const before = target.calls.length;
    const error = await refused(copyLog(source, target));
    expect(error).toBeInstanceOf(LogsDiffer);
    expect(error.message).toContain(`event ${equal + 1} differs in its id`);
    for (const part of [all[equal]?.id, all[equal]?.stream, other.id, "of other", "EVENTSTORE_PREFIX"])
      expect(error.message).toContain(part);
    expect(target.calls).toHaveLength(before);
  });

  it("beyond the log's end is refused", async () => {
    const source = await embedded();
    const target = memoryLog();
    const { copied } = await copyLog(source, target);
    await target.append("later", [said("by a server that runs on it")], -1);
    const error = await refused(copyLog(source, target));
    expect(error).toBeInstanceOf(LogsDiffer);
    expect(error.message).toContain(`has all ${copied} events of the log and more`);
  });

  it("which come while it is copied to ends it: the stream is named", async () => {
    const source = await embedded((log) => log.append("room", [said("a")], -1));
    const target = memoryLog();
    target.beforeAppend(() => target.append("room", [said("other")], -1));
    const error = await refused(copyLog(source, target));
    expect(error).toBeInstanceOf(LogsDiffer);
    expect(error.message).toMatch(/other events in the stream room .*EVENTSTORE_PREFIX/);
  });

  it("which come while it is copied to, in other streams, is found when it is verified", async () => {
    const source = await embedded();
    const target = memoryLog();
    target.beforeAppend(() => target.append("other", [said("other")], -1));
    const error = await refused(copyLog(source, target));
    expect(error.message).toContain("the copy is not equal to the log: event 1 differs in its id");
  });
});

describe("verification", () => {
  const third = (change: (event: RecordedEvent) => Partial<RecordedEvent>) => (events: RecordedEvent[]) =>
    events.map((event, index) => (index === 2 ? { ...event, ...change(event) } : event));

  it.each<[string, (events: RecordedEvent[]) => RecordedEvent[]]>([
    ["id", third(() => ({ id: randomUUID() }))],
    ["stream", third(() => ({ stream: "elsewhere" }))],
    ["revision", third(({ revision }) => ({ revision: revision + 1 }))],
    ["type", third(() => ({ type: "Shouted" }))],
    ["data", third(({ data }) => ({ data: { ...(data as object), more: 1 } }))],
    ["data", third(({ data }) => ({ data: Object.fromEntries(Object.entries(data as object).reverse()) }))],
    ["metadata", third((event) => ({ metadata: { ...event.metadata, at: "2024-05-06T07:08:09.124Z" } }))],
  ])("finds an event whose %s is another", async (what, change) => {
    const source = await embedded();
    const target = memoryLog();
    const error = await refused(copyLog(source, misreadOnceAppended(target, change)));
    expect(error).toBeInstanceOf(LogsDiffer);
    expect(error.message).toContain(`the copy is not equal to the log: event 3 differs in its ${what}`);
    // And so does the next run, which only compares.
    const again = await refused(copyLog(source, misread(target, change)));
    expect(again.message).toContain(`event 3 differs in its ${what}`);
    const [, , mine] = (await source.readAll(source.origin, 3)).events as [RecordedEvent, RecordedEvent, RecordedEvent];
    for (const part of [mine.id, mine.stream, mine.position]) expect(error.message).toContain(part);
  });

  it("finds two events that changed places", async () => {
    const source = await embedded();
    const swapped = ([a, b, c, d, ...rest]: RecordedEvent[]) => [a, c, b, d, ...rest] as RecordedEvent[];
    const error = await refused(copyLog(source, misreadOnceAppended(memoryLog(), swapped)));
    expect(error.message).toContain("event 2 differs in its id");
  });

  it("finds an event that is missing, within or at the end", async () => {
    const source = await embedded();
    const all = (await eventsOf(source)).length;
    const within = await refused(
      copyLog(
        source,
        misreadOnceAppended(memoryLog(), (events) => events.toSpliced(3, 1)),
      ),
    );
    expect(within.message).toContain("event 4 differs in its id");
    const atEnd = await refused(
      copyLog(
        source,
        misreadOnceAppended(memoryLog(), (events) => events.slice(0, -1)),
      ),
    );
    expect(atEnd.message).toContain(`it ends before event ${all}, which it acknowledged`);
  });

  it("finds one too many at the end", async () => {
    const source = await embedded();
    const target: Open<EventStore> = memoryLog();
    const more = (events: RecordedEvent[]) => [...events, { ...said("more"), stream: "more", revision: 0, position: "" }];
    const error = await refused(copyLog(source, misreadOnceAppended(target, more)));
    expect(error).toBeInstanceOf(LogsDiffer);
    expect(error.message).toContain("and more");
  });
});

describe("the command", () => {
  it("refuses beside a server that runs on DATA_DIR, and says why", async () => {
    const server = await startServer({ settings: { EVENTSTORE_URL: "" } });
    onTestFinished(() => server.remove());
    const { code, out, err } = await runTidings(["copy-log", "--to", "esdb://127.0.0.1:9"], { DATA_DIR: server.dataDir });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(`a server runs on DATA_DIR ${server.dataDir} (${server.url})`);
  });

  it("says what it needs where it is not told where to, or wrongly, or there is no log", async () => {
    const dataDir = await folderWith((log) => write(log, 1));
    const run = (args: string[], settings: Settings) => runTidings(["copy-log", ...args], { EVENTSTORE_URL: "", ...settings });
    expect((await run([], { DATA_DIR: dataDir })).err).toContain("--to esdb://");
    expect((await run(["--to", "http://127.0.0.1:2113"], { DATA_DIR: dataDir })).err).toContain(
      "must be an address such as esdb://",
    );
    const nowhere = await run(["--to", "esdb://127.0.0.1:9"], { DATA_DIR: `${dataDir}/nowhere` });
    expect(nowhere).toMatchObject({ code: 1, out: "" });
    expect(nowhere.err).toContain("there is no log at");
  });
});

const real = realEventStore("the copy of a log");

describe.runIf(real)("a copy to EventStoreDB", () => {
  const { url, newPrefix } = real ?? { url: "", newPrefix: () => "" };

  const copyTo = (prefix: string, dataDir: string) =>
    [["copy-log", "--to", url], { DATA_DIR: dataDir, EVENTSTORE_URL: "", EVENTSTORE_PREFIX: prefix }] as const;

  const opened = async (prefix: string): Promise<Open<EventStore>> => {
    const log = await eventStoreDb(url, { prefix });
    onTestFinished(() => log.close());
    return log;
  };

  /** All of a log, page by page. */
  async function wholeOf(log: Source): Promise<Omit<RecordedEvent, "position">[]> {
    const events: RecordedEvent[] = [];
    for (let at = log.origin; ;) {
      const page = await log.readAll(at, 500);
      events.push(...page.events);
      at = page.next;
      if (page.isTail) return events.map(({ position: _, ...event }) => event);
    }
  }

  const SUMMARY =
    /^(\d+) events copied, (\d+) were there already; verified: order, ids, revisions, data and metadata are equal$/m;
  const counts = (out: string): number[] | undefined => SUMMARY.exec(out)?.slice(1).map(Number);

  it("has every event as it was; run again it finds all there", async () => {
    const large = { text: "é".repeat(90_000) };
    const dataDir = await folderWith(async (log) => {
      await write(log, 300);
      await log.append(
        "many",
        Array.from({ length: 600 }, (_, index) => said(index)),
        -1,
      );
      await log.append("large", [said(large), said(large), said(large), said(large)], -1);
      const twice = said("twice");
      await log.append("twice", [twice], "any");
      await log.append("twice", [twice], "any");
    });
    const all = await wholeOf(readerOf(dataDir));
    const prefix = newPrefix();
    const first = await runTidings(...copyTo(prefix, dataDir));
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(counts(first.out)).toEqual([all.length, 0]);
    expect(first.out).toContain(`EVENTSTORE_PREFIX=${prefix}`);
    expect(JSON.stringify(await wholeOf(await opened(prefix)))).toBe(JSON.stringify(all));
    const again = await runTidings(...copyTo(prefix, dataDir));
    expect(again).toMatchObject({ code: 0, err: "" });
    expect(counts(again.out)).toEqual([0, all.length]);
  });

  it("that is killed in the midst of it goes on where it was", async () => {
    const dataDir = await folderWith((log) => write(log, 1_500));
    const all = await wholeOf(readerOf(dataDir));
    const prefix = newPrefix();
    const target = await opened(prefix);
    const child = startTidings(...copyTo(prefix, dataDir));
    await until("a part of it is there", async () => (await wholeOf(target)).length > 100);
    expect(await child.kill()).toMatchObject({ code: null });
    const { code, out, err } = await runTidings(...copyTo(prefix, dataDir));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [copied = 0, thereAlready = 0] = counts(out) ?? [];
    expect(copied).toBeGreaterThan(0);
    expect(thereAlready).toBeGreaterThan(100);
    expect(copied + thereAlready).toBe(all.length);
    expect(await wholeOf(target)).toEqual(all);
  });

  it("is not made where another log is", async () => {
    const prefix = newPrefix();
    const [one, other] = [await folderWith((log) => write(log, 3)), await folderWith((log) => write(log, 3))];
    expect((await runTidings(...copyTo(prefix, one))).code).toBe(0);
    const { code, err } = await runTidings(...copyTo(prefix, other));
    expect(code).toBe(1);
    expect(err).toMatch(/the target has other events than the log: event 1 differs in its id.*EVENTSTORE_PREFIX/);
  });

  it("is what the server goes on from: history and repeats as before, a cursor of the old log is to be reset", async () => {
    const server = await startServer({ settings: { EVENTSTORE_URL: "" } });
    onTestFinished(() => server.remove());
    const [ann, bob] = [await registered(reachable(server), "ann"), await registered(reachable(server), "bob")];
    const hello = { userId: bob.id, text: "hello", clientMutationId: "hello" };
    const { message, cursor } = await ann.act("sendMessage", hello);
    const { id } = message.conversation;
    await ann.act("sendMessage", { conversationId: id, text: "there" });
    await bob.act("markRead", { conversationId: id, seq: 1 });
    await server.stop();

    const prefix = newPrefix();
    expect(await runTidings(...copyTo(prefix, server.dataDir))).toMatchObject({ code: 0, err: "" });
    await server.start({ EVENTSTORE_URL: url, EVENTSTORE_PREFIX: prefix });
    const later = { ann: await clientOf(reachable(server), ann.id), bob: await clientOf(reachable(server), bob.id) };
    const { edges } = await later.bob.messages(id, { first: 10 });
    expect(edges.map(({ node }) => [node.seq, node.text])).toEqual([
      [1, "hello"],
      [2, "there"],
    ]);
    expect(await later.bob.conversation(id)).toMatchObject({ lastSeq: 2, readSeq: 1, unreadCount: 1 });
    expect(await later.bob.sync(cursor)).toMatchObject({ resetRequired: true });
    // Told to be stored before, it is known again.
    expect((await later.ann.act("sendMessage", hello)).message).toMatchObject({ id: message.id, seq: 1 });
    const more = await later.ann.act("sendMessage", { conversationId: id, text: "again" });
    expect(more.message.seq).toBe(3);
    expect(server.faults()).toEqual([]);
  });
});

const reachable = (server: Server): Reachable => ({
  get address() {
    return server.url;
  },
  token: (user, more) => server.token(user, more),
});
