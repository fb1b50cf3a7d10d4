import { describe, expect, test, vi } from "vitest";
import { eventId } from "../../../src/commands/eventId.ts";
import { commandHandler, type HandlerOptions } from "../../../src/commands/handle.ts";
import { decider as annotation } from "../../../src/domain/annotation.ts";
import type { Decider } from "../../../src/domain/decider.ts";
import { type Command, decider as group } from "../../../src/domain/group.ts";
import { type Event, memberCount, membersOf, roleOf, type State } from "../../../src/domain/groupState.ts";
import { Refusal, type RefusalCode } from "../../../src/domain/refusal.ts";
import type { NewEvent } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { gate } from "../../support/gate.ts";
import { memoryLog } from "../../support/memoryLog.ts";

const groupId = "g:1";
const stream = `group-${groupId}`;
const at = "2024-01-02T03:04:05.678Z";
const create = (change: Partial<Extract<Command, { type: "Create" }>> = {}): Command => ({
  type: "Create",
  groupId,
  by: "owner",
  memberIds: [],
  memberCap: 10_000,
  title: "Readers",
  avatarUrl: null,
  description: null,
  announcement: null,
  category: null,
  tags: [],
  joinPolicy: "OPEN",
  public: false,
  historyVisible: false,
  ...change,
});
const join = (userId: string): Command => ({ type: "Join", userId, note: null, memberCap: 10_000 });

/** A log whose appends need not be read back: no other process writes to it. */
const aloneLog = () => memoryLog("memory00", { alone: true });

/** A handler of one node on a log, and short ways to call it. Waiting takes no time, but is counted. */
function node(log = memoryLog(), options: Partial<HandlerOptions> = {}) {
  let now = 0;
  const waits: number[] = [];
  const sleep = async (ms: number) => {
    waits.push(ms);
    now += ms;
  };
  const handle = commandHandler({ log, clock: () => now, sleep, ...options });
  const ask = (command: Command, actorId: string, clientMutationId: string, more: { creates?: boolean } = {}) =>
    handle({ stream, decider: group, command, actorId, clientMutationId, at, ...more });
  const created = () => ask(create(), "owner", "create", { creates: true });
  const stored = async () => await log.read(stream, 0, "forwards", 10_000);
  const appends = () => log.calls.filter((call) => call.op === "append");
  const reads = () => log.calls.flatMap((call) => (call.op === "read" ? [call.from] : []));
  return { log, handle, ask, created, stored, appends, reads, waits };
}

async function refusal(promise: Promise<unknown>, code: RefusalCode): Promise<Refusal> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Refusal);
  expect((error as Refusal).code).toBe(code);
  return error as Refusal;
}

/** An event that someone else wrote: `id` tells it. */
const foreign = (type: string, data: unknown, clientMutationId: string, index = 0): NewEvent => ({
  id: eventId(stream, "else", clientMutationId, index),
  type,
  data,
  metadata: { $correlationId: "c", $causationId: clientMutationId, actorId: "else", at, schema: 1 },
});
const foreignJoin = (userId: string) => foreign("MemberJoined", { groupId, userId }, `join-${userId}`);

describe("a command", () => {
  test("is appended, with what goes with it", async () => {
    const { handle, stored } = node();
    const memberIds = ["bob"];
    const call = { stream, decider: group, command: create({ memberIds }), actorId: "owner", clientMutationId: "m1", at };
    const { state, ...result } = await handle({ ...call, deviceId: "phone", correlationId: "call-1" });
    const [first, second, ...rest] = await stored();
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      id: eventId(stream, "owner", "m1", 0),
      type: "GroupCreated",
      data: { groupId, title: "Readers" },
    });
    expect(first?.metadata).toStrictEqual({
      $correlationId: "call-1",
      $causationId: "m1",
      actorId: "owner",
      deviceId: "phone",
      at,
      schema: 1,
    });
    expect(second).toMatchObject({
      id: eventId(stream, "owner", "m1", 1),
      type: "MemberAdded",
      data: { groupId, userId: "bob" },
    });
    expect(result).toStrictEqual({
      position: second?.position,
      revision: 1,
      events: [first, second].map((event) => ({ type: event?.type, data: event?.data })),
      repeated: false,
    });
    expect([roleOf(state, "owner"), roleOf(state, "bob")]).toEqual(["OWNER", "MEMBER"]);
  });

  test("without device and correlation has its own id for the one and none of the other", async () => {
    const { created, stored } = node();
    await created();
    expect((await stored())[0]?.metadata).toStrictEqual({
      $correlationId: "create",
      $causationId: "create",
      actorId: "owner",
      at,
      schema: 1,
    });
  });

  test("is decided on what others wrote meanwhile, and reads only that", async () => {
    const { log, ask, created, reads } = node(aloneLog());
    await created();
    await log.append(stream, [foreignJoin("bob")], 0);
    const { events, state, revision } = await ask({ type: "TransferOwnership", by: "owner", to: "bob" }, "owner", "m2");
    expect(events).toHaveLength(1);
    expect(revision).toBe(2);
    expect(roleOf(state, "bob")).toBe("OWNER");
    await ask(join("carol"), "carol", "m3");
    expect(reads()).toEqual([0, 0, 2]);
  });

  test("that changes nothing stores nothing, and gives the stream's newest position", async () => {
    const { log, ask, created, appends } = node();
    await created();
    const joined = await ask(join("bob"), "bob", "m1");
    await log.append("settings", [foreign("FanoutLimitSet", { limit: 1 }, "s")], "any");
    expect(await ask(join("bob"), "bob", "m2")).toMatchObject({
      position: joined.position,
      revision: 1,
      events: [],
      repeated: false,
    });
    expect(appends().filter((call) => call.stream === stream)).toHaveLength(2);
  });

  test("that changes nothing on an empty stream gives the log's end", async () => {
    const { log, handle } = node();
    await log.append("settings", [foreign("FanoutLimitSet", { limit: 1 }, "s")], "any");
    const nothing: Decider<null, null, Event> = { initial: null, evolve: () => null, decide: () => [] };
    const result = await handle({ stream, decider: nothing, command: null, actorId: "a", clientMutationId: "m", at });
    expect(result).toStrictEqual({ position: log.end(), revision: -1, state: null, events: [], repeated: false });
  });

  test("that is refused leaves nothing behind", async () => {
    const { ask, created, stored } = node();
    await refusal(ask(join("bob"), "bob", "m1"), "NOT_FOUND");
    await created();
    expect((await ask(join("bob"), "bob", "m1")).repeated).toBe(false);
    expect(await stored()).toHaveLength(2);
  });

  test("with data that could not be read again is a fault, and stores nothing", async () => {
    const { ask, created, stored } = node();
    await created();
    await expect(ask(join("no user id!"), "bob", "m1")).rejects.toThrow(/MemberJoined was decided/);
    expect(await stored()).toHaveLength(1);
    expect((await ask(join("bob"), "bob", "m2")).revision).toBe(1);
  });
});

describe("a command that comes again", () => {
  test("gives its first result, whatever happened since", async () => {
    const { ask, created, stored } = node();
    await created();
    const first = await ask({ type: "Add", by: "owner", userIds: ["bob", "carol"], memberCap: 9 }, "owner", "m1");
    await ask({ type: "TransferOwnership", by: "owner", to: "bob" }, "owner", "m2");
    await ask({ type: "Leave", userId: "owner" }, "owner", "m3");
    const again = await ask({ type: "Add", by: "owner", userIds: ["bob", "carol"], memberCap: 9 }, "owner", "m1");
    expect(again).toMatchObject({ position: first.position, revision: first.revision, events: first.events, repeated: true });
    expect(roleOf(again.state, "owner")).toBeUndefined();
    expect(await stored()).toHaveLength(5);
  });

  test("on another node, or after a restart", async () => {
    const one = node();
    await one.created();
    const first = await one.ask(join("bob"), "bob", "m1");
    await one.ask({ type: "Leave", userId: "bob" }, "bob", "m2");
    const other = node(one.log);
    expect(await other.ask(join("bob"), "bob", "m1")).toMatchObject({ position: first.position, revision: 1, repeated: true });
    expect((await other.created()).repeated).toBe(true);
    expect(await one.stored()).toHaveLength(3);
  });

  test("is another's where the actor is another", async () => {
    const { ask, created } = node();
    await created();
    await ask(join("bob"), "bob", "m1");
    expect((await ask(join("carol"), "carol", "m1")).repeated).toBe(false);
  });

  test("at the same moment is done once", async () => {
    const { ask, created, stored } = node();
    await created();
    const results = await Promise.all([1, 2, 3].map(() => ask(join("bob"), "bob", "m1")));
    expect(results.map(({ repeated }) => repeated)).toEqual([false, true, true]);
    expect(new Set(results.map(({ position }) => position)).size).toBe(1);
    expect(await stored()).toHaveLength(2);
  });

  test("with the same input makes nothing new; with other input it is a conflict", async () => {
    const { ask, stored } = node();
    const first = await ask(create({ memberIds: ["bob", "bob"] }), "owner", "m1", { creates: true });
    const again = await ask(create({ title: " Readers", memberIds: ["bob"] }), "owner", "m1", { creates: true });
    expect(again).toMatchObject({ position: first.position, events: first.events, repeated: true });
    for (const change of [{ title: "Writers" }, { memberIds: [] }, { memberIds: ["bob", "carol"] }, { title: "" }]) {
      const conflict = await refusal(
        ask(create({ memberIds: ["bob"], ...change }), "owner", "m1", { creates: true }),
        "CONFLICT",
      );
      expect(conflict.message).toBe("this clientMutationId was used with other input");
    }
    expect(await stored()).toHaveLength(2);
  });

  test("that made thousands of events is compared in pages", async () => {
    const { ask, log } = node();
    const memberIds = Array.from({ length: 1_200 }, (_, index) => `u${index}`);
    const first = await ask(create({ memberIds }), "owner", "m1", { creates: true });
    const other = node(log);
    const again = await other.ask(create({ memberIds }), "owner", "m1", { creates: true });
    expect(again).toMatchObject({ position: first.position, revision: 1_200, repeated: true });
    await refusal(other.ask(create({ memberIds: memberIds.slice(1) }), "owner", "m1", { creates: true }), "CONFLICT");
    expect(Math.max(...other.reads())).toBeLessThanOrEqual(1_201);
  });
});

describe("what must be so before", () => {
  const call = { stream, decider: group, at };

  test("is asked for before the decision, with the state, and not for a repeat", async () => {
    const { handle, created } = node();
    const asked: number[] = [];
    const before = async (state: State) => void asked.push(memberCount(state));
    await created();
    const bob = { ...call, command: join("bob"), actorId: "bob", clientMutationId: "m1", before };
    await handle(bob);
    expect((await handle(bob)).repeated).toBe(true);
    await handle({ ...bob, clientMutationId: "m2" });
    expect(asked).toEqual([1, 2]);
  });

  test("refuses, and nothing is stored", async () => {
    const { handle, created, stored } = node();
    await created();
    const before = () => {
      throw new Refusal("FORBIDDEN", "no");
    };
    await refusal(handle({ ...call, command: join("bob"), actorId: "bob", clientMutationId: "m1", before }), "FORBIDDEN");
    expect(await stored()).toHaveLength(1);
  });

  test("may say what the command is, and is asked for again after a conflict", async () => {
    const { log, handle, created } = node();
    await created();
    log.beforeAppend(() => log.append(stream, [foreignJoin("zoe")], 0));
    const commandOf = (state: State) => join(`user-${memberCount(state)}`);
    const { state } = await handle({ ...call, actorId: "bob", clientMutationId: "m1", commandOf });
    expect([...membersOf(state)].map(([userId]) => userId).sort()).toEqual(["owner", "user-2", "zoe"]);
  });
});

describe("commands of one stream", () => {
  test("wait for one another, and do not conflict", async () => {
    const { ask, created, appends, stored } = node();
    await created();
    await Promise.all(Array.from({ length: 50 }, (_, index) => ask(join(`u${index}`), `u${index}`, "m")));
    expect(appends()).toHaveLength(51);
    expect((await stored()).map(({ revision }) => revision)).toEqual(Array.from({ length: 51 }, (_, index) => index));
  });

  test("do not wait for those of another", async () => {
    const { log, ask, created, handle } = node();
    const barrier = gate();
    log.beforeAppend(() => barrier.passed);
    const slow = created();
    const other = { ...create(), groupId: "g:2" } as Command;
    await handle({ stream: "group-g:2", decider: group, command: other, actorId: "owner", clientMutationId: "m", at });
    barrier.open();
    expect((await slow).revision).toBe(0);
    expect((await ask(join("bob"), "bob", "m")).revision).toBe(1);
  });
});

describe("a conflict", () => {
  test("with someone faster is decided again on what they wrote", async () => {
    const { log, ask, created, stored } = node();
    await created();
    log.beforeAppend(() => log.append(stream, [foreignJoin("bob")], 0));
    const result = await ask(join("carol"), "carol", "m1");
    expect(result).toMatchObject({ revision: 2, repeated: false });
    expect(memberCount(result.state)).toBe(3);
    expect((await stored()).map(({ metadata }) => metadata.$causationId)).toEqual(["create", "join-bob", "m1"]);
  });

  test("may turn into a refusal, or into nothing", async () => {
    const { log, ask, created } = node();
    await created();
    await ask(join("bob"), "bob", "m0");
    const transfer = foreign("OwnershipTransferred", { groupId, from: "owner", to: "bob" }, "t");
    log.beforeAppend(() => log.append(stream, [transfer], 1));
    await refusal(ask({ type: "SetRole", by: "owner", userId: "bob", role: "ADMIN" }, "owner", "m1"), "FORBIDDEN");
    log.beforeAppend(() => log.append(stream, [foreignJoin("carol")], 2));
    expect(await ask(join("carol"), "carol", "m2")).toMatchObject({ events: [], revision: 3, repeated: false });
  });

  test("with the same command on another node gives that one's result", async () => {
    const one = node();
    await one.created();
    const other = node(one.log);
    one.log.beforeAppend(() => other.ask(join("bob"), "bob", "m1"));
    const { position, revision } = await one.ask(join("bob"), "bob", "m1");
    expect(await one.stored()).toHaveLength(2);
    expect({ position, revision }).toEqual({ position: one.log.end(), revision: 1 });
  });

  describe("that no log can see, with the same command on other input,", () => {
    const add = (...userIds: string[]): Command => ({ type: "Add", by: "owner", userIds, memberCap: 9 });

    test.each([
      ["another title", create({ title: "Writers" })],
      ["fewer members", create({ memberIds: ["bob"] })],
      ["more members", create({ memberIds: ["bob", "carol", "dan"] })],
      ["other members", create({ memberIds: ["bob", "dan"] })],
    ])("is told where it makes something new: %s", async (_, input) => {
      const one = node();
      const other = node(one.log);
      const first = create({ memberIds: ["bob", "carol"] });
      one.log.beforeAppend(() => other.ask(first, "owner", "m1", { creates: true }));
      await refusal(one.ask(input, "owner", "m1", { creates: true }), "CONFLICT");
      expect(await one.ask(first, "owner", "m1", { creates: true })).toMatchObject({ repeated: true, revision: 2 });
      await refusal(other.ask(input, "owner", "m1", { creates: true }), "CONFLICT");
      expect(await one.stored()).toHaveLength(3);
    });

    test("gives that one's result", async () => {
      const one = node();
      await one.created();
      const other = node(one.log);
      one.log.beforeAppend(() => other.ask(add("bob", "dan"), "owner", "m1"));
      const { events, position, revision, repeated } = await one.ask(add("carol"), "owner", "m1");
      expect(events.map(({ data }) => (data as { userId: string }).userId)).toEqual(["bob", "dan"]);
      expect({ position, revision, repeated }).toEqual({ position: one.log.end(), revision: 2, repeated: true });
    });

    test("of the same moment is another's no more than its own", async () => {
      const one = node();
      const other = node(one.log);
      one.log.beforeAppend(() => other.created());
      expect(await one.created()).toMatchObject({ revision: 0 });
      expect(await one.stored()).toHaveLength(1);
    });

    test("is told to be asked for again where it cannot be found out", async () => {
      const one = node();
      const other = node(one.log);
      one.log.beforeAppend(async () => {
        await other.created();
        one.log.failReads(1);
      });
      const { message } = await refusal(
        one.ask(create({ title: "Writers" }), "owner", "create", { creates: true }),
        "UNAVAILABLE",
      );
      expect(message).toMatch(/whether it was stored is unknown/);
      await refusal(one.ask(create({ title: "Writers" }), "owner", "create", { creates: true }), "CONFLICT");
    });
  });

  test("that no log can see, with the same command on other input, leaves the fold what the log says", async () => {
    const one = node();
    await one.created();
    const other = node(one.log);
    const add = (userId: string): Command => ({ type: "Add", by: "owner", userIds: [userId], memberCap: 9 });
    one.log.beforeAppend(() => other.ask(add("bob"), "owner", "m1"));
    await one.ask(add("carol"), "owner", "m1");
    const { state } = await one.ask({ type: "Leave", userId: "zoe" }, "zoe", "m2");
    expect([roleOf(state, "bob"), roleOf(state, "carol")]).toEqual(["MEMBER", undefined]);
  });

  test("without end is given up, after waits", async () => {
    const { log, ask, created, appends, waits } = node();
    await created();
    log.failAppends(...Array.from({ length: 100 }, () => "conflict" as const));
    const { retryAfterMs } = await refusal(ask(join("bob"), "bob", "m1"), "UNAVAILABLE");
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(appends()).toHaveLength(1 + 13);
    expect(waits).toHaveLength(11);
  });
});

describe("a log that is away", () => {
  test("and stored nothing is told at once", async () => {
    const { log, ask, created, appends } = node();
    await created();
    log.failAppends("nothing");
    const { message, retryAfterMs } = await refusal(ask(join("bob"), "bob", "m1"), "UNAVAILABLE");
    expect(message).toMatch(/a server behind is away; nothing was stored/);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(appends()).toHaveLength(2);
    expect(await ask(join("bob"), "bob", "m1")).toMatchObject({ revision: 1, repeated: false });
  });

  test("says nothing of the machine that it was on", async () => {
    const { log, ask, created } = node();
    await created();
    const why = "the disk of the log in /srv/tidings is full: log.sqlite at 10.0.0.7:2113";
    log.append = () => Promise.reject(new Unavailable(why, "nothing", { cause: new Error(why) }));
    const refused = await refusal(ask(join("bob"), "bob", "m1"), "UNAVAILABLE");
    expect(refused.message).not.toMatch(/srv|10\.0|sqlite/);
    // Whoever runs it finds it in the cause.
    expect(refused.cause).toMatchObject({ message: why });
  });

  test("when it is read is told, and what was read before is kept", async () => {
    const { log, ask, created, reads } = node(aloneLog());
    await created();
    log.failReads(1);
    await refusal(ask(join("bob"), "bob", "m1"), "UNAVAILABLE");
    await ask(join("bob"), "bob", "m1");
    await ask(join("carol"), "carol", "m1");
    expect(reads()).toEqual([0, 0, 0, 1]);
  });

  test.each(["unknown, stored", "unknown, lost"] as const)(
    "and leaves the outcome unknown (%s) gets the very same call again",
    async (fault) => {
      const { log, ask, created, appends, stored } = node();
      await created();
      log.failAppends(fault, fault, "nothing");
      const result = await ask({ type: "Add", by: "owner", userIds: ["bob", "carol"], memberCap: 9 }, "owner", "m1");
      const [, ...tries] = appends();
      expect(tries).toHaveLength(4);
      for (const again of tries) expect(again).toEqual(tries[0]);
      const events = await stored();
      expect(events).toHaveLength(3);
      expect(result).toMatchObject({ position: events[2]?.position, revision: 2, repeated: false });
      expect((await ask(join("dave"), "dave", "m2")).revision).toBe(3);
    },
  );

  test("meanwhile, with someone faster, finds its own events or decides again", async () => {
    for (const [fault, revision] of [
      ["unknown, stored", 1],
      ["unknown, lost", 2],
    ] as const) {
      const { log, ask, created, stored } = node(memoryLog(), {
        sleep: async () => {
          const head = (await log.read(stream, 10, "backwards", 1))[0]?.revision ?? -1;
          await log.append(stream, [foreignJoin("zoe")], head);
        },
      });
      await created();
      log.failAppends(fault);
      expect(await ask(join("bob"), "bob", "m1")).toMatchObject({ revision });
      expect((await stored()).filter(({ metadata }) => metadata.actorId === "bob")).toHaveLength(1);
    }
  });

  test.each(["unknown, stored", "unknown, lost"] as const)(
    "for long (%s) is told, and the same command goes on later",
    async (fault) => {
      const { log, ask, created, stored, waits } = node();
      await created();
      log.failAppends(...Array.from({ length: 100 }, () => fault));
      const told = await refusal(ask(join("bob"), "bob", "m1"), "UNAVAILABLE");
      expect(told.message).toMatch(/unknown/);
      expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(5_000);
      const again = node(log);
      await vi.waitFor(async () => expect((await again.ask(join("bob"), "bob", "m1")).revision).toBe(1), { interval: 1 });
      expect(await stored()).toHaveLength(2);
    },
  );
});

describe("what is kept in memory", () => {
  const fill = async (log = aloneLog()) => {
    const first = node(log);
    await first.created();
    const userIds = Array.from({ length: 1_300 }, (_, index) => `u${index}`);
    await first.ask({ type: "Add", by: "owner", userIds, memberCap: 9_999 }, "owner", "add");
    return log;
  };

  test("a long stream is folded in pages, once", async () => {
    const { ask, log } = node(await fill());
    const from = log.calls.length;
    await ask(join("bob"), "bob", "m1");
    await ask(join("carol"), "carol", "m1");
    expect(log.calls.slice(from).flatMap((call) => (call.op === "read" ? [call.from] : []))).toEqual([0, 500, 1_000, 1_301]);
  });

  test("is kept where the log went away on the way", async () => {
    const { ask, log } = node(await fill());
    const from = log.calls.length;
    log.failReads(1, 2);
    await refusal(ask(join("bob"), "bob", "m1"), "UNAVAILABLE");
    expect((await ask(join("bob"), "bob", "m1")).revision).toBe(1_301);
    expect(log.calls.slice(from).flatMap((call) => (call.op === "read" ? [call.from] : []))).toEqual([0, 500, 1_000, 1_000]);
  });

  test("is bounded: a fold heavier than allowed is kept alone", async () => {
    const { ask, handle, log } = node(await fill(), { maxBytes: 100_000 });
    const from = log.calls.length;
    const readAnew = () =>
      log.calls.slice(from).filter((call) => call.op === "read" && call.stream === stream && call.from === 0).length;
    await ask(join("bob"), "bob", "m1");
    expect((await ask(join("carol"), "carol", "m1")).revision).toBe(1_302);
    expect(readAnew()).toBe(1);
    const other = { stream: "group-g:2", decider: group, command: create({ groupId: "g:2" }), actorId: "owner", at };
    await handle({ ...other, clientMutationId: "c" });
    await handle({ ...other, clientMutationId: "c" });
    expect((await ask(join("bob"), "bob", "m1")).repeated).toBe(true);
    expect(readAnew()).toBe(2);
  });

  test("is bounded as folds grow, lists in events counted in: the one not used for longest goes first", async () => {
    const { handle, log } = node(aloneLog(), { maxBytes: 10_000 });
    const on = (id: string, command: Command, clientMutationId: string) =>
      handle({ stream: `group-${id}`, decider: group, command, actorId: "owner", clientMutationId, at });
    const users = Array.from({ length: 56 }, (_, index) => `u${index}`);
    const leave: Command = { type: "Leave", userId: "zoe" };
    await on("g:1", create(), "c");
    await on("g:1", leave, "l1");
    await on("g:2", create({ groupId: "g:2" }), "c");
    await on("g:2", { type: "Import", userIds: users }, "i");
    await on("g:1", leave, "l2");
    await on("g:2", leave, "l1");
    await on("g:1", leave, "l3");
    expect(log.calls.flatMap((call) => (call.op === "read" && call.stream === "group-g:1" ? [call.from] : []))).toEqual([
      0, 0, 1, 0,
    ]);
  });

  test("is bounded by how long its texts are", async () => {
    const { handle, log } = node(aloneLog(), { maxBytes: 500_000 });
    const edit = (seq: number, clientMutationId: string) => {
      const command = {
        type: "Edit",
        text: `${clientMutationId}${"x".repeat(16_000)}`,
        originalText: "x",
        kind: "TEXT",
        sentAt: at,
        at,
        windowMs: 0,
      } as const;
      const target = { conversationId: "d:ann~ben", seq, senderId: "ann", by: "ann" };
      const of = { stream: `annotation-d:ann~ben:${seq}`, decider: annotation, actorId: "ann", at };
      return handle({ ...of, clientMutationId, command: { ...command, ...target } });
    };
    const readsOf = (seq: number) =>
      log.calls.flatMap((call) => (call.op === "read" && call.stream.endsWith(`:${seq}`) ? [call.from] : []));
    for (const key of ["1", "2", "3"]) await edit(1, key);
    for (let seq = 2; seq < 40; seq += 1) for (const key of ["1", "2"]) await edit(seq, key);
    await edit(39, "3");
    await edit(1, "4");
    expect(readsOf(39)).toEqual([0, 0, 1]);
    expect(readsOf(1)).toEqual([0, 0, 1, 0]);
  });

  test("events of a later version's type are passed over", async () => {
    const { log, ask, created } = node();
    await created();
    await log.append(stream, [foreign("GroupFrozen", { groupId }, "f")], 0);
    expect(await ask(join("bob"), "bob", "m1")).toMatchObject({ revision: 2 });
    const other = node(log);
    expect(await other.ask(join("bob"), "bob", "m1")).toMatchObject({ revision: 2, repeated: true });
  });

  test("an event that cannot be read stops the stream's commands, until it can be", async () => {
    const { log, ask, created } = node();
    await created();
    await log.append(stream, [foreign("MemberJoined", { groupId }, "bad")], 0);
    await expect(ask(join("bob"), "bob", "m1")).rejects.toThrow(/MemberJoined/);
    await expect(ask(join("bob"), "bob", "m1")).rejects.toThrow(/MemberJoined/);
  });

  test("a group of 5,000 is created, found again and changed", async () => {
    const { log, ask } = node();
    const memberIds = Array.from({ length: 4_999 }, (_, index) => `user-${index}`);
    const first = await ask(create({ memberIds }), "owner", "m1", { creates: true });
    expect(memberCount(first.state)).toBe(5_000);
    const other = node(log);
    const removed = await other.ask({ type: "Remove", by: "owner", userIds: memberIds.slice(0, 2_000) }, "owner", "m2");
    expect([memberCount(removed.state), removed.revision]).toEqual([3_000, 6_999]);
    expect(memberCount(first.state)).toBe(5_000);
  });
});
