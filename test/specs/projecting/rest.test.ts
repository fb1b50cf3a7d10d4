import { expect, test } from "vitest";
import { routingKey, SCHEMA } from "../../../src/domain/recorded.ts";
import { growingRest, quietRest, type Rest, type Urgency } from "../../../src/projecting/rest.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { type Projection, put } from "../../../src/projecting/projection.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { until } from "../../support/until.ts";

const rest = growingRest({ least: 30, most: 1_000, busy: 2_000 });

test.each([
  ["nothing", 0, 1_000, 30],
  ["a little", 10, 1_000, 30],
  ["a tenth of busy", 200, 1_000, 100],
  ["half of busy", 1_000, 1_000, 500],
  ["half of busy, in a short time", 30, 30, 500],
  ["busy", 2_000, 1_000, 1_000],
  ["all that there is", 100_000, 1_000, 1_000],
  ["much in no time", 512, 0, 1_000],
])("a rest grows with the rate: %s", (_, events, ms, expected) => expect(rest.after(events, ms, false)).toBe(expected));

test("where somebody listens to what happens, the next commit is not kept waiting", () => {
  expect(quietRest(5).after(1, 1, false)).toBe(5);
  expect(quietRest(5).after(1, 1, true)).toBe(0);
});

const joins: Projection = {
  name: "joins",
  version: 1,
  reads: [],
  handlers: { MemberJoined: ({ data }) => [put("joined", data.groupId, data.userId, 1)] },
};

/** A runner that rests as it is told, and what it has folded. */
function resting(own: Rest, more: { urgency?: Urgency; projection?: Projection; wanted?: (topic: string) => boolean } = {}) {
  const { projection = joins, ...options } = more;
  const [log, store, stop] = [memoryLog(), memoryViews(), new AbortController()];
  let commits = 0;
  const runner = createRunner({
    log,
    store,
    projections: [projection],
    rest: own,
    committed: (_, page) => (commits += page ? 1 : 0),
    ...options,
  });
  const run = runner.run(stop.signal);
  let ids = 0;
  const join = async (user: string): Promise<string> => {
    const id = `00000000-0000-4000-8000-${String(++ids).padStart(12, "0")}`;
    const metadata = { $correlationId: "c", $causationId: "c", actorId: user, at: "2024-01-02T03:04:05.678Z", schema: SCHEMA };
    const event = { id, type: "MemberJoined", data: { groupId: "g:one", userId: user }, metadata };
    return (await log.append("group-g:one", [event], "any")).position;
  };
  const end = async () => {
    stop.abort();
    await run;
  };
  return { runner, join, commits: () => commits, at: () => runner.state().checkpoint, end };
}

test("what arrives while a runner rests shares one commit; who waits for it ends the rest", async () => {
  expect(routingKey("group-g:one")).toBe("g:one");
  const HOUR = 3_600_000;
  const { runner, join, commits, at, end } = resting({ after: () => HOUR });
  await until("it stands at the end", () => runner.state().state === "LIVE");
  const before = commits();
  await join("a");
  const last = await join("b");
  runner.hurry();
  await until("both are folded", () => at() === last);
  expect(commits()).toBe(before + 1);
  // It rests again.
  const next = await join("c");
  await new Promise((resolve) => setImmediate(resolve));
  expect(at()).toBe(last);
  runner.hurry();
  await until("the third is folded", () => at() === next);
  await end();
});

test("who waits before there is anything is not kept waiting when it comes", async () => {
  const { runner, join, at, end } = resting({ after: () => 3_600_000 });
  await until("it stands at the end", () => runner.state().state === "LIVE");
  runner.hurry();
  const position = await join("a");
  await until("it is folded", () => at() === position);
  await end();
});

test("a runner that is stopped does not rest on", async () => {
  const { runner, join, end } = resting({ after: () => 3_600_000 });
  await until("it stands at the end", () => runner.state().state === "LIVE");
  await join("a");
  await new Promise((resolve) => setImmediate(resolve));
  await end();
  expect(runner.state().checkpoint).toBeDefined();
});

test("parked events are tried again at once, however long the rest is", async () => {
  const { runner, join, end } = resting({ after: () => 3_600_000 });
  await until("it stands at the end", () => runner.state().state === "LIVE");
  await join("a");
  await new Promise((resolve) => setImmediate(resolve));
  expect(await runner.retryParked("joins")).toBe(true);
  await end();
});

/** The urgency of two threads, and whether the runner rests. */
function urgency() {
  let [count, rests] = [0, 0];
  const own: Urgency = { count: () => count, resting: (is) => void (rests += is ? 1 : 0) };
  return { own, raise: () => void count++, rests: () => rests };
}

test("who began to wait after the log was read, and before the rest was told, keeps it from resting", async () => {
  const HOUR = 3_600_000;
  const shared = urgency();
  const { runner, join, at, end } = resting({ after: () => HOUR }, { urgency: shared.own });
  await until("it stands at the end", () => runner.state().state === "LIVE");
  // As the other thread does that does not see it rest yet.
  shared.raise();
  const first = await join("a");
  await until("it is folded", () => at() === first);
  const second = await join("b");
  await until("it rests", () => shared.rests() === 2);
  expect(at()).toBe(first);
  runner.hurry();
  await until("it is folded", () => at() === second);
  await end();
});

test("a runner is told whether what it has folded was news to somebody", async () => {
  const told: boolean[] = [];
  const listened = new Set<string>();
  const { runner, join, at, end } = resting(
    { after: (_events, _ms, isNews) => (told.push(isNews), 0) },
    { projection: { ...joins, topics: { joined: "conversations" } }, wanted: (topic) => listened.has(topic) },
  );
  await until("it stands at the end", () => runner.state().state === "LIVE");
  const quiet = await join("a");
  await until("it is folded", () => at() === quiet);
  listened.add("conversations/g:one");
  const loud = await join("b");
  await until("it is folded", () => at() === loud);
  listened.clear();
  const last = await join("c");
  await until("it is folded", () => at() === last && told.length === 4);
  expect(told).toEqual([false, false, true, false]);
  await end();
});
