import { type EventStore, fractionOf, isPosition, type Position } from "../../ports/eventStore.ts";
import { CheckpointMoved, explained } from "../../ports/faults.ts";
import type { StoredRow, ViewSnapshot, ViewStore, Write } from "../../ports/viewStore.ts";
import type { Ages } from "../ages.ts";
import { PARKED, type ParkedRow, parkedTable } from "../parking.ts";
import type { Projection } from "../projection.ts";
import { createRunner } from "../runner.ts";
import { checkpointName, keyOfStream, sliceOf } from "../slices.ts";
import { type Comparable, rowsOf, unequalRows } from "./comparing.ts";
import { linked } from "./patience.ts";
import { GIVEN_UP } from "./replaying.ts";
import { scratchOf } from "./scratch.ts";
import { slicesOf } from "./viewGenerations.ts";
import type { Journal } from "./state.ts";

/** Rows that are copied in one commit. */
const PAGE_ROWS = 2_000;
/** Events in one page of the fold, as in a build. */
const PAGE_EVENTS = 1_024;
/** How much of the work is copying what is read, before anything is folded. For display only. */
const COPYING_SHARE = 0.2;
/** The routing key of what is of all conversations, as a setting is. */
const EVERY = "*";
/** How often it is tried again if another server folds into the generation meanwhile. */
const ATTEMPTS = 5;

export type MendingOptions = {
  log: Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end">;
  store: ViewStore;
  projection: Projection;
  /** The runner that folds what is read. It stands still while rows are put into its generation. */
  follower: { halt(): Promise<void>; resume(): void };
  /** The name of the generation that is read. */
  readGeneration: () => Promise<string | undefined>;
  /** Decides which events are too old to be told. */
  ages?: Ages;
  /**
   * Told of what is put where cursors may have passed it by already. `rows`: to be committed with it, for cursors from a position
   * to the checkpoint. `told`: called after that commit.
   */
  healing?: { rows(from: Position, to: Position): Promise<Write[]>; told(): Promise<void> };
  /** Which rows are put right, by the store and the generation that is folded anew. Default: all. */
  comparable?: (store: Pick<ViewSnapshot, "get">, generation: string) => Comparable;
};

/** What was done: rows put and deleted, and parked events that are parked no longer. */
export type Mended = { put: number; deleted: number; unparked: number };

/** Folds the events of one conversation anew, and puts its rows in their place. `progress`: 0 to 1. */
export type Mend = (conversation: string, progress: (share: number) => void, signal: AbortSignal) => Promise<Mended>;

/** Two generations beside the one that is read, with rows of the conversation alone. They are dropped afterwards. */
type Scratch = { as: string; anew: string };

/**
 * Mends the rows of one conversation in the generation that is read. All rows of a conversation, and no others, are read and
 * written by its events. So it is enough to fold these: once from nothing, and once, from a moment on, over a copy of the rows
 * that the conversation has in the view. The copy is what the view has of it at each position, faults included, so the difference
 * between the two is what is to be put right. While the difference is put into the view, the view stands still. It rejects if the
 * projection cannot handle an event that the view has handled.
 */
export function mending(options: MendingOptions): Mend {
  const { log, store, projection, follower, readGeneration, ages, healing } = options;
  const { comparable = () => () => true } = options;

  const fold = async (
    generation: string,
    conversation: string,
    until: Position,
    signal: AbortSignal,
    committed: (checkpoint: Position) => void = () => {},
  ): Promise<void> => {
    const runner = createRunner({
      log,
      store,
      projections: [projection],
      generationFor: () => generation,
      only: ({ stream }) => [conversation, EVERY].includes(keyOfStream(stream)),
      until,
      pageEvents: PAGE_EVENTS,
      pageRows: PAGE_EVENTS,
      ...(ages ? { ages } : {}),
      committed,
    });
    await runner.catchUp(signal);
    signal.throwIfAborted();
  };

  /** The checkpoint of the slice in which a conversation is. */
  const markOf = async (generation: string, conversation: string): Promise<string> => {
    const of = await slicesOf(store, generation);
    return checkpointName(generation, { index: sliceOf(conversation, of), of });
  };

  const foldBoth = async ({ as, anew }: Scratch, conversation: string, until: Position, signal: AbortSignal): Promise<void> => {
    for (const each of [as, anew]) await fold(each, conversation, until, signal);
  };

  /** Copies what the view has of a conversation. Returns where the view was. */
  const copy = async (from: string, to: string, conversation: string, signal: AbortSignal): Promise<Position> => {
    const snapshot = await store.snapshot();
    try {
      const { position } = (await snapshot.checkpoint(await markOf(from, conversation))) ?? {};
      if (position === undefined) throw new Error(`${from} holds nothing yet: there is nothing to put right`);
      let writes: Write[] = [];
      for await (const page of rowsOf(snapshot, from, signal)) {
        for (const row of page)
          if (isShared(projection, row) || liesUnder(projection, row, conversation)) writes.push(putRow(to, row));
        if (writes.length < PAGE_ROWS) continue;
        await store.commit(writes);
        writes = [];
      }
      await store.commit(writes, [{ of: [to], from: null, to: position }]);
      return position;
    } finally {
      await snapshot.close();
    }
  };

  /** Makes the rows of the view, which are as in `as`, what they are in `anew`. All stands still at `position`. */
  const put = async (
    { as, anew }: Scratch,
    generation: string,
    conversation: string,
    position: Position,
    signal: AbortSignal,
  ): Promise<Mended> => {
    const mended: Mended = { put: 0, deleted: 0, unparked: 0 };
    /** The first of what readers follow by a cursor. */
    let first: Position | undefined;
    const writes: Write[] = [];
    const stillParked = new Set(await parkedOf(anew, conversation));
    const parked = await parkedOf(generation, conversation);
    const more = stillParked.size - parked.filter((each) => stillParked.has(each)).length;
    if (more > 0)
      throw new Error(
        `nothing was changed: ${more} more events of ${conversation} would be parked. Mend the projection, and replay again`,
      );
    const isMended = comparable(store, anew);
    const snapshot = await store.snapshot();
    try {
      for await (const { mine, theirs } of unequalRows(rowsOf(snapshot, as, signal), rowsOf(snapshot, anew, signal))) {
        const row = mine ?? theirs;
        if (row.table === PARKED || !liesUnder(projection, row, conversation) || !(await isMended(row))) continue;
        writes.push(theirs ? putRow(generation, theirs) : delRow(generation, row));
        mended[theirs ? "put" : "deleted"]++;
        if (theirs && projection.topics?.[row.table]) first = earlier(first, isPosition(row.sort) ? row.sort : log.origin);
      }
    } finally {
      await snapshot.close();
    }
    for (const each of parked) {
      if (stillParked.has(each)) continue;
      writes.push({ op: "del", table: parkedTable(generation), partition: "", sort: each });
      mended.unparked++;
    }
    if (first !== undefined) writes.push(...((await healing?.rows(first, position)) ?? []));
    signal.throwIfAborted();
    await store.commit(writes, [{ of: [await markOf(generation, conversation)], from: position, to: position }]);
    if (first !== undefined) await healing?.told();
    return mended;
  };

  /** Where the events of a conversation are that a generation has parked. */
  const parkedOf = async (generation: string, conversation: string): Promise<Position[]> => {
    const found: Position[] = [];
    for (let after: Position | undefined; ;) {
      const query = { ...(after === undefined ? {} : { after }), limit: PAGE_ROWS };
      const page = await store.range(parkedTable(generation), "", query);
      for (const { sort, value } of page) if ((value as ParkedRow).key === conversation) found.push(sort);
      after = page[page.length - 1]?.sort;
      if (page.length < PAGE_ROWS) return found;
    }
  };

  /** What has come meanwhile is folded, and the difference put into the view, while the view stands still. */
  const finish = async (scratch: Scratch, generation: string, conversation: string, signal: AbortSignal): Promise<Mended> => {
    await follower.halt();
    try {
      for (let attempt = 1; ; attempt++) {
        if ((await readGeneration()) !== generation)
          throw new Error(`${generation} is not read any more: another generation took its place. Replay again`);
        const { position } = (await store.checkpoint(await markOf(generation, conversation))) ?? {};
        if (position === undefined) throw new Error(`${generation} holds nothing`);
        await foldBoth(scratch, conversation, position, signal);
        try {
          return await put(scratch, generation, conversation, position, signal);
        } catch (error) {
          // Another server folds into it.
          if (!(error instanceof CheckpointMoved) || attempt === ATTEMPTS) throw error;
        }
      }
    } finally {
      follower.resume();
    }
  };

  return async (conversation, progress, signal) => {
    const generation = await readGeneration();
    if (generation === undefined) throw new Error(`the view ${projection.name} is not built yet: there is nothing to put right`);
    const scratch = { as: scratchOf(generation, "as-it-is"), anew: scratchOf(generation, "anew") };
    const drop = async (): Promise<void> => {
      for (const each of [scratch.as, scratch.anew]) await store.drop(each);
    };
    // What an earlier replay left, if it was killed.
    await drop();
    try {
      const position = await copy(generation, scratch.as, conversation, signal);
      progress(COPYING_SHARE);
      await fold(scratch.anew, conversation, position, signal, (at) =>
        progress(COPYING_SHARE + (1 - COPYING_SHARE) * fractionOf(at, position)),
      );
      // What has come while the log was gone through is folded before the view stands still: then little is left.
      const near = (await store.checkpoint(await markOf(generation, conversation)))?.position ?? position;
      await foldBoth(scratch, conversation, near, signal);
      return await finish(scratch, generation, conversation, signal);
    } finally {
      await drop();
    }
  };
}

export type MendingsOptions = {
  mend: Mend;
  called: string;
  journal: Journal;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
};

/** Mends one conversation at a time, and tells how it goes. */
export type Mendings = {
  /** Begins. Ends when `running` is aborted. Throws if one is being mended. */
  begin(conversation: string, running: AbortSignal): void;
  cancel(): void;
  /** Resolves once nothing is being mended. */
  ended(): Promise<void>;
};

export function mendings({ mend, called, journal, info, warn }: MendingsOptions): Mendings {
  const { doing, tell, tellNowAndThen, activityUnlessTroubled } = journal;
  let current: { stop: AbortController; ended: Promise<void> } | undefined;
  return {
    begin: (conversation, running) => {
      if (current) throw new Error(`${called} is being replayed already`);
      const stop = linked(running);
      const ended = mend(conversation, (progress) => tellNowAndThen({ progress }), stop.signal)
        .then(
          (mended) => {
            info(`${called}: ${conversation} was folded anew: ${inWords(mended)}`);
            return undefined;
          },
          (error: unknown) => {
            // It was given up, or the server ends: that is no failure.
            if (stop.signal.aborted) return running.aborted ? undefined : GIVEN_UP;
            warn(`${conversation} could not be folded anew in ${called}`, error);
            return explained(error);
          },
        )
        .then((lastError) => {
          current = undefined;
          doing.replaying = false;
          // It listens to `running` no longer.
          stop.abort();
          tell({ state: activityUnlessTroubled(), lastError, progress: undefined });
        });
      current = { stop, ended };
      doing.replaying = true;
      tell({ state: activityUnlessTroubled(), progress: 0 });
    },
    cancel: () => current?.stop.abort(),
    ended: async () => {
      await current?.ended;
    },
  };
}

const inWords = ({ put, deleted, unparked }: Mended): string =>
  `${put} rows put, ${deleted} deleted, ${unparked} parked events handled`;

/** Whether a row lies under a conversation. Parked events lie under their key. */
function liesUnder(projection: Projection, { table, partition, sort, text }: StoredRow, conversation: string): boolean {
  // Most rows are of others, and need not be parsed.
  if (![partition, sort, text].some((part) => part.includes(conversation))) return false;
  const value: unknown = JSON.parse(text);
  if (table === PARKED) return (value as ParkedRow).key === conversation;
  return projection.conversationOf?.({ table, partition, sort, value }) === conversation;
}

/** Whether a row is of all conversations: their events read it. */
const isShared = ({ shared = [] }: Projection, { table, text }: StoredRow): boolean =>
  table === PARKED ? (JSON.parse(text) as ParkedRow).key === EVERY : shared.includes(table);

const earlier = (one: Position | undefined, other: Position): Position => (one !== undefined && one < other ? one : other);

const putRow = (generation: string, { table, partition, sort, text }: StoredRow): Write => ({
  op: "put",
  table: `${generation}/${table}`,
  partition,
  sort,
  value: JSON.parse(text) as unknown,
});

const delRow = (generation: string, { table, partition, sort }: StoredRow): Write => ({
  op: "del",
  table: `${generation}/${table}`,
  partition,
  sort,
});
