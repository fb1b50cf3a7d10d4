import { expect, test } from "vitest";
import { mending } from "../../../src/projecting/generations/mending.ts";
import { tidyGenerations } from "../../../src/projecting/generations/tidy.ts";
import { viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import { generationOf, type Projection, put } from "../../../src/projecting/projection.ts";
import type { Write } from "../../../src/ports/viewStore.ts";
import { counted, wrote } from "../../support/counted.ts";
import { heldViews } from "../../support/heldViews.ts";
import { memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { type Death, mortalViews } from "../../support/mortalViews.ts";
import { GROUP } from "../../support/happened.ts";
import { until } from "../../support/until.ts";
import { viewServer } from "../../support/viewServer.ts";

/* A server is killed at certain points of its work with the generations, and another one begins with what it left. */

const one = counted("one");
const other = counted("other");

/** A server that is going to die. Each page that is built beside holds one event. */
async function dying(death: Death, projections: readonly Projection[] = [one, other]) {
  const log = memoryLog();
  const memory = memoryViews();
  await wrote(log, "ann", "bob", "ann", "ann");
  const mortal = mortalViews(memory, death);
  const held = heldViews(mortal.store);
  const server = viewServer({ log, views: held.store, projections, pageEvents: 1 });
  await server.open();
  await server.caughtUp();
  return {
    ...server,
    log,
    memory,
    held,
    /** The server that begins once this one is dead. */
    next: async (of: readonly Projection[] = projections) => {
      await until("it is dead", mortal.isDead);
      const begun = viewServer({ log, views: memory, projections: of });
      await begun.open();
      return begun;
    },
    /** The rows of a generation, or of what was folded beside it. */
    rows: (generation: string) =>
      memory.dump().filter((line) => line.startsWith(`${generation}/`) || line.includes(` ${generation} `)),
  };
}

const puts = (writes: readonly Write[], table: string): boolean =>
  writes.some((write) => write.op === "put" && write.table === table);

test("in the drop of a replay that was given up: what is left is neither gone on with nor built upon, and goes", async () => {
  const first = await dying({ inDropOf: "one@1#2" });
  first.held.hold("one@1#2");
  await first.builder.replay("one");
  await until("it is being built", () => first.held.waits("one@1#2"));
  first.builder.cancelReplay("one");
  first.held.letGo("one@1#2");
  const second = await first.next();
  await until("what was left is gone", () => first.rows("one@1#2").length === 0);
  await second.builder.ended();
  expect(second.reading.generation(one)).toBe("one@1#1");
  expect((await second.generations(one)).map(({ name }) => name)).toEqual(["one@1#1"]);
  await second.builder.replay("one");
  await until("it is replayed", () => second.reading.generation(one) === "one@1#2");
  expect([await second.count(one, "ann"), await second.count(one, "bob")]).toEqual([3, 1]);
  expect(second.warnings).toEqual([]);
});

test("before what is left was removed: a replay has a generation of its own", async () => {
  const first = await dying({ inDropOf: "one@1#2" });
  first.held.hold("one@1#2");
  await first.builder.replay("one");
  await until("it is being built", () => first.held.waits("one@1#2"));
  first.builder.cancelReplay("one");
  first.held.letGo("one@1#2");
  const second = await first.next();
  await second.builder.replay("one");
  await until("it is replayed", () => /#[23]$/.test(second.reading.generation(one)));
  expect([await second.count(one, "ann"), await second.count(one, "bob")]).toEqual([3, 1]);
});

test("in the drop of a generation of an earlier version: who goes back to that builds another one", async () => {
  const first = await dying({ inDropOf: "one@1#1" });
  const raised = counted("one", { version: 2 });
  await first.stop();
  const newer = viewServer({ log: first.log, views: first.memory, projections: [raised, other] });
  await newer.open();
  await until("the new one is read", () => newer.reading.generationIfRead(raised) === "one@2#1");
  await newer.stop();
  const mortal = mortalViews(first.memory, { inDropOf: "one@1#1" });
  const generations = viewGenerations(mortal.store);
  const tidy = { store: mortal.store, generations, projections: [raised], replacedMs: 0, olderMs: 0, now: () => new Date() };
  await expect(tidyGenerations(tidy)).rejects.toThrow("killed");
  expect(first.rows("one@1#1")).not.toEqual([]);
  const older = viewServer({ log: first.log, views: first.memory, projections: [one, other] });
  await older.open();
  await until("it is built", () => older.reading.generationIfRead(one) !== undefined);
  expect([await older.count(one, "ann"), await older.count(one, "bob")]).toEqual([3, 1]);
  expect(older.infos).toContain("one@1#1 was left by an earlier process: it is removed");
});

test("once a generation was made the one that is read: the next one reads it, and goes on with the other replay", async () => {
  const first = await dying({
    once: (writes) => writes.some((write) => write.op === "put" && write.table === "generations" && write.value === "one@1#2"),
  });
  await Promise.all([first.builder.replay("one"), first.builder.replay("other")]);
  const second = await first.next();
  expect(second.reading.generation(one)).toBe("one@1#2");
  await until("the other one is replayed", () => second.reading.generation(other) === "other@1#2");
  await wrote(first.log, "ann");
  await second.caughtUp();
  expect([await second.count(one, "ann"), await second.count(other, "ann"), await second.count(one, "bob")]).toEqual([4, 4, 1]);
  const generations = viewGenerations(first.memory);
  const tidy = { store: first.memory, generations, projections: [one, other], replacedMs: 0, olderMs: 0, now: () => new Date() };
  expect(await tidyGenerations(tidy)).toEqual(["one@1#1", "other@1#1"]);
  expect(second.warnings).toEqual([]);
});

test("in a comparison: what it folded goes, and the next comparison finds no difference", async () => {
  const scratch = "one@1#1~compared";
  const first = await dying({ once: (writes) => puts(writes, `${scratch}/counts`) });
  await first.builder.verify("one");
  const second = await first.next();
  await until("what was left is gone", () => first.rows(scratch).length === 0);
  await second.builder.verify("one");
  await second.builder.ended();
  expect(second.state("one")).toMatchObject({ differences: 0, lastError: undefined });
  expect(second.infos).toContain(`${scratch} was left by an earlier process: it is removed`);
});

/** Counts what is written in every conversation. */
const spoken: Projection<"counts"> = {
  name: "spoken",
  version: 1,
  reads: ["counts"],
  conversationOf: ({ partition }) => partition,
  handlers: {
    MessageSent: async ({ data: { conversationId } }, rows) => {
      const { count } = (await rows.get<{ count: number }>("counts", conversationId, "")) ?? { count: 0 };
      return [put("counts", conversationId, "", { count: count + 1 })];
    },
  },
};

test.each(["as-it-is", "anew"])(
  "in the fold of one conversation, %s: nothing is changed, and what was folded goes",
  async (kind) => {
    const [generation, conversation] = [generationOf(spoken), GROUP];
    const scratch = `${generation}~${kind}`;
    const first = await dying({ once: (writes) => puts(writes, `${scratch}/counts`) }, [spoken]);
    const damaged: Write = { op: "put", table: `${generation}/counts`, partition: conversation, sort: "", value: { count: 70 } };
    await first.memory.commit([damaged]);
    const mends = mending({
      log: first.log,
      store: first.held.store,
      projection: spoken,
      follower: first.follower,
      readGeneration: async () => generation,
    });
    const mend = mends(conversation, () => {}, new AbortController().signal);
    await expect(mend).rejects.toThrow("killed");
    expect(first.rows(scratch)).not.toEqual([]);
    const second = await first.next();
    await until("what was left is gone", () =>
      ["as-it-is", "anew"].every((each) => first.rows(`${generation}~${each}`).length === 0),
    );
    expect(await second.count(spoken, conversation)).toBe(70);
  },
);
