import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import { conversationId } from "../../../src/domain/ids.ts";
import type { StoredRow, ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { comparing } from "../../../src/projecting/generations/comparing.ts";
import { readGeneration, viewGenerations } from "../../../src/projecting/generations/viewGenerations.ts";
import type { ParkedRow } from "../../../src/projecting/parking.ts";
import { type Projection, put } from "../../../src/projecting/projection.ts";
import { keyOfStream, sliceOf } from "../../../src/projecting/slices.ts";
import { type MemoryLog, memoryLog } from "../../support/memoryLog.ts";
import { linesOf } from "../../support/postgresViews.ts";
import { play, program } from "../../support/programs.ts";
import { runs, seed } from "../../support/property.ts";
import { type RealPostgres, realPostgres } from "../../support/realPostgres.ts";
import { same } from "../../support/same.ts";
import { sharedViews } from "../../support/sharedViews.ts";
import { type SlicedServer, slicedServer } from "../../support/slicedServer.ts";
import { until } from "../../support/until.ts";
import { world } from "../../support/world.ts";

/*
 * Views in slices that several servers hold: what is parked is tried again by whoever holds its slice, and one conversation is
 * put right wherever it is folded.
 */

const SLICES = 4;

/** Two groups in each slice. */
const GROUPS = Array.from({ length: SLICES }, (_, slice) =>
  Array.from({ length: 100 }, (_each, index) => `g:${index}`)
    .filter((id) => sliceOf(id, SLICES) === slice)
    .slice(0, 2),
).flat();

const placed = (count: number): string => String(count).padStart(6, "0");

/** Who joined which group, in order. It chokes on somebody. */
function joining() {
  let bad: string | undefined = "bad";
  const projection: Projection<"counts"> = {
    name: "joined",
    version: 1,
    reads: ["counts"],
    conversationOf: ({ partition }) => partition,
    topics: { joined: "conversations" },
    handlers: {
      MemberJoined: async ({ data: { groupId, userId } }, rows) => {
        if (userId === bad) throw new Error(`${userId} is too much`);
        const count = 1 + ((await rows.get<number>("counts", groupId, "")) ?? 0);
        return [put("counts", groupId, "", count), put("joined", groupId, placed(count), userId)];
      },
    },
  };
  return { projection, relent: () => void (bad = undefined) };
}

const join = (log: Pick<MemoryLog, "append">, groupId: string, ...users: string[]) =>
  log.append(
    `group-${groupId}`,
    users.map((userId) => ({
      id: crypto.randomUUID(),
      type: "MemberJoined",
      data: { groupId, userId },
      metadata: { $correlationId: "c", $causationId: "c", actorId: userId, at: "2024-01-02T03:04:05.678Z", schema: SCHEMA },
    })),
    "any",
  );

const real = realPostgres("slices of views that several servers hold");

describe.skipIf(!real)("slices that two servers hold", () => {
  const caughtUp = async (log: Pick<MemoryLog, "end">, ...servers: SlicedServer[]): Promise<void> => {
    const end = await log.end();
    for (const server of servers) await until("it has all", () => server.lowest() === end);
  };

  /** Two servers that fold who joined. Of each group an event is parked, and one waits behind it. */
  const begun = async (options: { asksOthers?: boolean } = {}) => {
    const log = memoryLog();
    const { projection, relent } = joining();
    const opened = await sharedViews(real as RealPostgres);
    for (const group of GROUPS) await join(log, group, "ann", "bad", "ben");
    const start = (name: string) =>
      slicedServer({ log, store: opened(), name, slices: SLICES, projections: [projection], ...options });
    const [one, other] = [start("one"), start("other")];
    const parkedAt = (server: SlicedServer): number => server.follower.state().parked["joined"] ?? 0;
    await caughtUp(log, one, other);
    await until("each holds a half", () => [one, other].every((server) => parkedAt(server) === GROUPS.length));
    // Whoever has taken a slice tries what is parked there before it folds on.
    await join(log, "g:other", "ann");
    await caughtUp(log, one, other);
    const store = opened();
    const generation = "joined@1#1";
    const joinedIn = async (group: string) =>
      (await store.range(`${generation}/joined`, group, { limit: 100 })).map(({ value }) => value);
    const parked = async () => (await store.range(`${generation}/parked`, "", { limit: 100 })).map(({ sort }) => sort);
    return { log, projection, relent, store, generation, one, other, parkedAt, joinedIn, parked };
  };

  test("are healed by whoever holds them, and others leave them alone", { timeout: 60_000 }, async () => {
    const { log, relent, one, other, parkedAt, joinedIn, parked } = await begun();
    // It is tried, and fails again.
    expect(await one.follower.retryParked("joined")).toBe(true);
    expect([parkedAt(one), parkedAt(other)]).toEqual([GROUPS.length, GROUPS.length]);
    relent();
    const [first] = await parked();
    expect(await one.follower.retryParked("joined", `${first}~`)).toBe(false);
    expect(await one.follower.retryParked("joined")).toBe(true);
    expect([parkedAt(one), parkedAt(other)]).toEqual([0, GROUPS.length]);
    expect(await parked()).toHaveLength(GROUPS.length);
    expect(await other.follower.retryParked("joined")).toBe(true);
    expect([parkedAt(one), parkedAt(other), await parked()]).toEqual([0, 0, []]);
    for (const group of GROUPS) expect(await joinedIn(group), group).toEqual(["ann", "bad", "ben"]);
    // Whoever healed nothing itself is told of it, too.
    const to = await log.end();
    for (const server of [one, other])
      await until("it knows of what was healed", () =>
        server.healed.at(-1)?.some((interval) => interval.from === first && interval.to === to),
      );
    await join(log, GROUPS[0] as string, "cat");
    await caughtUp(log, one, other);
    expect(await joinedIn(GROUPS[0] as string)).toEqual(["ann", "bad", "ben", "cat"]);
  });

  test("are healed wherever they are once one is asked to, if it is to ask others", { timeout: 60_000 }, async () => {
    const { log, relent, one, other, parkedAt, parked, joinedIn } = await begun({ asksOthers: true });
    const [first = ""] = await parked();
    expect(await one.follower.retryParked("joined", `${first}~`)).toBe(false);
    relent();
    // Of a key in the slices of one, and of one in those of the other.
    for (const slice of [0, SLICES - 1]) {
      const before = await parked();
      const group = GROUPS.find((id) => sliceOf(id, SLICES) === slice) as string;
      const cursor = (await log.read(`group-${group}`, 1, "forwards", 1))[0]?.position as string;
      expect(await one.follower.retryParked("joined", cursor)).toBe(true);
      await until("the key's are healed", async () => (await joinedIn(group)).length === 3);
      expect((await parked()).length).toBe(before.length - 2);
    }
    expect(await one.follower.retryParked("joined")).toBe(true);
    await until("all are healed", async () => (await parked()).length === 0);
    await until("both know it", () => parkedAt(one) + parkedAt(other) === 0);
    for (const group of GROUPS) expect(await joinedIn(group), group).toEqual(["ann", "bad", "ben"]);
  });

  test("are healed by the one that takes them over", { timeout: 60_000 }, async () => {
    const { log, relent, one, other, parkedAt, joinedIn, parked } = await begun();
    relent();
    // Whoever goes answers an order, though nothing comes of it.
    const asked = one.follower.retryParked("joined");
    await one.stop();
    expect(await asked).toBe(true);
    await until("the other has healed what it took over", async () => (await parked()).length === parkedAt(other));
    expect(await other.follower.retryParked("joined")).toBe(true);
    expect(await parked()).toEqual([]);
    await join(log, GROUPS[1] as string, "cat");
    await caughtUp(log, other);
    for (const group of GROUPS)
      expect(await joinedIn(group), group).toEqual(["ann", "bad", "ben", ...(group === GROUPS[1] ? ["cat"] : [])]);
  });

  test("have one conversation put right while both fold, and nothing of others", { timeout: 60_000 }, async () => {
    const { log, projection, relent, store, generation, one, other, joinedIn } = await begun();
    const parkedOf = async (group: string) =>
      (await store.range(`${generation}/parked`, "", { limit: 10_000 })).filter(
        ({ value }) => (value as ParkedRow).key === group,
      );
    relent();
    // One is folded by the server that puts right, the other one is not.
    for (const slice of [0, SLICES - 1]) {
      const [id, beside] = GROUPS.filter((group) => sliceOf(group, SLICES) === slice) as [string, string];
      const first = (group: string, value: string): Write => ({
        op: "put",
        table: `${generation}/joined`,
        partition: group,
        sort: placed(1),
        value,
      });
      await store.commit([
        first(id, "damaged"),
        first(beside, "damaged"),
        { op: "del", table: `${generation}/counts`, partition: id, sort: "" },
      ]);
      let isDone = false;
      const growing = (async () => {
        while (!isDone) {
          for (const group of GROUPS) await join(log, group, "cat");
          await caughtUp(log, one, other);
        }
      })();
      await one.builder.replay("joined", id);
      await until("it is put right", () => one.infos.some((info) => info.includes(`${id} was folded anew`)), 30_000);
      isDone = true;
      await growing;
      const all = await joinedIn(id);
      expect(all).toEqual(["ann", "bad", "ben", ...all.slice(3).map(() => "cat")]);
      expect(all.length).toBe((await log.read(`group-${id}`, 0, "forwards", 10_000)).length);
      expect(await parkedOf(id)).toEqual([]);
      expect((await joinedIn(beside))[0]).toBe("damaged");
      await store.commit([first(beside, "ann")]);
    }
    // Whoever has stood still takes the slices anew, and then heals what is parked there.
    for (const group of GROUPS) expect(await parkedOf(group), group).toEqual([]);
    expect(await comparing({ log, store, projection })(generation, () => {}, never)).toMatchObject({ differences: 0 });
    for (const server of [one, other])
      expect(server.warnings.filter((warning) => !warning.includes("parked MemberJoined"))).toEqual([]);
  });

  test("are put right in every view that is of conversations, and as a whole by a replay", { timeout: 3_600_000 }, async () => {
    const plans = fc.record({
      slices: fc.integer({ min: 2, max: 5 }),
      view: fc.nat(),
      conversation: fc.nat(),
      damages: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(program(40), plans, async (what, { slices, view, conversation: chosen, damages }) => {
        const target = world();
        await play(what, target);
        const { log } = target;
        const keys = (await target.events()).map(({ stream }) => keyOfStream(stream));
        const conversations = [...new Set(keys)].filter((key) => conversationId.safeParse(key).success);
        fc.pre(conversations.length > 0);
        const conversation = conversations[chosen % conversations.length] as string;
        const projection = OF_CONVERSATIONS[view % OF_CONVERSATIONS.length] as Projection;
        const opened = await sharedViews(real as RealPostgres);
        const servers = ["one", "other"].map((name) => slicedServer({ log, store: opened(), name, slices }));
        const [one] = servers as [SlicedServer, SlicedServer];
        await caughtUp(log, ...servers);
        const store = opened();
        const rows = async (): Promise<string[]> => {
          const { name = "" } = (await readGeneration(viewGenerations(store), projection)) ?? {};
          return (await linesOf(store, name)).map((line) => line.replace(/@\d+#\d+/, "")).sort();
        };
        const expected = await rows();
        const { name: generation = "" } = (await readGeneration(viewGenerations(store), projection)) ?? {};
        const own = await rowsUnder(store, generation, projection, conversation);
        const damage = async (): Promise<void> =>
          store.commit(
            damages.flatMap((index, nth): Write[] => {
              const row = own[index % own.length];
              if (!row) return [];
              const at = { table: `${generation}/${row.table}`, partition: row.partition, sort: row.sort };
              return [nth % 2 === 0 ? { op: "del", ...at } : { op: "put", ...at, value: "damaged" }];
            }),
          );
        await damage();
        await one.builder.replay(projection.name, conversation);
        await until("it is put right", () => one.infos.some((info) => info.includes(`${conversation} was folded anew`)), 30_000);
        same(await rows(), expected, `${projection.name} in ${slices} slices, of ${conversation}`);
        await damage();
        await one.builder.replay(projection.name);
        await until("it is replayed", () => one.read()[projection.name] !== generation, 30_000);
        same(await rows(), expected, `${projection.name} in ${slices} slices, replayed`);
        for (const server of servers) expect(server.warnings).toEqual([]);
        await Promise.all(servers.map((server) => server.stop()));
      }),
      { numRuns: runs(2), seed: seed("mending slices") },
    );
  });
});

const OF_CONVERSATIONS = viewProjections.filter(({ conversationOf }) => conversationOf);
const never = new AbortController().signal;

/** The rows of a generation that lie under a conversation. */
async function rowsUnder(
  store: ViewStore,
  generation: string,
  projection: Projection,
  conversation: string,
): Promise<StoredRow[]> {
  const snapshot = await store.snapshot();
  try {
    const rows = await snapshot.rows(generation, undefined, Number.MAX_SAFE_INTEGER);
    return rows.filter((row) => projection.conversationOf?.({ ...row, value: JSON.parse(row.text) as unknown }) === conversation);
  } finally {
    await snapshot.close();
  }
}
