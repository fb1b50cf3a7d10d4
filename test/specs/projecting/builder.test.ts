import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Projection } from "../../../src/projecting/projection.ts";
import { counted, wrote } from "../../support/counted.ts";
import { gate } from "../../support/gate.ts";
import { heldViews } from "../../support/heldViews.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { type CommitFault, memoryViews } from "../../support/memoryViews.ts";
import { until } from "../../support/until.ts";
import { viewServer, type ViewServerOptions } from "../../support/viewServer.ts";

const one = counted("one");
const other = counted("other");

/** A server whose views are folded and read. Each page that is built beside holds one event. */
async function running(options: Partial<ViewServerOptions> & { by?: string[] } = {}) {
  const { by = ["ann", "bob", "ann", "ann"], projections = [one, other], ...more } = options;
  const log = memoryLog();
  const memory = memoryViews();
  const held = heldViews(memory);
  await wrote(log, ...by);
  const server = viewServer({ log, views: held.store, projections, pageEvents: 1, ...more });
  await server.open();
  await server.caughtUp();
  return { ...server, log, memory, held };
}

type Running = Awaited<ReturnType<typeof running>>;

const reads = (server: Pick<Running, "reading">, projection: Projection, generation: string) =>
  until(`${generation} is read`, () => server.reading.generation(projection) === generation);

/** Corrupts a row of what is read, so that a replay shows. */
const corrupt = ({ memory }: Running, generation: string, count = 70) =>
  memory.commit([{ op: "put", table: `${generation}/counts`, partition: "ann", sort: "", value: { count } }]);

const namesOf = async (server: Running, projection: Projection): Promise<string[]> =>
  (await server.generations(projection)).map(({ name }) => name).sort();

const rowsOf = ({ memory }: Running, generation: string): string[] => memory.dump().filter((line) => line.includes(generation));

describe("a replay", () => {
  test("is built beside what is read and followed, and takes its place in one step", async () => {
    const server = await running();
    await corrupt(server, "one@1#1");
    server.held.hold("one@1#2");
    await server.builder.replay("one");
    await until("it is being built", () => server.held.waits("one@1#2"));
    expect(server.state("one")).toMatchObject({ state: "REPLAYING" });
    expect(await server.count(one, "ann")).toBe(70);
    await wrote(server.log, "bob");
    await server.caughtUp();
    expect([await server.count(one, "bob"), await server.count(other, "bob")]).toEqual([2, 2]);
    server.held.letGo("one@1#2");
    await reads(server, one, "one@1#2");
    await wrote(server.log, "ann");
    await server.caughtUp();
    expect([await server.count(one, "ann"), await server.count(one, "bob"), await server.count(other, "ann")]).toEqual([4, 2, 4]);
    expect(server.told).toEqual([...server.told].sort());
    await server.builder.ended();
    expect(server.state("one")).toMatchObject({
      state: "LIVE",
      lastError: undefined,
      progress: undefined,
      eventsPerSecond: undefined,
    });
    expect(server.warnings).toEqual([]);
  });

  test.each<CommitFault[]>([
    ["nothing"],
    ["unknown, stored"],
    ["unknown, lost"],
    ["nothing", "unknown, lost", "unknown, stored"],
  ])("counts each event once where commits in the middle and at the swap fail with: %s", async (...faults) => {
    const server = await running({ projections: [one] });
    // The first commit notes what is to be built.
    server.memory.failCommits(undefined, undefined, ...faults, undefined, ...faults, ...faults);
    await server.builder.replay("one");
    await reads(server, one, "one@1#2");
    await wrote(server.log, "ann");
    await server.caughtUp();
    expect([await server.count(one, "ann"), await server.count(one, "bob")]).toEqual([4, 1]);
  });

  test("waits for a store that is away in its middle, and says so", async () => {
    const server = await running({ projections: [one] });
    server.held.hold("one@1#2");
    await server.builder.replay("one");
    await until("it is being built", () => server.held.waits("one@1#2"));
    server.memory.away(true);
    server.held.letGo("one@1#2");
    await until("it says so", () => server.state("one")?.state === "RETRYING");
    expect(server.state("one")?.lastError).toContain("the view store is away");
    server.memory.away(false);
    await reads(server, one, "one@1#2");
    expect(await server.count(one, "ann")).toBe(3);
  });

  test("of two views that are ordered at once are built one after the other", async () => {
    const server = await running();
    server.held.hold("one@1#2");
    await Promise.all([server.builder.replay("one"), server.builder.replay("other")]);
    await until("the first is being built", () => server.held.waits("one@1#2"));
    expect(await server.memory.checkpoint("other@1#2")).toBeUndefined();
    expect([server.state("one")?.state, server.state("other")?.state]).toEqual(["REPLAYING", "REPLAYING"]);
    server.held.letGo("one@1#2");
    await reads(server, one, "one@1#2");
    await reads(server, other, "other@1#2");
    await server.builder.ended();
    expect([await server.count(one, "ann"), await server.count(other, "ann")]).toEqual([3, 3]);
    expect(server.warnings).toEqual([]);
  });

  test("is not begun twice at once", async () => {
    const server = await running();
    server.held.hold("one@1#2");
    const orders = await Promise.allSettled([server.builder.replay("one"), server.builder.replay("one")]);
    expect(orders.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(server.builder.replay("one")).rejects.toThrow("the view one is being replayed already");
    await expect(server.builder.replay("none")).rejects.toThrow("there is no projection none");
    server.held.letGo("one@1#2");
    await reads(server, one, "one@1#2");
    await server.builder.ended();
    expect(await namesOf(server, one)).toEqual(["one@1#1", "one@1#2"]);
  });

  test("that is given up in its middle leaves nothing, and what is read goes on", async () => {
    const server = await running();
    server.held.hold("one@1#2");
    await server.builder.replay("one");
    await until("it is being built", () => server.held.waits("one@1#2"));
    server.builder.cancelReplay("one");
    server.held.letGo("one@1#2");
    await server.builder.ended();
    expect(rowsOf(server, "one@1#2")).toEqual([]);
    expect(await namesOf(server, one)).toEqual(["one@1#1"]);
    await wrote(server.log, "ann");
    await server.caughtUp();
    expect(await server.count(one, "ann")).toBe(4);
    // Who waits for its end, and did not give it up, must not take it for done.
    expect(server.state("one")).toMatchObject({ state: "LIVE", lastError: "the replay was given up" });
    // It can be begun again, and nothing goes on with it by itself.
    await server.builder.goOn();
    await server.builder.ended();
    expect(server.reading.generation(one)).toBe("one@1#1");
    await server.builder.replay("one");
    await reads(server, one, "one@1#2");
    await server.builder.ended();
    expect(server.state("one")?.lastError).toBeUndefined();
  });

  test("that is given up before its turn leaves nothing, also of what an earlier server had built", async () => {
    const server = await running();
    await server.memory.commit(
      [
        { op: "put", table: "other@1#2/counts", partition: "ann", sort: "", value: { count: 1 } },
        { op: "put", table: "generations", partition: "other@1", sort: "#2", value: { begun: true } },
      ],
      [{ of: ["other@1#2"], from: null, to: server.log.origin }],
    );
    server.held.hold("one@1#2");
    await server.builder.replay("one");
    await server.builder.replay("other");
    server.builder.cancelReplay("other");
    server.held.letGo("one@1#2");
    await server.builder.ended();
    expect(rowsOf(server, "other@1#2")).toEqual([]);
    await reads(server, one, "one@1#2");
    expect(server.reading.generation(other)).toBe("other@1#1");
  });

  test("that a server's end interrupts is gone on with by the next one, where it stopped", async () => {
    const first = await running();
    first.held.hold("one@1#2");
    await first.builder.replay("one");
    await until("it is being built", () => first.held.waits("one@1#2"));
    first.held.letGo("one@1#2");
    await until("something of it is there", async () => (await first.memory.checkpoint("one@1#2")) !== undefined);
    await first.stop();
    const begun = await first.memory.checkpoint("one@1#2");
    const second = viewServer({ log: first.log, views: first.memory, projections: [one, other] });
    await second.open();
    await reads(second, one, "one@1#2");
    expect(begun?.position).toBeDefined();
    expect([await second.count(one, "ann"), await second.count(one, "bob")]).toEqual([3, 1]);
    expect(second.warnings).toEqual([]);
  });

  test("that was ordered, and of which nothing is stored when the server dies, is gone on with by the next one", async () => {
    const first = await running();
    first.held.hold("one@1#2");
    await Promise.all([first.builder.replay("one"), first.builder.replay("other")]);
    await until("it is being built", () => first.held.waits("one@1#2"));
    expect(await first.memory.checkpoint("one@1#2")).toBeUndefined();
    // The first server never does anything again, as if it were killed.
    const second = viewServer({ log: first.log, views: first.memory, projections: [one, other] });
    await second.open();
    await reads(second, one, "one@1#2");
    await reads(second, other, "other@1#2");
    expect([await second.count(one, "ann"), await second.count(other, "bob")]).toEqual([3, 1]);
    await second.stop();
    first.held.letGo("one@1#2");
    await first.stop();
  });

  test("that is given up as the server ends is not gone on with", async () => {
    const first = await running();
    first.held.hold("one@1#2");
    await first.builder.replay("one");
    await until("it is being built", () => first.held.waits("one@1#2"));
    first.builder.cancelReplay("one");
    const stopped = first.stop();
    first.held.letGo("one@1#2");
    await stopped;
    expect(rowsOf(first, "one@1#2")).toEqual([]);
  });

  test("of what is half built goes on with it, and is not begun beside it", async () => {
    const server = await running();
    await server.memory.commit(
      [{ op: "put", table: "generations", partition: "one@1", sort: "#2", value: { begun: true } }],
      [{ of: ["one@1#2"], from: null, to: server.log.origin }],
    );
    await server.builder.replay("one");
    await server.builder.goOn();
    await server.builder.ended();
    expect(await namesOf(server, one)).toEqual(["one@1#1", "one@1#2"]);
    expect(await server.count(one, "ann")).toBe(3);
  });

  test("does not take the place of what has handled more", async () => {
    let isBroken = false;
    const fragile: Projection<"counts"> = {
      ...one,
      handlers: {
        MessageSent: (event, rows) => {
          if (isBroken) throw new Error("it chokes");
          return one.handlers.MessageSent?.(event, rows) ?? [];
        },
      },
    };
    const server = await running({ projections: [fragile] });
    isBroken = true;
    await server.builder.replay("one");
    await server.builder.ended();
    expect(server.state("one")?.lastError).toMatch(/was not replaced: 4 more events are parked/);
    expect(server.reading.generation(fragile)).toBe("one@1#1");
    expect(rowsOf(server, "one@1#2")).toEqual([]);
    isBroken = false;
    await wrote(server.log, "ann");
    await server.caughtUp();
    expect(await server.count(fragile, "ann")).toBe(4);
  });

  test("is prepared before it takes its place", async () => {
    const { passed, open } = gate();
    const prepared: string[] = [];
    const server = await running({
      prepare: async (_, generation) => {
        prepared.push(generation);
        await passed;
      },
    });
    await server.builder.replay("one");
    await until("it is prepared", () => prepared.length > 0);
    expect(server.reading.generation(one)).toBe("one@1#1");
    open();
    await reads(server, one, "one@1#2");
    expect(prepared).toEqual(["one@1#2"]);
  });

  test("that is given up, or whose server ends, while it is prepared waits for nothing", async () => {
    let prepared = 0;
    const prepare: ViewServerOptions["prepare"] = async (_projection, _generation, signal) => {
      prepared++;
      if (!signal.aborted) await once(signal, "abort");
    };
    const server = await running({ prepare });
    await server.builder.replay("one");
    await until("it is prepared", () => prepared === 1);
    server.builder.cancelReplay("one");
    await server.builder.ended();
    expect(rowsOf(server, "one@1#2")).toEqual([]);
    await server.builder.replay("one");
    await until("it is prepared again", () => prepared === 2);
    await server.stop();
    expect([server.reading.generation(one), server.warnings]).toEqual(["one@1#1", []]);
  });

  test("folds what has come while it was prepared before anything stands still", async () => {
    const { passed, open } = gate();
    let isPrepared = false;
    const server = await running({
      prepare: async () => {
        isPrepared = true;
        await passed;
      },
    });
    await server.builder.replay("one");
    await until("it is prepared", () => isPrepared);
    await wrote(server.log, "bob", "bob");
    server.held.hold("one@1#2");
    open();
    await until("it folds them", () => server.held.waits("one@1#2"));
    await wrote(server.log, "ann");
    await server.caughtUp();
    expect([await server.count(one, "ann"), await server.count(one, "bob")]).toEqual([4, 3]);
    server.held.letGo("one@1#2");
    await reads(server, one, "one@1#2");
    expect([await server.count(one, "ann"), await server.count(one, "bob")]).toEqual([4, 3]);
  });
});

describe("a verification", () => {
  const verified = async (server: Running, name: string): Promise<number | undefined> => {
    await server.builder.verify(name);
    await server.builder.ended();
    return server.state(name)?.differences;
  };

  test("tells how many rows differ, and leaves no row behind", async () => {
    const server = await running();
    expect(await verified(server, "one")).toBe(0);
    await corrupt(server, "one@1#1");
    expect(await verified(server, "one")).toBe(1);
    expect(await verified(server, "other")).toBe(0);
    expect(rowsOf(server, "~compared")).toEqual([]);
    expect(server.state("one")).toMatchObject({ state: "LIVE", progress: undefined });
  });

  test("is of the generation that it compared: a replay that takes its place has no differences yet", async () => {
    const server = await running();
    await corrupt(server, "one@1#1");
    expect(await verified(server, "one")).toBe(1);
    await server.builder.replay("one");
    await server.builder.ended();
    expect(server.state("one")?.differences).toBeUndefined();
    expect(await verified(server, "one")).toBe(0);
  });

  test("waits for its turn behind a replay, and compares what is read then", async () => {
    const server = await running();
    await corrupt(server, "one@1#1");
    server.held.hold("one@1#2");
    await server.builder.replay("one");
    await server.builder.verify("other");
    await expect(server.builder.verify("other")).rejects.toThrow("the view other is being compared already");
    expect(server.state("other")?.state).toBe("VERIFYING");
    server.held.letGo("one@1#2");
    await server.builder.ended();
    expect(server.state("other")).toMatchObject({ state: "LIVE", differences: 0 });
    expect(await verified(server, "one")).toBe(0);
  });

  test("of a view that is replayed in the turn before it is of the one that is read afterwards", async () => {
    const server = await running();
    await corrupt(server, "one@1#1");
    await server.builder.replay("one");
    await server.builder.verify("one");
    await server.builder.ended();
    expect(server.state("one")?.differences).toBe(0);
    expect(server.infos.at(-1)).toMatch(/^one@1#2 was compared/);
  });

  test.each<CommitFault>(["nothing", "unknown, stored", "unknown, lost"])(
    "finds no difference where a commit of its fold fails with: %s",
    async (fault) => {
      const server = await running();
      server.memory.failCommits(fault);
      expect(await verified(server, "one")).toBe(0);
    },
  );

  test("fails with its reason where the store is away, and can be begun again", async () => {
    const server = await running();
    server.held.hold("one@1#1~compared");
    await server.builder.verify("one");
    await until("it folds", () => server.held.waits("one@1#1~compared"));
    server.memory.away(true);
    server.held.letGo("one@1#1~compared");
    await server.builder.ended();
    expect(server.state("one")).toMatchObject({ state: "LIVE", differences: undefined });
    expect(server.state("one")?.lastError).toContain("the view store is away");
    server.memory.away(false);
    expect(await verified(server, "one")).toBe(0);
    expect(server.state("one")?.lastError).toBeUndefined();
  });

  test("that a server's end interrupts is no failure, and leaves no row behind", async () => {
    const server = await running();
    server.held.hold("one@1#1~compared");
    await server.builder.verify("one");
    await until("it folds", () => server.held.waits("one@1#1~compared"));
    const stopped = server.stop();
    server.held.letGo("one@1#1~compared");
    await stopped;
    expect(server.warnings).toEqual([]);
    expect(rowsOf(server, "~compared")).toEqual([]);
  });
});
