import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { watch, type Watched } from "../../../src/server/health.ts";
import type { LogStatus, NewEvent } from "../../../src/ports/eventStore.ts";
import { generationOf, type Projection } from "../../../src/projecting/projection.ts";
import type { SearchStatus } from "../../../src/ports/searchIndex.ts";
import type { RunnerState } from "../../../src/projecting/runnerReport.ts";
import type { ProcessState } from "../../../src/processes/dueProcess.ts";
import type { KeeperState } from "../../../src/projecting/generations/state.ts";
import { gate } from "../../support/gate.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { refused } from "../../support/refused.ts";

const projections: Projection[] = [
  { name: "one", version: 3, reads: [], handlers: {}, holdsRights: true },
  { name: "two", version: 3, reads: [], handlers: {} },
];

const event = (): NewEvent => ({
  id: crypto.randomUUID(),
  type: "Happened",
  data: {},
  metadata: { $correlationId: "c", $causationId: "c", actorId: "someone", at: "2024-01-02T03:04:05.678Z", schema: 1 },
});

const FOUND: SearchStatus = { kind: "elasticsearch", reachable: true, version: "8.19.0", bytes: 11 };

const RUNNING: LogStatus = { kind: "eventstoredb", reachable: true, version: "24.10.0" };

/** What is watched, in memory; `time` and all that the log and the runner say are the test's. */
function parts(options: { limitMs?: number } = {}) {
  const log = memoryLog();
  const store = memoryViews();
  const said = {
    status: (): Promise<LogStatus> => Promise.resolve(RUNNING),
    trouble: undefined as string | undefined,
    views: {} as { trouble?: string },
    closing: false,
    runner: { checkpoint: log.origin, events: 0, state: "LIVE", lastError: undefined, parked: {} } as RunnerState,
    search: (): Promise<SearchStatus> => Promise.resolve(FOUND),
    searcher: {
      state: "LIVE",
      generation: "three@3#4",
      checkpoint: log.origin,
      progress: undefined,
      eventsPerSecond: undefined,
      differences: undefined,
      parked: 0,
      lastError: undefined,
    } as KeeperState,
    processes: [{ name: "sends", lateMs: 0, done: 3 }] as ProcessState[],
    blocked: {} as Record<string, number | "all">,
    /** Projections of which no generation is complete, and what is done beside what is read. */
    unread: new Set<string>(),
    beside: {} as Record<string, KeeperState>,
    time: 0,
  };
  const asked = { status: 0, reads: 0 };
  const changes = new EventEmitter();
  const watched: Watched = {
    log: {
      origin: log.origin,
      status: () => {
        asked.status++;
        return said.status();
      },
      read: (...of) => log.read(...of),
      readAll: (after, limit) => {
        asked.reads++;
        return log.readAll(after, limit);
      },
    },
    logTrouble: () => said.trouble,
    views: { ...store, status: async () => ({ kind: "memory", version: "1.2.3", bytes: 77, ...said.views }) },
    search: {
      projection: { name: "three", version: 3, reads: [], handlers: {} },
      state: () => said.searcher,
      status: () => said.search(),
      replay: async () => {},
      cancelReplay: async () => {},
      verify: async () => {},
      retryParked: async () => true,
    },
    signals: { kind: "local" },
    projections,
    generationOf: (projection) => (said.unread.has(projection.name) ? undefined : generationOf(projection)),
    builder: { state: (name) => said.beside[name], replay: async () => {}, cancelReplay: async () => {}, verify: async () => {} },
    retryParked: async (_name, cursor) => cursor === undefined,
    blocked: { counts: () => said.blocked },
    runner: () => said.runner,
    processes: () => said.processes,
    closing: () => said.closing,
    changes,
  };
  const events = (count: number) => log.append("stream-a", Array.from({ length: count }, event), "any");
  return { ...watch(watched, { ...options, now: () => said.time }), watched, said, asked, changes, log, store, events };
}

test("parked events are tried again where there is such an event, of what is built", async () => {
  const { operations, said, log } = parts();
  await operations.retryParked("one", undefined);
  await refused(operations.retryParked("one", log.origin), "NOT_FOUND", "cursor");
  said.unread.add("one");
  for (const cursor of [undefined, log.origin])
    expect((await refused(operations.retryParked("one", cursor), "CONFLICT")).message).toContain("one is not built yet");
  await operations.retryParked("two", undefined);
  await operations.retryParked("three", log.origin);
});

test("a server at rest is ready, and says of what it is made", async () => {
  const { health } = parts();
  expect(await health()).toEqual({
    ready: true,
    components: [
      { role: "log", kind: "eventstoredb", reachable: true, version: "24.10.0" },
      { role: "views", kind: "memory", reachable: true, version: "1.2.3" },
      { role: "search", kind: "elasticsearch", reachable: true, version: "8.19.0" },
      { role: "signals", kind: "local", reachable: true },
      { role: "processes", kind: "embedded", reachable: true },
    ],
    projections: {
      one: { state: "LIVE", behind: 0 },
      two: { state: "LIVE", behind: 0 },
      three: { state: "LIVE", behind: 0 },
    },
  });
});

test("however many probe, the log is asked once a second", async () => {
  const { health, asked, said } = parts();
  await Promise.all(Array.from({ length: 50 }, () => health()));
  expect(asked).toEqual({ status: 1, reads: 1 });
  said.time = 999;
  await health();
  expect(asked).toEqual({ status: 1, reads: 1 });
  said.time = 1_000;
  await Promise.all(Array.from({ length: 50 }, () => health()));
  expect(asked).toEqual({ status: 2, reads: 2 });
});

test("what is known without asking the log is told at once", async () => {
  const { health, said } = parts();
  expect((await health()).ready).toBe(true);
  said.trouble = "the disk is full";
  expect(await health()).toMatchObject({
    ready: false,
    components: [{ reachable: false, detail: "the disk is full" }, {}, {}, {}, {}],
  });
  said.trouble = undefined;
  said.runner = { ...said.runner, state: "RETRYING", lastError: "the store is away", parked: { one: 2, two: 0 } };
  expect(await health()).toMatchObject({
    ready: false,
    components: [
      { reachable: true },
      { reachable: false, detail: "retrying: the store is away; 2 events of one are parked" },
      { reachable: true },
      {},
      {},
    ],
    projections: { one: { state: "RETRYING" }, two: { state: "RETRYING" } },
  });
  said.runner = { ...said.runner, state: "LIVE" };
  expect((await health()).ready).toBe(true);
  said.closing = true;
  expect((await health()).ready).toBe(false);
});

test("where events are parked, it is told what is held up by them, and a server that must hold up everything is not ready", async () => {
  const { health, said } = parts();
  said.blocked = { one: 2, two: 3 };
  said.runner = { ...said.runner, parked: { one: 4, two: 5 } };
  const parked = "4 events of one are parked; 5 events of two are parked";
  const held = "under 2 keys of one nothing is granted until they are handled; under 3 keys of two what relies on its rows waits";
  expect(await health()).toMatchObject({
    ready: true,
    components: [{}, { reachable: true, detail: `${parked}; ${held} until they are handled` }, {}, {}, {}],
    projections: { one: { parked: 4 }, two: { parked: 5 }, three: { state: "LIVE" } },
  });
  said.blocked = { one: "all" };
  const all = "too many keys of one have parked events: nothing is granted everywhere until they are handled";
  expect(await health()).toMatchObject({
    ready: false,
    components: [{}, { reachable: false, detail: `${parked}; ${all}` }, {}, {}, {}],
  });
});

test("until the views have caught up, it is told how much is done, and by whom what is missing is built", async () => {
  const { health, said } = parts();
  said.runner = { ...said.runner, state: "REBUILDING", progress: 0.4567 };
  expect(await health()).toMatchObject({
    ready: false,
    components: [{}, { reachable: false, detail: "rebuilding, 45 % done" }, {}, {}, {}],
    projections: { one: { state: "REBUILDING", progress: 0.457 }, two: { state: "REBUILDING", progress: 0.457 } },
  });
  said.runner = { ...said.runner, state: "LIVE", progress: undefined };
  said.unread = new Set(["two"]);
  said.beside = { two: { ...said.searcher, state: "REBUILDING", progress: 0.999 } };
  expect(await health()).toMatchObject({
    ready: false,
    components: [{}, { reachable: false, detail: "two is being built, 99 % done" }, {}, {}, {}],
    projections: { one: { state: "LIVE" }, two: { state: "REBUILDING", progress: 0.999 } },
  });
});

test("a log that says that it is away is not ready, and nothing is counted in it", async () => {
  const { health, said, asked } = parts();
  said.status = async () => ({ kind: "eventstoredb", reachable: false, detail: "there is no leader" });
  expect(await health()).toMatchObject({
    ready: false,
    components: [{ role: "log", kind: "eventstoredb", reachable: false, detail: "there is no leader" }, {}, {}, {}, {}],
    projections: { one: { state: "LIVE", behind: "unknown" } },
  });
  expect(asked.reads).toBe(0);
});

test("a log that does not answer is asked once, not waited for, and believed when it does", async () => {
  const { health, said, asked } = parts({ limitMs: 5 });
  const { passed, open } = gate();
  said.status = async () => {
    await passed;
    return RUNNING;
  };
  const [silent] = await Promise.all([health(), health()]);
  expect(silent).toMatchObject({
    ready: false,
    components: [{ kind: "unknown", reachable: false, detail: "the log did not answer within 5 ms" }, {}, {}, {}, {}],
    projections: { one: { behind: "unknown" } },
  });
  said.time = 60_000;
  await health();
  expect(asked.status).toBe(1);
  open();
  expect(await health()).toMatchObject({ ready: true, components: [{ kind: "eventstoredb", reachable: true }, {}, {}, {}, {}] });
});

test("a log that cannot be read leaves the lag unknown, whatever it says of itself", async () => {
  const failing = parts();
  failing.log.readAll = () => {
    throw new Error("a bug");
  };
  expect(await failing.health()).toMatchObject({ ready: true, projections: { one: { behind: "unknown" } } });
  const silent = parts({ limitMs: 5 });
  silent.log.readAll = () => new Promise(() => undefined);
  expect(await silent.health()).toMatchObject({ ready: true, projections: { one: { behind: "unknown" } } });
});

test("each projection tells how far behind it is, up to 500 events", async () => {
  const { health, operations, said, store, events, log } = parts();
  const { position } = await events(3);
  await events(500);
  const at = (projection: Projection, to: string) => store.commit([], [{ of: [generationOf(projection)], from: null, to }]);
  await at(projections[0] as Projection, position);
  expect((await health()).projections).toMatchObject({ one: { behind: 500 }, two: { behind: "more than 500" } });
  expect(await operations.projections()).toEqual([
    { name: "one", version: 3, state: "LIVE", cursor: position, lag: 500, parked: 0, lastError: undefined },
    { name: "two", version: 3, state: "LIVE", cursor: log.origin, lag: 503, parked: 0, lastError: undefined },
    { name: "three", version: 3, state: "LIVE", cursor: log.origin, lag: 503, parked: 0 },
  ]);
  // Beyond what operators are told, too.
  await events(5_000);
  said.runner = { ...said.runner, state: "STOPPED", lastError: "another runner", parked: { two: 4 } };
  expect(await operations.projections()).toMatchObject([
    { lag: "more", state: "STOPPED", lastError: "another runner", parked: 0 },
    { lag: "more", parked: 4 },
    { lag: "more", state: "LIVE" },
  ]);
});

test("a view store that is away does not hide how far the runner had got", async () => {
  const { operations, said, store, events } = parts();
  const { position } = await events(2);
  await events(1);
  said.runner = { ...said.runner, checkpoint: position, state: "RETRYING" };
  store.away(true);
  expect(await operations.projections()).toMatchObject([
    { cursor: position, lag: 1, state: "RETRYING" },
    { cursor: position, lag: 1 },
    {},
  ]);
});

test("a view store that says why it cannot be used takes the server away, whatever the runner says", async () => {
  const { health, said } = parts();
  said.views = { trouble: "nobody answers" };
  const { ready, components } = await health();
  expect(ready).toBe(false);
  expect(components.find(({ role }) => role === "views")).toMatchObject({ reachable: false, detail: "nobody answers" });
});

test("where search is away the rest is ready, and it is said why", async () => {
  const { health, operations, said } = parts();
  said.search = async () => ({ kind: "elasticsearch", reachable: false, detail: "connection refused" });
  said.searcher = { ...said.searcher, state: "RETRYING", lastError: "Elasticsearch cannot be used", parked: 2 };
  const detail = "retrying: Elasticsearch cannot be used; connection refused; 2 events of three are parked";
  expect(await health()).toMatchObject({
    ready: true,
    components: [{}, {}, { role: "search", kind: "elasticsearch", reachable: false, detail }, {}, {}],
    projections: { one: { state: "LIVE" }, three: { state: "RETRYING" } },
  });
  said.searcher = { ...said.searcher, state: "REPLAYING", progress: 0.456, eventsPerSecond: 7, lastError: undefined, parked: 0 };
  said.search = async () => FOUND;
  said.time = 1_000;
  expect(await health()).toMatchObject({
    ready: true,
    components: [{}, {}, { reachable: true, detail: "replaying, 45 % done" }, {}, {}],
  });
  expect((await operations.projections())[2]).toMatchObject({ name: "three", progress: 0.456, eventsPerSecond: 7 });
});

test("a search index that does not answer is not waited for", async () => {
  const { health, said } = parts({ limitMs: 5 });
  said.search = () => new Promise(() => undefined);
  const detail = "the search index did not answer within 5 ms";
  expect(await health()).toMatchObject({
    ready: true,
    components: [{}, {}, { role: "search", reachable: false, detail }, {}, {}],
  });
});

test("what is late by itself is told, and takes no server away", async () => {
  const { health, said } = parts();
  said.processes = [
    { name: "sends", lateMs: 2_300, done: 3, trouble: "the log is away" },
    { name: "others", lateMs: 0, done: 0 },
  ];
  const component = { role: "processes", reachable: false, detail: "sends: 3 s late: the log is away" };
  expect(await health()).toMatchObject({ ready: true, components: [{}, {}, {}, {}, component] });
});

test("a store of files that is away, or does not answer, is told, and takes no server away", async () => {
  const here = parts({ limitMs: 20 });
  let trouble: Promise<string | undefined> = Promise.resolve(undefined);
  const { health } = watch(
    { ...here.watched, files: { kind: "s3", trouble: () => trouble } },
    { limitMs: 20, rememberedMs: 0, now: () => here.said.time },
  );
  const files = async () => {
    here.said.time += 1;
    const { ready, components } = await health();
    return { ready, ...components.find(({ role }) => role === "files") };
  };
  expect(await files()).toEqual({ ready: true, role: "files", kind: "s3", reachable: true });
  trouble = Promise.resolve("it cannot be reached");
  expect(await files()).toMatchObject({ ready: true, reachable: false, detail: "it cannot be reached" });
  trouble = new Promise(() => undefined);
  expect(await files()).toMatchObject({
    ready: true,
    reachable: false,
    detail: expect.stringContaining("did not answer") as string,
  });
});

test("operators are told sizes on disk, and of the nodes of a cluster", async () => {
  const { operations, said } = parts();
  said.status = async () => ({ ...RUNNING, leader: "10.0.0.1:2113", detail: "3 of 3 nodes alive", bytes: 5 });
  const cluster = { role: "log", kind: "eventstoredb", reachable: true, version: "24.10.0", bytes: 5 };
  expect(await operations.components()).toEqual([
    { ...cluster, detail: "leader 10.0.0.1:2113; 3 of 3 nodes alive" },
    { role: "views", kind: "memory", reachable: true, version: "1.2.3", bytes: 77 },
    { role: "search", kind: "elasticsearch", reachable: true, version: "8.19.0", bytes: 11 },
    { role: "signals", kind: "local", reachable: true },
    { role: "processes", kind: "embedded", reachable: true },
  ]);
  said.time = 2_000;
  said.status = async () => ({ ...RUNNING, leader: "10.0.0.1:2113", detail: "leader 10.0.0.1:2113; all is well" });
  expect((await operations.components())[0]).toMatchObject({ detail: "leader 10.0.0.1:2113; all is well" });
});
