import { describe, expect, test } from "vitest";
import { readViews } from "../../../projections/views.ts";
import type { Done } from "../../../src/commands/commands.ts";
import { createGrants } from "../../../src/commands/grants.ts";
import { commandHandler } from "../../../src/commands/handle.ts";
import { messageLog } from "../../../src/commands/send.ts";
import { Refusal } from "../../../src/domain/refusal.ts";
import { decider as settingsDecider } from "../../../src/domain/settings.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { createWatermark } from "../../../src/projecting/watermark.ts";
import { gate } from "../../support/gate.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { refused } from "../../support/refused.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { nodeOver, type World, world } from "../../support/world.ts";

const [ann, ben, cat] = [caller("ann"), caller("ben"), caller("cat")];

/** A group of Ann's, in which Ben is an administrator and Cat a member, and each has written a message. */
async function setUp(options: Parameters<typeof world>[0] = {}): Promise<World & { id: string }> {
  const target = world(options);
  const { commands, catchUp } = target;
  for (const { userId } of [ann, ben, cat]) await commands.register(caller(userId), profile(userId));
  await catchUp();
  const { conversationId: id } = await commands.createConversation(ann, group({ memberIds: ["ben", "cat"] }));
  await catchUp();
  const promoted = commands.setRole(ann, { ...on(id), userId: "ben", role: "ADMIN" });
  await turn();
  await catchUp();
  await promoted;
  for (const by of [ann, ben, cat]) await commands.sendMessage(by, text({ conversationId: id }));
  await catchUp();
  return { ...target, id };
}

const on = (conversationId: string) => ({ clientMutationId: newKey(), conversationId });

/** Lets everything run that waits for nothing outside. */
async function turn(): Promise<void> {
  for (let count = 0; count < 50; count++) await new Promise((resolve) => setImmediate(resolve));
}

function watched<T>(work: Promise<T>): { work: Promise<T>; isOver: boolean } {
  const seen = { work, isOver: false };
  const over = () => void (seen.isOver = true);
  work.then(over, over);
  return seen;
}

type Taking = (target: World & { id: string }) => Promise<Done>;
const takings: Record<string, { of: typeof ann; take: Taking }> = {
  "a removal": { of: cat, take: ({ commands, id }) => commands.removeMembers(ann, { ...on(id), userIds: ["cat"] }) },
  leaving: { of: cat, take: ({ commands, id }) => commands.leave(cat, on(id)) },
  "a demotion": { of: ben, take: ({ commands, id }) => commands.setRole(ann, { ...on(id), userId: "ben", role: "MEMBER" }) },
  "handing the ownership over": {
    of: ann,
    take: ({ commands, id }) => commands.transferOwnership(ann, { ...on(id), userId: "ben" }),
  },
};

type Doing = (target: World & { id: string }, by: typeof ann, seq: number) => Promise<unknown>;
const doings: Record<string, Doing> = {
  "a message": ({ commands, id }, by) => commands.sendMessage(by, text({ conversationId: id })),
  "an edit": ({ commands, id }, by, seq) => commands.editMessage(by, { ...on(id), seq, text: "other" }),
  "a recall": ({ commands, id }, by, seq) => commands.recallMessage(by, { ...on(id), seq }),
  "a read mark": ({ commands, id }, by) => commands.markRead(by, { ...on(id), seq: 9 }),
};

describe("a right that is taken away", () => {
  for (const [name, { of, take }] of Object.entries(takings))
    for (const [what, act] of Object.entries(doings))
      test(`by ${name} is answered once ${what} on its way by it is in the log`, async () => {
        const target = await setUp();
        const [arrived, barrier] = [gate(), gate()];
        target.log.beforeAppend(() => {
          arrived.open();
          return barrier.passed;
        });
        const seq = { ann: 1, ben: 2, cat: 3 }[of.userId] ?? 0;
        const acting = watched(act(target, of, seq));
        await arrived.passed;
        const taking = watched(take(target));
        await turn();
        await target.catchUp();
        await turn();
        expect([taking.isOver, acting.isOver]).toEqual([false, false]);
        const others = (await target.events()).length;
        barrier.open();
        await taking.work;
        // It was stored by then: what comes into the log from here on is not by that right.
        expect(await target.events()).toHaveLength(others + 1);
        await acting.work;
      });

  test("is answered once the views here hold it: nothing rests on it from then on", async () => {
    const target = await setUp({ lazy: false });
    const { commands, id, catchUp } = target;
    const removed = watched(commands.removeMembers(ann, { ...on(id), userIds: ["cat"] }));
    const demoted = watched(commands.setRole(ann, { ...on(id), userId: "ben", role: "MEMBER" }));
    await turn();
    expect([removed.isOver, demoted.isOver]).toEqual([false, false]);
    await catchUp();
    await Promise.all([removed.work, demoted.work]);
    await refused(commands.sendMessage(cat, text({ conversationId: id })), "FORBIDDEN", "conversationId");
    await refused(commands.editMessage(cat, { ...on(id), seq: 3, text: "x" }), "FORBIDDEN");
    await refused(commands.recallMessage(ben, { ...on(id), seq: 1 }), "FORBIDDEN");
  });

  test("and is not in force in time is told so; the same call again waits for it, and stores nothing more", async () => {
    const target = await setUp();
    const { id, log, store, watermark, catchUp } = target;
    const { commands } = nodeOver(log, store, { watermark, inForceMs: 1 });
    const input = { ...on(id), userIds: ["cat"] };
    const refusal = await refused(commands.removeMembers(ann, input), "UNAVAILABLE");
    expect(refusal.retryAfterMs).toBeGreaterThan(0);
    expect(refusal.message).toContain("stored");
    const end = await log.end();
    await refused(commands.removeMembers(ann, input), "UNAVAILABLE");
    await catchUp();
    expect(await commands.removeMembers(ann, input)).toEqual({ position: end });
    expect(await log.end()).toBe(end);
  });

  test("waits for nobody else", async () => {
    const target = await setUp();
    const [arrived, barrier] = [gate(), gate()];
    target.log.beforeAppend(() => {
      arrived.open();
      return barrier.passed;
    });
    const acting = target.commands.sendMessage(ben, text({ conversationId: target.id }));
    await arrived.passed;
    await target.commands.removeMembers(ann, { ...on(target.id), userIds: ["cat"] });
    barrier.open();
    await acting;
  });

  test("a recalled text is shown to nobody here once that is answered", async () => {
    const { commands, id, views } = await setUp();
    await commands.recallMessage(ann, { ...on(id), seq: 1 });
    expect(await views.timelines.message(id, 1)).toMatchObject({ text: null });
  });
});

describe("grants", () => {
  test("end with the work, however it ends, and leave nothing", async () => {
    const grants = createGrants();
    const barriers = [gate(), gate()];
    const works = barriers.map(({ passed }, index) =>
      grants.holding("g:1", "ann", async () => {
        await passed;
        if (index === 1) throw new Error("no");
      }),
    );
    const failed = expect(works[1]).rejects.toThrow("no");
    const ended = watched(grants.ended("g:1", ["ann", "ben"]));
    barriers[0]?.open();
    await works[0];
    await turn();
    expect(ended.isOver).toBe(false);
    await Promise.all([grants.ended("g:1", ["ben"]), grants.ended("g:2", ["ann"])]);
    barriers[1]?.open();
    await failed;
    await ended.work;
    await grants.ended("g:1", ["ann"]);
  });
});

describe("grants of what has an outcome that nobody knows", () => {
  /** A log that gives no answer to appends, and may have got them, until it is back. */
  const silent = () => {
    const log = memoryLog();
    let isBack = false;
    const append: typeof log.append = async (...call) => {
      if (!isBack) throw new Unavailable("the log does not answer", "unknown");
      return log.append(...call);
    };
    return { log: { ...log, append }, end: log.end, append: log.append, back: () => void (isBack = true) };
  };
  type Silent = ReturnType<typeof silent>;
  const data = { conversationId: "g:1", senderId: "ann", attachments: [] };
  const { userId: _, ...sent } = { ...text({ conversationId: "g:1" }), ...data };
  const stamped = { actorId: "ann", at: "2024-01-02T03:04:05.678Z" };
  const acts: Record<string, { stream: string; act: (silent: Silent) => Promise<unknown> }> = {
    "a message": {
      stream: "conversation-g:1",
      act: ({ log }) => {
        let time = 0;
        const messages = messageLog({
          log,
          views: readViews(memoryViews()),
          watermark: createWatermark(log.origin),
          backpressure: { enter: () => () => {}, ready: () => Promise.resolve(), appended: () => {} },
          rowsMs: 1,
          // Each look is a while later than the one before.
          clock: () => (time += 2_900),
        });
        return messages.store(
          { id: crypto.randomUUID(), data: sent, stamp: { clientMutationId: "1", ...stamped } },
          async () => {},
        );
      },
    },
    "another command": {
      stream: "settings",
      act: ({ log }) =>
        commandHandler({ log, repeatMs: 0 })({
          stream: "settings",
          decider: settingsDecider,
          command: { type: "SetFanoutLimit", limit: 7 },
          clientMutationId: "1",
          ...stamped,
        }),
    },
  };
  for (const [what, { stream, act }] of Object.entries(acts)) {
    const given = async () => {
      const target = silent();
      const grants = createGrants();
      const refusal = await refused(
        grants.holding("g:1", "ann", () => act(target)),
        "UNAVAILABLE",
      );
      expect(refusal.message).toContain("unknown");
      const ended = watched(grants.ended("g:1", ["ann"]));
      await turn();
      expect(ended.isOver).toBe(false);
      return { ...target, ended };
    };

    test(`${what}: end once it is in the log`, async () => {
      const { ended, back, log } = await given();
      back();
      await ended.work;
      expect(await log.read(stream, 0, "forwards", 10)).toHaveLength(1);
    });

    test(`${what}: end once something else stands in its place, so that it can come no more`, async () => {
      const { ended, back, log, append } = await given();
      const metadata = { $correlationId: "c", $causationId: "c", schema: 1, ...stamped };
      const other = crypto.randomUUID();
      await append(stream, [{ id: other, type: "FanoutLimitSet", data: {}, metadata }], -1);
      back();
      await ended.work;
      expect((await log.read(stream, 0, "forwards", 10)).map(({ id }) => id)).toEqual([other]);
    });
  }
});

describe("a message that waited long for its append", () => {
  const queued = async (later: () => Promise<void>) => {
    const log = memoryLog();
    const held = gate();
    let time = 0;
    const messages = messageLog({
      log,
      views: readViews(memoryViews()),
      watermark: createWatermark(log.origin),
      backpressure: { enter: () => () => {}, ready: () => held.passed, appended: () => {} },
      rowsMs: 1,
      clock: () => time,
    });
    let asked = 0;
    const data = { ...text({ conversationId: "g:1" }), attachments: [], conversationId: "g:1", senderId: "ann" };
    const { userId: _, ...sent } = data;
    const storing = messages.store(
      { id: crypto.randomUUID(), data: sent, stamp: { actorId: "ann", clientMutationId: "1", at: "2024-01-02T03:04:05.678Z" } },
      async () => {
        if (++asked > 1) await later();
      },
    );
    const over = watched(storing);
    await turn();
    return { log, over, asked: () => asked, goOn: (ms: number) => ((time += ms), held.open()) };
  };

  test("is asked for again, and not stored where its sender may no longer", async () => {
    const { log, over, goOn } = await queued(() => Promise.reject(new Refusal("FORBIDDEN", "no")));
    goOn(3_001);
    await refused(over.work, "FORBIDDEN");
    expect(await log.end()).toBe(log.origin);
  });

  test("is stored where they still may, and one that did not wait is not asked for again", async () => {
    for (const [ms, times] of [
      [3_001, 2],
      [10, 1],
    ] as const) {
      const { over, asked, goOn } = await queued(() => Promise.resolve());
      goOn(ms);
      expect((await over.work).message.seq).toBe(1);
      expect(asked()).toBe(times);
    }
  });
});
