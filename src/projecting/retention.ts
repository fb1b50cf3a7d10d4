import type { Awaitable } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { RowKey, SortedRow, ViewStore, Write } from "../ports/viewStore.ts";

/** A table outside every generation: a replay respects the horizons, but does not move them. */
const TABLE = "retention";
const EVERYONE = "everyone";
const TICKS = "ticks";
const USERS = "users";
const WHOLE = "whole";
/** By user, up to where nothing is left that is elsewhere. */
const THINNED = "thinned";
const NEWEST = "newest";

/** The position up to which entries were deleted for everyone. */
export const everyoneRow: RowKey = { table: TABLE, partition: EVERYONE, sort: "" };
/** The latest time of any folded event, about. ISO 8601. */
export const newestRow: RowKey = { table: TABLE, partition: NEWEST, sort: "" };
/** Exists while inboxes are rebuilt, until no inbox holds more than it may. */
const untrimmedRow: RowKey = { table: TABLE, partition: "untrimmed", sort: "" };
/** Maps a time (ISO 8601) to a position: everything at or below the position is no later than the time. */
export const tickRow = (at: string): RowKey => ({ table: TABLE, partition: TICKS, sort: at });

export type RetentionLimits = {
  /** How long an inbox entry is kept, in milliseconds. 0: for ever. */
  ttlMs: number;
  /**
   * How many entries an inbox keeps. 0: all. Older ones are deleted if they can be read elsewhere; of the others as many again
   * are kept.
   */
  max: number;
};

type Gets = Pick<ViewStore, "get">;

/** The most inboxes that one sweep looks at, and the most rows that it reads. */
const SWEEP_INBOXES = 2_000;
const SWEEP_ROWS = 200_000;
const PAGE = 1_000;

/** The oldest position that a user's inbox still reaches back to. A cursor below it is answered with a reset. */
export async function horizonOf(store: Gets, user: string, origin: Position): Promise<Position> {
  const everyone = ((await store.get(TABLE, EVERYONE, "")) as Position | undefined) ?? origin;
  const own = ((await store.get(TABLE, USERS, user)) as Position | undefined) ?? origin;
  return everyone > own ? everyone : own;
}

/**
 * The position from which on a user's inbox has everything. What is older, down to the horizon, was deleted because the inbox
 * holds only so many entries, and must be read from the changes of conversations.
 */
export async function wholeFrom(store: Gets, user: string, origin: Position): Promise<Position> {
  const whole = ((await store.get(TABLE, WHOLE, user)) as Position | undefined) ?? origin;
  const horizon = await horizonOf(store, user, origin);
  return whole > horizon ? whole : horizon;
}

/**
 * Whether an entry of an inbox must be there: it is above its user's horizon, and was not deleted because the inbox holds only so
 * many, while it can be read from the changes of its conversation.
 */
export function mustBeThere(
  store: Gets,
  { changes, origin }: { changes: string; origin: Position },
): (user: string, position: Position, entry: unknown) => Promise<boolean> {
  /** Entries come inbox by inbox. */
  let last: { user: string; horizon: Position; whole: Position } | undefined;
  return async (user, position, entry) => {
    if (last?.user !== user)
      last = { user, horizon: await horizonOf(store, user, origin), whole: await wholeFrom(store, user, origin) };
    if (position <= last.horizon) return false;
    return position > last.whole || (await store.get(changes, conversationOf(entry), position)) === undefined;
  };
}

export type SweeperOptions = {
  store: Pick<ViewStore, "get" | "getMany" | "range" | "partitions" | "commit">;
  /** The table of inbox entries, with its generation. */
  entries: string;
  /** The table of the changes of conversations, with its generation: by conversation and position, as entries have them. */
  changes: string;
  limits: RetentionLimits;
  /** The position that the rows have reached now. */
  checkpoint: () => Awaitable<Position>;
  now: () => Date;
  /** The horizon of everyone, as moved by the fold of the entries (`Ages`). */
  horizon?: () => Position | undefined;
};

export type Sweeper = {
  /** Sweeps a limited number of inboxes. To be called again and again. */
  sweep(): Promise<void>;
  /** To be called when inboxes are folded from nothing. Until they are trimmed, they hold entries that were deleted before. */
  anew(): Promise<void>;
  /** Goes through all inboxes if they were folded from nothing and not trimmed since. */
  trimmed(): Promise<void>;
  /**
   * Deletes from all inboxes of a generation that nobody reads yet what the one that is read has lost. It moves no horizon: they
   * are those of the one that is read, whose sweeper moves them. Ends early when the signal is aborted.
   */
  trimAll(signal: AbortSignal): Promise<void>;
};

/**
 * Moves the horizons and deletes the inbox rows below them, a limited amount with each call. Ticks tell how old a position is:
 * each sweep notes the present checkpoint with the time.
 */
export function createSweeper({ store, entries, changes, limits, checkpoint, now, horizon }: SweeperOptions): Sweeper {
  let from = "";
  /** The first round also deletes what is left above the horizons: the rows may have been folded while they moved. */
  let isFirstRound = true;
  /** The jobs run one after another, because they all use the users' horizons. */
  let working: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = working.then(work);
    working = done.catch(() => {});
    return done;
  };

  const moveEveryone = async (): Promise<Position | undefined> => {
    const before = (await store.get(TABLE, EVERYONE, "")) as Position | undefined;
    if (limits.ttlMs === 0) return before;
    const at = now();
    const oldest = new Date(at.getTime() - limits.ttlMs).toISOString();
    const writes: Write[] = [{ op: "put", ...tickRow(at.toISOString()), value: await checkpoint() }];
    const past = await store.range(TABLE, TICKS, { before: oldest, limit: PAGE });
    let newest: Position | undefined;
    for (const { sort, value } of past) {
      // While views are rebuilt, the checkpoint is behind the ticks that were noted before.
      if ((value as Position) > (newest ?? "")) newest = value as Position;
      writes.push({ op: "del", ...tickRow(sort) });
    }
    const moved = newest !== undefined && newest > (before ?? "") && newest > (horizon?.() ?? "");
    if (moved) writes.push({ op: "put", ...everyoneRow, value: newest });
    await store.commit(writes);
    return moved ? newest : before;
  };

  /** Which of some entries can be read again from the changes of their conversations. */
  const areElsewhere = async (rows: readonly SortedRow[]): Promise<boolean[]> => {
    const keys = rows.map(({ sort, value }) => ({ table: changes, partition: conversationOf(value), sort }));
    return (await store.getMany(keys)).map((row) => row !== undefined);
  };

  /** Deletes what is elsewhere of an inbox, after `from` and up to `to`. Returns what is left, and how many rows it read. */
  const deleteElsewhere = async (
    user: string,
    from: Position | undefined,
    to: Position,
  ): Promise<{ left: string[]; read: number }> => {
    const left: string[] = [];
    let read = 0;
    for (let after = from; ;) {
      const page = await store.range(entries, user, { ...(after === undefined ? {} : { after }), before: `${to}~`, limit: PAGE });
      const elsewhere = await areElsewhere(page);
      const gone = page.filter((_, index) => elsewhere[index]);
      if (gone.length > 0) await store.commit(gone.map(({ sort }) => ({ op: "del", table: entries, partition: user, sort })));
      for (const [index, { sort }] of page.entries()) if (!elsewhere[index]) left.push(sort);
      read += page.length;
      after = page[page.length - 1]?.sort;
      if (page.length < PAGE) return { left, read };
    }
  };

  /**
   * Deletes what is elsewhere of an inbox. What is not (what happened between two users, say) stays, the newest `max` of it; what
   * is older is lost, and the horizon moves past it. Returns how many rows it read.
   */
  const thinOut = async (user: string, from: Position | undefined, to: Position): Promise<number> => {
    const { left, read } = await deleteElsewhere(user, from, to);
    const lost = left.slice(0, Math.max(0, left.length - limits.max));
    const last = lost[lost.length - 1];
    if (last !== undefined) {
      await store.commit([
        { op: "put", table: TABLE, partition: USERS, sort: user, value: last },
        ...lost.map((sort): Write => ({ op: "del", table: entries, partition: user, sort })),
      ]);
    }
    return read;
  };

  /** Deletes what is below a user's horizon. Returns that, and the rows read. */
  const cutOff = async (
    user: string,
    everyone: Position | undefined,
  ): Promise<{ horizon: Position | undefined; read: number }> => {
    const own = (await store.get(TABLE, USERS, user)) as Position | undefined;
    const horizon = (own ?? "") > (everyone ?? "") ? own : everyone;
    let read = 0;
    for (let isMore = horizon !== undefined; isMore;) {
      const old = await store.range(entries, user, { before: `${horizon}~`, limit: PAGE });
      read += old.length;
      if (old.length > 0) await store.commit(old.map(({ sort }) => ({ op: "del", table: entries, partition: user, sort })));
      isMore = old.length === PAGE;
    }
    return { horizon, read };
  };

  /** Deletes from one inbox what the generation that is read has lost of it. */
  const cutAlike = async (user: string, everyone: Position | undefined): Promise<void> => {
    const { horizon } = await cutOff(user, everyone);
    const whole = (await store.get(TABLE, WHOLE, user)) as Position | undefined;
    if (whole !== undefined && whole > (horizon ?? "")) await deleteElsewhere(user, horizon, whole);
  };

  /** Deletes the surplus of one inbox. `isNew`: it was folded anew, and has what was deleted before. Returns the rows read. */
  const trimInbox = async (user: string, everyone: Position | undefined, isNew: boolean): Promise<number> => {
    const cut = await cutOff(user, everyone);
    const { horizon } = cut;
    let { read } = cut;
    if (limits.max === 0) return read;
    const before = (await store.get(TABLE, WHOLE, user)) as Position | undefined;
    const whole = (before ?? "") > (horizon ?? "") ? before : horizon;
    const kept: string[] = [];
    for (let after = whole; ;) {
      const page = await store.range(entries, user, { ...(after === undefined ? {} : { after }), limit: PAGE });
      for (const { sort } of page) kept.push(sort);
      read += page.length;
      after = page[page.length - 1]?.sort;
      if (page.length < PAGE) break;
    }
    const last = kept[kept.length - limits.max - 1];
    // The place first: who reads meanwhile looks at it again afterwards, and then reads elsewhere.
    if (last !== undefined) await store.commit([{ op: "put", table: TABLE, partition: WHOLE, sort: user, value: last }]);
    const thinned = (await store.get(TABLE, THINNED, user)) as Position | undefined;
    // Also where the last time it was interrupted.
    const end = last ?? (isNew || thinned !== before ? before : undefined);
    if (end === undefined) return read;
    read += await thinOut(user, horizon, end);
    await store.commit([{ op: "put", table: TABLE, partition: THINNED, sort: user, value: end }]);
    return read;
  };

  /** Continues after the last inbox, and starts again at the end. */
  const sweepSome = async (everyone: Position | undefined, isNew = false): Promise<void> => {
    const users = await store.partitions(entries, from, SWEEP_INBOXES);
    let rows = 0;
    let done = 0;
    for (const user of users) {
      rows += await trimInbox(user, everyone, isNew);
      from = user;
      done++;
      if (rows > SWEEP_ROWS) break;
    }
    // All inboxes were seen. The next sweep starts with the first.
    if (done === users.length && users.length < SWEEP_INBOXES) from = "";
  };

  const sweepAll = async (): Promise<void> => {
    const everyone = (await store.get(TABLE, EVERYONE, "")) as Position | undefined;
    from = "";
    do await sweepSome(everyone, true);
    while (from !== "");
  };

  return {
    trimAll: (signal) =>
      inTurn(async () => {
        const everyone = (await store.get(TABLE, EVERYONE, "")) as Position | undefined;
        for (let after = ""; ;) {
          const users = await store.partitions(entries, after, SWEEP_INBOXES);
          for (const user of users) {
            if (signal.aborted) return;
            await cutAlike(user, everyone);
          }
          if (users.length < SWEEP_INBOXES) return;
          after = users[users.length - 1] ?? "";
        }
      }),
    sweep: () =>
      inTurn(async () => {
        if (limits.ttlMs === 0 && limits.max === 0) return;
        await sweepSome(await moveEveryone(), isFirstRound);
        if (from === "") isFirstRound = false;
      }),
    anew: () =>
      inTurn(async () => {
        if (limits.max > 0) await store.commit([{ op: "put", ...untrimmedRow, value: true }]);
      }),
    trimmed: () =>
      inTurn(async () => {
        const { table, partition, sort } = untrimmedRow;
        if ((await store.get(table, partition, sort)) === undefined) return;
        await sweepAll();
        await store.commit([{ op: "del", ...untrimmedRow }]);
      }),
  };
}

/** The conversation that an entry is about; "" for none. */
const conversationOf = (entry: unknown): string => {
  const { conversation } = (typeof entry === "object" && entry !== null ? entry : {}) as { conversation?: unknown };
  return typeof conversation === "string" ? conversation : "";
};
