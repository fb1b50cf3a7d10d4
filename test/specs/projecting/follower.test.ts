import { describe, expect, test } from "vitest";
import { CheckpointMoved } from "../../../src/ports/faults.ts";
import { tidyGenerations } from "../../../src/projecting/generations/tidy.ts";
import { viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import { counted, wrote } from "../../support/counted.ts";
import { heldViews } from "../../support/heldViews.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { type CommitFault, memoryViews } from "../../support/memoryViews.ts";
import { until } from "../../support/until.ts";
import { viewServer } from "../../support/viewServer.ts";

const one = counted("one");
const other = counted("other");

/** A store in which these were folded up to the log's end by an earlier server. */
async function foldedBefore(of = [one, other], ...by: string[]) {
  const [log, views] = [memoryLog(), memoryViews()];
  await wrote(log, ...by);
  const before = viewServer({ log, views, projections: of });
  await before.open();
  await before.caughtUp();
  await before.stop();
  return { log, views };
}

describe("views that are folded for the first time", () => {
  test("are not read, and nothing of them is told, until all have caught up; then they are read in one step", async () => {
    const [log, views] = [memoryLog(), memoryViews()];
    await wrote(log, "ann", "bob", "ann", "ann");
    const held = heldViews(views);
    held.hold("one@1#1");
    const server = viewServer({ log, views: held.store, projections: [one, other] });
    await until("a page waits to be committed", () => held.waits("one@1#1"));
    for (const projection of [one, other]) {
      expect(() => server.reading.generation(projection)).toThrow(/have not caught up with the log yet: 0 % done/);
      expect(server.reading.generationIfRead(projection)).toBeUndefined();
    }
    expect([server.opened(), server.told]).toEqual([0, []]);
    held.letGo("one@1#1");
    await server.open();
    await server.caughtUp();
    expect(await Promise.all([server.count(one, "ann"), server.count(other, "ann"), server.count(one, "bob")])).toEqual([
      3, 3, 1,
    ]);
    expect(new Set(server.told)).toEqual(new Set([await log.end()]));
    expect(await server.generations(one)).toMatchObject([{ name: "one@1#1", active: true }]);
    expect(server.infos).toEqual([]);
  });

  test.each<CommitFault[]>([
    ["nothing"],
    ["unknown, stored"],
    ["unknown, lost"],
    ["nothing", "unknown, stored", "unknown, lost"],
  ])("count each event once where commits fail with: %s", async (...faults) => {
    const [log, views] = [memoryLog(), memoryViews()];
    await wrote(log, "ann", "bob", "ann", "ann", "bob", "ann");
    // The first commits, and those that make them the ones that are read.
    views.failCommits(undefined, ...faults, undefined, undefined, ...faults);
    const server = viewServer({ log, views, projections: [one, other] });
    await server.open();
    await wrote(log, "ann");
    await server.caughtUp();
    expect([await server.count(one, "ann"), await server.count(other, "bob")]).toEqual([5, 2]);
  });

  test("wait for a store that is away", async () => {
    const [log, views] = [memoryLog(), memoryViews()];
    await wrote(log, "ann");
    views.away(true);
    const server = viewServer({ log, views, projections: [one] });
    await until("it is told", () => server.warnings.length > 0);
    expect(() => server.reading.generation(one)).toThrow("have not caught up");
    views.away(false);
    await server.open();
    expect(await server.count(one, "ann")).toBe(1);
  });

  test("are gone on with where an earlier server stopped", async () => {
    const [log, views] = [memoryLog(), memoryViews()];
    await wrote(log, "ann", "bob", "ann", "ann", "bob");
    const held = heldViews(views);
    const first = viewServer({ log, views: { ...held.store }, projections: [one, other] });
    await until("a page is committed", async () => (await views.checkpoint("one@1#1")) !== undefined);
    await first.stop();
    const second = viewServer({ log, views, projections: [one, other] });
    await second.open();
    await second.caughtUp();
    expect([await second.count(one, "ann"), await second.count(other, "bob")]).toEqual([3, 2]);
    expect(await second.generations(one)).toHaveLength(1);
  });
});

describe("views that lag when a server starts", () => {
  test("are not read until they have caught up with the log", async () => {
    const { log, views } = await foldedBefore([one, other], "ann");
    await wrote(log, "ann", "ann", "ann");
    const held = heldViews(views);
    held.hold("other@1#1");
    const server = viewServer({ log, views: held.store, projections: [one, other] });
    await until("a page waits to be committed", () => held.waits("other@1#1"));
    expect(() => server.reading.generation(one)).toThrow("have not caught up");
    expect(server.told).toEqual([]);
    held.letGo("other@1#1");
    await server.open();
    expect(await server.count(one, "ann")).toBe(4);
  });
});

describe("a projection among others that are read", () => {
  test("that is new is UNAVAILABLE alone, with its progress, until it is built; the others are read and followed", async () => {
    const { log, views } = await foldedBefore([one], "ann", "bob", "ann");
    const held = heldViews(views);
    held.hold("other@1#1");
    const server = viewServer({ log, views: held.store, projections: [one, other], pageEvents: 1 });
    await server.open();
    await until("it is being built", () => held.waits("other@1#1"));
    expect(() => server.reading.generation(other)).toThrow(/the view other is being built: 0 % done/);
    await wrote(log, "ann");
    await server.caughtUp();
    expect(await server.count(one, "ann")).toBe(3);
    expect(server.reading.generationIfRead(other)).toBeUndefined();
    held.letGo("other@1#1");
    await until("it is read", () => server.reading.generationIfRead(other));
    await wrote(log, "bob");
    await server.caughtUp();
    expect([await server.count(other, "ann"), await server.count(other, "bob"), await server.count(one, "bob")]).toEqual([
      3, 2, 2,
    ]);
    expect(server.told).toEqual([...server.told].sort());
    expect(server.infos).toEqual(["the view other other@1#1 is complete"]);
    expect(server.warnings).toEqual([]);
  });

  test("that is new is built whatever is given up: without it nothing is read", async () => {
    const { log, views } = await foldedBefore([one], "ann", "bob", "ann");
    const held = heldViews(views);
    held.hold("other@1#1");
    const server = viewServer({ log, views: held.store, projections: [one, other], pageEvents: 1 });
    await server.open();
    await until("it is being built", () => held.waits("other@1#1"));
    await expect(server.builder.replay("other")).rejects.toThrow("the view other is being replayed already");
    server.builder.cancelReplay("other");
    held.letGo("other@1#1");
    await until("it is read", () => server.reading.generationIfRead(other));
    expect(await server.count(other, "ann")).toBe(2);
  });

  test("of a raised version that goes on from the old one: that is read and folded on until the new one takes its place", async () => {
    const { log, views } = await foldedBefore([one, other], "ann", "bob");
    const raised = counted("other", { version: 2, goesOnFrom: [1] });
    const held = heldViews(views);
    held.hold("other@2#1");
    const server = viewServer({ log, views: held.store, projections: [one, raised] });
    await server.open();
    await until("the new one is being built", () => held.waits("other@2#1"));
    await wrote(log, "ann");
    await server.caughtUp();
    expect(server.reading.generation(raised)).toBe("other@1#1");
    expect(await server.count(raised, "ann")).toBe(2);
    held.letGo("other@2#1");
    await until("the new one is read", () => server.reading.generation(raised) === "other@2#1");
    await wrote(log, "ann");
    await server.caughtUp();
    expect([await server.count(raised, "ann"), await server.count(one, "ann")]).toEqual([3, 3]);
    expect(server.told).toEqual([...server.told].sort());
  });

  test("of a raised version that does not: it alone is UNAVAILABLE until it is built", async () => {
    const { log, views } = await foldedBefore([one, other], "ann", "bob");
    const raised = counted("other", { version: 2 });
    const held = heldViews(views);
    held.hold("other@2#1");
    const server = viewServer({ log, views: held.store, projections: [one, raised] });
    await server.open();
    await until("the new one is being built", () => held.waits("other@2#1"));
    expect(() => server.reading.generation(raised)).toThrow("the view other is being built");
    expect(await server.count(one, "ann")).toBe(1);
    held.letGo("other@2#1");
    await until("the new one is read", () => server.reading.generationIfRead(raised) === "other@2#1");
    expect(await server.count(raised, "ann")).toBe(1);
  });

  test("that is rolled back finds its old generation, and catches up before it is read", async () => {
    const { log, views } = await foldedBefore([one, other], "ann");
    const raised = counted("other", { version: 2, goesOnFrom: [1] });
    const newer = viewServer({ log, views, projections: [one, raised] });
    await newer.open();
    await until("the new one is read", () => newer.reading.generation(raised) === "other@2#1");
    await wrote(log, "ann", "bob");
    await newer.caughtUp();
    await newer.stop();
    const held = heldViews(views);
    held.hold("other@1#1");
    const older = viewServer({ log, views: held.store, projections: [one, other] });
    await until("it catches up", () => held.waits("other@1#1"));
    expect(() => older.reading.generation(other)).toThrow("have not caught up");
    held.letGo("other@1#1");
    await older.open();
    expect(older.reading.generation(other)).toBe("other@1#1");
    expect([await older.count(other, "ann"), await older.count(other, "bob")]).toEqual([2, 1]);
  });

  test("an old generation that was read again after a rollback is kept for as long again", async () => {
    const { views } = await foldedBefore([other], "ann");
    const raised = counted("other", { version: 2 });
    await views.commit([], [{ of: ["other@2#1"], from: null, to: "memory00.00000000001" }]);
    const generations = viewGenerations(views);
    await views.commit([{ op: "put", table: "generations", partition: "other@2", sort: "", value: "other@2#1" }]);
    let hour = 0;
    const tidy = (projection = raised) =>
      tidyGenerations({
        store: views,
        generations,
        projections: [projection],
        replacedMs: 0,
        olderMs: 10 * 3_600_000,
        now: () => new Date(Date.UTC(2026, 0, 1, hour)),
      });
    expect(await tidy()).toEqual([]);
    hour = 9;
    // The earlier version runs for a while.
    expect(await tidy(other)).toEqual([]);
    hour = 11;
    expect(await tidy()).toEqual([]);
    hour = 21;
    expect(await tidy()).toEqual(["other@1#1"]);
  });
});

describe("two servers on one store", () => {
  test("of two versions of a view fold it side by side, each its own, and neither disturbs the other", async () => {
    const { log, views } = await foldedBefore([other], "ann", "bob");
    const raised = counted("other", { version: 2 });
    const [older, newer] = [viewServer({ log, views, projections: [other] }), viewServer({ log, views, projections: [raised] })];
    await Promise.all([older.open(), newer.open()]);
    for (const who of ["ann", "bob", "ann"]) {
      await wrote(log, who);
      await Promise.all([older.caughtUp(), newer.caughtUp()]);
    }
    expect([older.reading.generation(other), newer.reading.generation(raised)]).toEqual(["other@1#1", "other@2#1"]);
    expect([await older.count(other, "ann"), await newer.count(raised, "ann")]).toEqual([3, 3]);
    expect([...older.warnings, ...newer.warnings]).toEqual([]);
  });

  test("that fold into one generation: one stops rather than count twice", async () => {
    const { log, views } = await foldedBefore([one], "ann");
    const servers = [viewServer({ log, views, projections: [one] }), viewServer({ log, views, projections: [one] })];
    await Promise.all(servers.map((server) => server.open()));
    await wrote(log, "ann", "ann", "ann");
    const stopped = await Promise.race(
      servers.map(async (server, index) => server.ended.then(undefined, (error: unknown) => ({ index, error }))),
    );
    expect(stopped?.error).toBeInstanceOf(CheckpointMoved);
    const left = servers[1 - (stopped?.index ?? 0)] as (typeof servers)[number];
    await left.caughtUp();
    expect(await left.count(one, "ann")).toBe(4);
  });
});

describe("a halt", () => {
  test("lets nothing be folded until the resume, and then goes on with what is active by then", async () => {
    const { log, views } = await foldedBefore([one], "ann");
    const server = viewServer({ log, views, projections: [one] });
    await server.open();
    await server.follower.halt();
    const before = await views.checkpoint("one@1#1");
    await wrote(log, "ann", "bob");
    // What would fold them had every chance to.
    await new Promise(setImmediate);
    expect(await views.checkpoint("one@1#1")).toEqual(before);
    await views.commit(
      [
        { op: "put", table: "one@1#2/counts", partition: "ann", sort: "", value: { count: 70 } },
        { op: "put", table: "generations", partition: "one@1", sort: "#2", value: { begun: true } },
      ],
      [{ of: ["one@1#2"], from: null, to: before?.position ?? "" }],
    );
    await viewGenerations(views).activate("one@1#2");
    server.follower.resume();
    await server.caughtUp();
    expect(server.follower.generation(one)).toBe("one@1#2");
    expect(await server.count(one, "ann")).toBe(71);
  });

  test("in which a generation took its place that is ahead of the others: it is read only once they are as far", async () => {
    const { log, views } = await foldedBefore([one, other], "ann");
    const held = heldViews(views);
    const server = viewServer({ log, views: held.store, projections: [one, other] });
    await server.open();
    await server.follower.halt();
    await wrote(log, "ann");
    await views.commit(
      [
        { op: "put", table: "one@1#2/counts", partition: "ann", sort: "", value: { count: 2 } },
        { op: "put", table: "generations", partition: "one@1", sort: "#2", value: { begun: true } },
      ],
      [{ of: ["one@1#2"], from: null, to: await log.end() }],
    );
    await viewGenerations(views).activate("one@1#2");
    held.hold("other@1#1");
    server.follower.resume();
    await until("the other one catches up", () => held.waits("other@1#1"));
    expect([await server.count(one, "ann"), await server.count(other, "ann")]).toEqual([1, 1]);
    held.letGo("other@1#1");
    await until("it is read", () => server.reading.generation(one) === "one@1#2");
    expect([await server.count(one, "ann"), await server.count(other, "ann")]).toEqual([2, 2]);
    expect(server.told).toEqual([...server.told].sort());
  });

  test("whose one is gone before it is done ends with the resume: it goes on", async () => {
    const { log, views } = await foldedBefore([one], "ann");
    const held = heldViews(views);
    const server = viewServer({ log, views: held.store, projections: [one] });
    await server.open();
    held.hold("one@1#1");
    await wrote(log, "ann");
    await until("a page is on its way", () => held.waits("one@1#1"));
    const halted = server.follower.halt();
    server.follower.resume();
    held.letGo("one@1#1");
    await wrote(log, "ann");
    await server.caughtUp();
    expect(await server.count(one, "ann")).toBe(3);
    await server.stop();
    await halted;
  });

  test("in a halt, before the first look, and after the end is done at once", async () => {
    const { log, views } = await foldedBefore([one], "ann");
    const server = viewServer({ log, views, projections: [one] });
    await server.follower.halt();
    await Promise.all([server.follower.halt(), server.follower.halt()]);
    await wrote(log, "ann");
    server.follower.resume();
    await server.open();
    await server.caughtUp();
    expect(await server.count(one, "ann")).toBe(2);
    await Promise.all([server.follower.halt(), server.follower.halt()]);
    await server.stop();
    await server.follower.halt();
  });
});
