import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { inboxes } from "../../../projections/inboxes.ts";
import { readMarks } from "../../../projections/readMarks.ts";
import { receipts } from "../../../projections/receipts.ts";
import { conversationId } from "../../../src/domain/ids.ts";
import { DIRECT_STAY } from "../../../src/domain/visibility.ts";
import { SCHEMA } from "../../../src/domain/recorded.ts";
import type { StoredRow, ViewStore, Write } from "../../../src/ports/viewStore.ts";
import { heldAges } from "../../../src/projecting/ages.ts";
import { type Mend, type Mended, mending, type MendingOptions } from "../../../src/projecting/generations/mending.ts";
import { generationOf, type Projection, put } from "../../../src/projecting/projection.ts";
import type { ParkedRow } from "../../../src/projecting/parking.ts";
import { createSweeper, horizonOf, mustBeThere, wholeFrom } from "../../../src/projecting/retention.ts";
import { createRunner } from "../../../src/projecting/runner.ts";
import { keyOfStream } from "../../../src/projecting/slices.ts";
import { caller, group, newKey, profile, text } from "../../support/cast.ts";
import { type MemoryLog, memoryLog } from "../../support/memoryLog.ts";
import { memoryViews } from "../../support/memoryViews.ts";
import { inWords, play, program } from "../../support/programs.ts";
import { runs, seed } from "../../support/property.ts";
import { type World, world } from "../../support/world.ts";

const ofConversations = viewProjections.filter(({ conversationOf }) => conversationOf);
const never = new AbortController().signal;

/** All rows of a generation. */
async function rowsOf(store: ViewStore, generation: string): Promise<StoredRow[]> {
  const snapshot = await store.snapshot();
  try {
    return await snapshot.rows(generation, undefined, Number.MAX_SAFE_INTEGER);
  } finally {
    await snapshot.close();
  }
}

/** Mends in a world. `meanwhile`: what comes between the copy of what is read and the moment at which all stands still. */
const mender = (target: World, projection: Projection, meanwhile?: () => Promise<unknown>): Mend =>
  mending(menderOptions(target, projection, meanwhile));

function menderOptions(
  target: World,
  projection: Projection,
  meanwhile: () => Promise<unknown> = async () => {},
): MendingOptions {
  const { log, store } = target;
  return {
    log,
    store,
    projection,
    follower: {
      halt: async () => {
        await meanwhile();
        await target.catchUp();
      },
      // What is read goes on over what is stored now.
      resume: () => target.restart(),
    },
    readGeneration: async () => generationOf(projection),
  };
}

const conversationsOf = async (target: World): Promise<string[]> => [
  ...new Set(
    (await target.events()).map(({ stream }) => keyOfStream(stream)).filter((key) => conversationId.safeParse(key).success),
  ),
];

/** One row that nothing has written, under the conversation, beside one that there is. */
function added(projection: Projection, conversation: string, { table, partition, sort, text }: StoredRow): StoredRow[] {
  const value: unknown = JSON.parse(text);
  return [
    { table, partition, sort: `${sort}~added`, text },
    { table, partition: `${partition}~added`, sort, text },
  ].filter((row) => projection.conversationOf?.({ ...row, value }) === conversation);
}

const [ann, ben] = ["ann", "ben"].map((userId) => caller(userId)) as [ReturnType<typeof caller>, ReturnType<typeof caller>];
const newOne = () => ({ clientMutationId: newKey() });

/** Ann's group with Ben, in which something was said, and Cat outside. */
async function chatting() {
  const target = world();
  for (const userId of ["ann", "ben", "cat"]) await target.commands.register(caller(userId), profile(userId));
  const { conversationId: id } = await target.commands.createConversation(ann, group({ memberIds: ["ben"] }));
  await target.commands.sendMessage(ben, text({ conversationId: id }, { mentions: ["ann"] }));
  await target.catchUp();
  return { target, id };
}

/** What a store holds that was folded from the log by nothing but handlers. */
async function foldedAnew({ log, events }: World): Promise<string[]> {
  const fresh = memoryViews();
  await createRunner({ log, store: fresh, projections: viewProjections, pageEvents: (await events()).length + 1 }).catchUp();
  return fresh.dump();
}

const strayEntries = async ({ store }: World, user: string, conversation: string): Promise<unknown[]> =>
  (await store.range(`${generationOf(inboxes)}/entries`, user, { limit: 1_000 })).filter(
    ({ value }) => (value as { conversation?: string }).conversation === conversation,
  );

const join = (log: MemoryLog, groupId: string, ...users: string[]) =>
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

/** A view of who joined, in order, that cannot handle somebody; two groups have parked events of theirs. */
async function choking() {
  const counting: Projection<"counts"> & { chokesOn: string | undefined } = {
    name: "joined",
    version: 1,
    chokesOn: "bad",
    reads: ["counts"],
    conversationOf: ({ partition }) => partition,
    handlers: {
      MemberJoined: async ({ data: { groupId, userId } }, rows) => {
        if (userId === counting.chokesOn) throw new Error(`${userId} is too much`);
        const count = 1 + ((await rows.get<number>("counts", groupId, "")) ?? 0);
        return [put("counts", groupId, "", count), put("joined", groupId, String(count), userId)];
      },
    },
  };
  const [log, store, generation] = [memoryLog(), memoryViews(), generationOf(counting)];
  const catchUp = () => createRunner({ log, store, projections: [counting] }).catchUp();
  await join(log, "g:one", "ann", "bad");
  await join(log, "g:two", "bad");
  await join(log, "g:one", "ben", "cat");
  await catchUp();
  const halts = { halted: 0, resumed: 0 };
  const follower = { halt: async () => void halts.halted++, resume: () => void halts.resumed++ };
  const mends = mending({ log, store, projection: counting, follower, readGeneration: async () => generation });
  return {
    log,
    store,
    counting,
    catchUp,
    halts,
    mend: (conversation: string, signal = never, progress = (_share: number) => {}) => mends(conversation, progress, signal),
    counts: async (of: string) => (await store.range(`${generation}/joined`, of, { limit: 100 })).map(({ value }) => value),
    parked: async () =>
      (await store.range(`${generation}/parked`, "", { limit: 100 })).map(({ value }) => (value as ParkedRow).key),
  };
}

describe("one conversation, folded anew", () => {
  test(
    "each projection tells all rows of a conversation from all others, and mends them alone",
    { timeout: 600_000 },
    async () => {
      const plans = fc.record({ conversation: fc.nat(), damages: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }) });
      await fc.assert(
        fc.asyncProperty(program(), plans, async (what, { conversation: chosen, damages }) => {
          const target = world();
          await play(what, target);
          await target.catchUp();
          const conversations = await conversationsOf(target);
          fc.pre(conversations.length > 0);
          const conversation = conversations[chosen % conversations.length] as string;
          const { store } = target;
          const before = store.dump();
          try {
            for (const projection of ofConversations) {
              const generation = generationOf(projection);
              const of = ({ text, ...row }: StoredRow) => projection.conversationOf?.({ ...row, value: JSON.parse(text) });
              const all = await rowsOf(store, generation);
              const own = all.filter((row) => of(row) === conversation);
              // Another conversation is damaged too, and stays so.
              const other = all.find((row) => conversations.includes(of(row) ?? "") && of(row) !== conversation);
              const putting = ({ table, text, ...row }: StoredRow, value: unknown = JSON.parse(text)): Write => ({
                op: "put",
                table: `${generation}/${table}`,
                ...row,
                value,
              });
              const writes = damages.flatMap((index, nth): Write[] => {
                const row = own[index % own.length];
                if (!row) return [];
                const { table, partition, sort } = row;
                if (nth % 3 === 0) return [{ op: "del", table: `${generation}/${table}`, partition, sort }];
                if (nth % 3 === 1) return added(projection, conversation, row).map((made) => putting(made));
                return [putting(row, "damaged")];
              });
              await store.commit(other ? [...writes, putting(other, "damaged too")] : writes);
              await mender(target, projection)(conversation, () => {}, never);
              if (other) await store.commit([putting(other)]);
            }
            expect(store.dump()).toEqual(before);
          } catch (error) {
            throw new Error(`${conversation}: ${String(error)}\n\n${inWords(await target.events())}`, { cause: error });
          }
        }),
        { numRuns: runs(25), seed: seed("mending") },
      );
    },
  );

  test("which goes on meanwhile: what was written over faults is put right too", async () => {
    const { target, id } = await chatting();
    const { commands, store } = target;
    const table = (projection: Projection, name: string) => `${generationOf(projection)}/${name}`;
    await store.commit([
      // Cat gets what she is no member of, the head is wrong, and so is who is told of what.
      { op: "put", table: table(inboxes, "present"), partition: id, sort: "cat", value: DIRECT_STAY },
      { op: "put", table: table(readMarks, "counts"), partition: id, sort: "", value: { head: 70, lastRecalled: 0 } },
      { op: "del", table: table(receipts, "readers"), partition: id, sort: "ben" },
    ]);
    target.restart();
    const meanwhile = async () => {
      await commands.sendMessage(ann, text({ conversationId: id }));
      await commands.sendMessage(ben, text({ userId: "cat" }));
      await commands.react(ben, { ...newOne(), conversationId: id, seq: 1, emoji: "👍", on: true });
    };
    for (const projection of [inboxes, readMarks, receipts]) await mender(target, projection, meanwhile)(id, () => {}, never);
    expect(await strayEntries(target, "cat", id)).toEqual([]);
    expect(store.dump()).toEqual(await foldedAnew(target));
  });

  test("has what had overflowed or was swept neither back nor less", async () => {
    const { target, id } = await chatting();
    const { store, log, commands } = target;
    for (let count = 0; count < 30; count++) await commands.sendMessage(ann, text({ conversationId: id }));
    await target.catchUp();
    const generation = generationOf(inboxes);
    const [entries, changes] = [`${generation}/entries`, `${generation}/changes`];
    let now = Date.UTC(2024, 0, 1);
    const sweeper = createSweeper({
      store,
      entries,
      changes,
      limits: { ttlMs: 60_000, max: 10 },
      checkpoint: async () => (await store.checkpoint(generation))?.position ?? log.origin,
      now: () => new Date(now),
    });
    await sweeper.sweep();
    now += 120_000;
    for (let count = 0; count < 30; count++) await commands.sendMessage(ben, text({ conversationId: id }));
    await target.catchUp();
    await sweeper.sweep();
    expect((await horizonOf(store, "ann", log.origin)) > log.origin).toBe(true);
    expect((await wholeFrom(store, "ann", log.origin)) > (await horizonOf(store, "ann", log.origin))).toBe(true);
    const before = store.dump();
    const [newest] = await store.range(entries, "ann", { limit: 1, reverse: true });
    await store.commit([
      { op: "del", table: entries, partition: "ann", sort: newest?.sort ?? "" },
      {
        op: "put",
        table: entries,
        partition: "ben",
        sort: newest?.sort ?? "",
        value: { kind: "read", conversation: id, seq: 1 },
      },
    ]);
    const of = { projection: inboxes.name, table: "entries" };
    const mend = mending({
      ...menderOptions(target, inboxes),
      ages: heldAges({ store, of }),
      comparable: (rows, anew) => {
        const isThere = mustBeThere(rows, { changes: `${anew}/changes`, origin: log.origin });
        return ({ table, partition, sort, text: value }) =>
          table !== "entries" || isThere(partition, sort, JSON.parse(value) as unknown);
      },
    });
    expect(await mend(id, () => {}, never)).toEqual({ put: 2, deleted: 0, unparked: 0 } satisfies Mended);
    expect(store.dump()).toEqual(before);
  });

  test("tells which cursors have passed by what is put, and nothing where readers follow by none", async () => {
    const { target, id } = await chatting();
    const { store, log } = target;
    const entries = `${generationOf(inboxes)}/entries`;
    const told: [string, string][] = [];
    let commits = 0;
    const healing = {
      rows: async (from: string, to: string): Promise<Write[]> => {
        told.push([from, to]);
        return [{ op: "put", table: "noted", partition: "", sort: "", value: from }];
      },
      told: async () => {
        expect(await store.get("noted", "", "")).toBe(told.at(-1)?.[0]);
        commits++;
      },
    };
    const [first, second] = await store.range(entries, "ben", { limit: 2 });
    await store.commit([first, second].map((row) => ({ op: "del", table: entries, partition: "ben", sort: row?.sort ?? "" })));
    const mends = (projection: Projection) => mending({ ...menderOptions(target, projection), healing })(id, () => {}, never);
    await mends(inboxes);
    expect(told).toEqual([[first?.sort, await log.end()]]);
    await store.commit([{ op: "del", table: `${generationOf(receipts)}/heads`, partition: id, sort: "" }]);
    expect(await mends(receipts)).toMatchObject({ put: 1 });
    await mends(inboxes);
    expect([told.length, commits]).toEqual([1, 1]);
  });

  test("handles its parked events in order, and those of others stay parked", async () => {
    const { log, store, catchUp, mend, counting, counts, parked } = await choking();
    counting.chokesOn = undefined;
    expect(await mend("g:one")).toEqual({ put: 4, deleted: 0, unparked: 3 } satisfies Mended);
    expect(await counts("g:one")).toEqual(["ann", "bad", "ben", "cat"]);
    expect(await parked()).toEqual(["g:two"]);
    await join(log, "g:one", "dan");
    await catchUp();
    expect(await counts("g:one")).toEqual(["ann", "bad", "ben", "cat", "dan"]);
    expect(store.dump().filter((line) => line.includes("~"))).toEqual([]);
  });

  test("changes nothing where more events would be parked than are", async () => {
    const { log, store, catchUp, mend, counting } = await choking();
    await join(log, "g:three", "ann", "ben");
    await catchUp();
    await store.commit([{ op: "del", table: `${generationOf(counting)}/joined`, partition: "g:three", sort: "1" }]);
    const before = store.dump();
    counting.chokesOn = "ben";
    await expect(mend("g:three")).rejects.toThrow(/nothing was changed: 1 more events of g:three would be parked/);
    expect(store.dump()).toEqual(before);
  });

  test("has what came while the log was gone through before the view stands still", async () => {
    const { log, store, counting, catchUp, counts } = await choking();
    const generation = generationOf(counting);
    let isBehind = true;
    const slow: MendingOptions["log"] = {
      ...log,
      readAll: async (...of) => {
        if (isBehind) {
          isBehind = false;
          await join(log, "g:three", "eve", "flo");
          await catchUp();
        }
        return log.readAll(...of);
      },
    };
    const halted: string[] = [];
    const halt = async () => {
      for (const kind of ["", "~as-it-is", "~anew"])
        halted.push((await store.checkpoint(`${generation}${kind}`))?.position ?? "nowhere");
    };
    const follower = { halt, resume: () => {} };
    await mending({ log: slow, store, projection: counting, follower, readGeneration: async () => generation })(
      "g:three",
      () => {},
      never,
    );
    const end = await log.end();
    expect(halted).toEqual([end, end, end]);
    expect(await counts("g:three")).toEqual(["eve", "flo"]);
  });

  test("that is given up, or whose commit fails, changes nothing, and what is read goes on", async () => {
    const { store, mend, log, catchUp, counts, halts } = await choking();
    const before = store.dump();
    const stop = new AbortController();
    const given = mend("g:one", stop.signal, () => stop.abort());
    await expect(given).rejects.toThrow();
    expect([store.dump(), halts]).toEqual([before, { halted: 0, resumed: 0 }]);
    // Two are of the copy, one of the fold, two of the folds of what has come since; the last is that of the rows.
    store.failCommits(undefined, undefined, "nothing");
    await expect(mend("g:one")).rejects.toThrow();
    expect([store.dump(), halts.halted - halts.resumed]).toEqual([before, 0]);
    await join(log, "g:four", "eve");
    await catchUp();
    expect(await counts("g:four")).toEqual(["eve"]);
  });
});
