import { describe, expect, test } from "vitest";
import type { CircleSteps } from "../../../src/commands/commands.ts";
import { decider as group } from "../../../src/domain/group.ts";
import { type Event as GroupEvent, membersOf, type State } from "../../../src/domain/groupState.ts";
import { streams } from "../../../src/domain/ids.ts";
import { parseEvent } from "../../../src/domain/recorded.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { EventStore } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { circleCompletion } from "../../../src/processes/circleCompletion.ts";
import { dueProcess } from "../../../src/processes/dueProcess.ts";
import { admin, caller, newKey, profile, text } from "../../support/cast.ts";
import { refused } from "../../support/refused.ts";
import { allOf, nodeOver, type World, world } from "../../support/world.ts";

const GROUP = "g:circle.acme";
const SOON = 3_000;
const running = () => new AbortController().signal;
/** Several appends' worth. */
const MANY = 1_100;

/** A world whose clock stands still until it is moved. */
async function scene(users: readonly string[] = ["ann", "bob", "cat"]) {
  let time = Date.UTC(2024, 0, 2);
  const now = () => new Date(time);
  const made = world({ now });
  for (const [index, user] of users.entries()) {
    await made.commands.register(caller(user), profile(user));
    // Senders are held back where nothing is folded.
    if (index % 500 === 0) await made.catchUp();
  }
  await made.catchUp();
  const warnings: string[] = [];
  return {
    ...made,
    now,
    pass: (ms: number) => void (time += ms),
    warnings,
    put: (memberIds: string[], commands: Pick<World["commands"], "putCircle"> = made.commands, clientMutationId = newKey()) =>
      commands.putCircle(admin, {
        clientMutationId,
        circleId: "o:acme",
        kind: "company",
        name: "Acme",
        memberIds,
        withConversation: true,
      }),
    /** The commands of a server that crashes once it has appended so often. */
    crashing: (appends: number) => {
      let left = appends;
      const log: EventStore = {
        ...made.log,
        append: async (...of) => {
          if (left-- > 0) return made.log.append(...of);
          throw new Unavailable("it crashed", "nothing");
        },
      };
      return nodeOver(log, made.store, { now, watermark: made.watermark, waited: made.catchUp }).commands;
    },
    /** A process of a server that has just started. */
    process: (commands: CircleSteps = made.commands) =>
      dueProcess(circleCompletion({ circles: made.views.circles, commands }), {
        watermark: { ...made.watermark, reached: async () => made.catchUp().then(() => true) },
        begun: made.log.origin,
        now,
        warn: (message, detail) => void warnings.push(`${message}: ${detail}`),
      }),
    groupNow: async (): Promise<State> => {
      const events = (await made.log.read(streams.group(GROUP), 0, "forwards", 10_000)).map((stored) => parseEvent(stored));
      return events.reduce<State>((state, event) => group.evolve(state, event as unknown as GroupEvent), undefined);
    },
    circleEvents: async () =>
      (await made.log.read(streams.circle("o:acme"), 0, "forwards", 1_000)).map(
        ({ type, metadata }) => `${type} ${metadata.actorId}`,
      ),
  };
}

const namesIn = (state: State) => [...membersOf(state)].map(([user]) => user).sort();
const many = (from: number) => Array.from({ length: MANY }, (_, index) => `u${from + index}`);

describe("a circle whose server crashed", () => {
  // The circle, its group in three appends and more, and that it is equal.
  test.each([1, 2, 3])("after %i appends has its conversation, once a server goes on", async (appends) => {
    const here = await scene(many(0));
    await refused(here.put(many(0), here.crashing(appends)), "UNAVAILABLE");
    await here.catchUp();
    expect(namesIn(await here.groupNow()).length).toBeLessThan(MANY);
    here.pass(SOON);
    const process = here.process();
    await process.look(running());
    await process.look(running());
    expect(namesIn(await here.groupNow())).toEqual(many(0).sort());
    expect(await here.circleEvents()).toEqual(["CirclePut operator", "CircleEqualised ~circle"]);
    expect(process.state()).toEqual({ name: "circles", lateMs: 0, done: 1 });
    expect(here.warnings).toEqual([]);
  });

  test("before it said that its conversation is equal is found done", async () => {
    const here = await scene();
    await refused(here.put(["ann", "bob"], here.crashing(2)), "UNAVAILABLE");
    await here.catchUp();
    const before = await here.log.read(streams.group(GROUP), 0, "forwards", 100);
    here.pass(SOON);
    await here.process().look(running());
    expect(await here.log.read(streams.group(GROUP), 0, "forwards", 100)).toEqual(before);
    expect(await here.circleEvents()).toEqual(["CirclePut operator", "CircleEqualised ~circle"]);
  });

  test("takes the rights of those who went, as the one who put it", async () => {
    const here = await scene();
    await here.put(["ann", "bob"]);
    await refused(here.put(["bob", "cat"], here.crashing(1)), "UNAVAILABLE");
    await here.catchUp();
    await here.commands.sendMessage(caller("ann"), text({ conversationId: GROUP }));
    here.pass(SOON);
    await here.process().look(running());
    await refused(here.commands.sendMessage(caller("ann"), text({ conversationId: GROUP })), "FORBIDDEN", "conversationId");
    expect(namesIn(await here.groupNow())).toEqual(["bob", "cat"]);
    const removed = (await here.events()).find(({ type }) => type === "MemberRemoved");
    expect(removed?.metadata.actorId).toBe("operator");
  });

  test("and was put again since is as it was put last", async () => {
    const here = await scene();
    await refused(here.put(["ann"], here.crashing(1)), "UNAVAILABLE");
    await here.put(["bob", "cat"]);
    here.pass(SOON);
    await here.process().look(running());
    expect(namesIn(await here.groupNow())).toEqual(["bob", "cat"]);
    expect(await here.circleEvents()).toEqual(["CirclePut operator", "CirclePut operator", "CircleEqualised ~circle"]);
  });
});

describe("a circle whose conversation is equal to it", () => {
  test("is left alone", async () => {
    const here = await scene();
    await here.put(["ann"]);
    await here.put(["ann", "bob"]);
    const before = await here.events();
    here.pass(24 * 3_600_000);
    const process = here.process();
    await process.look(running());
    expect(await here.events()).toEqual(before);
    expect(process.state().done).toBe(0);
  });

  test("is so once by one call, and by the same call again, which was cut off", async () => {
    const here = await scene();
    const key = newKey();
    await refused(here.put(["ann", "bob"], here.crashing(1), key), "UNAVAILABLE");
    await here.put(["ann", "bob"], here.commands, key);
    expect(namesIn(await here.groupNow())).toEqual(["ann", "bob"]);
    const before = await here.events();
    await here.put(["ann", "bob"], here.commands, key);
    expect(await here.events()).toEqual(before);
  });
});

test("many servers complete a circle at the same time, while it is put again", async () => {
  const here = await scene(many(0));
  await refused(here.put(many(0), here.crashing(1)), "UNAVAILABLE");
  await here.catchUp();
  here.pass(SOON);
  const servers = Array.from(
    { length: 4 },
    () => nodeOver(here.log, here.store, { now: here.now, watermark: here.watermark, waited: here.catchUp }).commands,
  );
  await Promise.all([...servers.map((commands) => here.process(commands).look(running())), here.put(many(0).slice(0, 600))]);
  await here.process().look(running());
  expect(namesIn(await here.groupNow())).toEqual(many(0).slice(0, 600).sort());
});

test("rows that are folded anew complete nothing", async () => {
  const here = await scene();
  await here.put(["ann", "bob"]);
  await here.put(["bob", "cat"]);
  here.pass(SOON);
  const before = await here.events();
  // A server that has only begun to fold: by its rows nothing is equal yet.
  const behind = world({ log: here.log, now: here.now, pageEvents: 1 });
  for (let step = 0; step < before.length; step++) {
    await behind.catchUp();
    await dueProcess(circleCompletion({ circles: behind.views.circles, commands: behind.commands }), {
      watermark: behind.watermark,
      begun: here.log.origin,
      now: here.now,
      warn: () => undefined,
    }).look(running());
  }
  expect(await allOf(here.log)).toEqual(before);
});

test("a fault of one keeps no other circle waiting", async () => {
  const here = await scene();
  await refused(here.put(["ann"], here.crashing(1)), "UNAVAILABLE");
  await refused(
    here.crashing(1).putCircle(admin, {
      clientMutationId: newKey(),
      circleId: "o:other",
      kind: "family",
      name: "Other",
      memberIds: ["bob"],
      withConversation: true,
    }),
    "UNAVAILABLE",
  );
  await here.catchUp();
  here.pass(SOON);
  const completeCircle: CircleSteps["completeCircle"] = (put) =>
    put.circle === "o:other" ? Promise.reject(new Refusal("CONFLICT", "no")) : here.commands.completeCircle(put);
  const process = here.process({ completeCircle });
  await process.look(running());
  expect(namesIn(await here.groupNow())).toEqual(["ann"]);
  expect(process.state()).toMatchObject({ trouble: "no" });
  expect(here.warnings).toHaveLength(1);
});
