import type { Awaitable } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { RowKey, ViewStore, Write } from "../ports/viewStore.ts";

/** A table outside every generation: a replay respects the horizons, but does not move them. */
const TABLE = "retention";
const EVERYONE = "everyone";
const TICKS = "ticks";
const USERS = "users";
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
  /** How many entries an inbox keeps. 0: all. */
  max: number;
};

/** The most inboxes that one sweep looks at, and the most rows that it reads. */
const SWEEP_INBOXES = 2_000;
const SWEEP_ROWS = 200_000;
const PAGE = 1_000;

/** The oldest position that a user's inbox still reaches back to. A cursor below it is answered with a reset. */
export async function horizonOf(store: Pick<ViewStore, "get">, user: string, origin: Position): Promise<Position> {
  const everyone = ((await store.get(TABLE, EVERYONE, "")) as Position | undefined) ?? origin;
  const own = ((await store.get(TABLE, USERS, user)) as Position | undefined) ?? origin;
  return everyone > own ? everyone : own;
}

export type SweeperOptions = {
  store: ViewStore;
  /** The table of inbox entries, with its generation. */
  entries: string;
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
};

/**
 * Moves the horizons and deletes the inbox rows below them, a limited amount with each call. Ticks tell how old a position is:
 * each sweep notes the present checkpoint with the time.
 */
export function createSweeper({ store, entries, limits, checkpoint, now, horizon }: SweeperOptions): Sweeper {
  let from = "";
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

  /** Deletes the surplus of one inbox. Returns how many rows it read. */
  const trimInbox = async (user: string, everyone: Position | undefined): Promise<number> => {
    const own = (await store.get(TABLE, USERS, user)) as Position | undefined;
    const horizon = (own ?? "") > (everyone ?? "") ? own : everyone;
    let read = 0;
    if (horizon !== undefined) {
      for (;;) {
        const old = await store.range(entries, user, { before: `${horizon}~`, limit: PAGE });
        read += old.length;
        if (old.length > 0) await store.commit(old.map(({ sort }) => ({ op: "del", table: entries, partition: user, sort })));
        if (old.length < PAGE) break;
      }
    }
    if (limits.max === 0) return read;
    const kept: string[] = [];
    for (let after: string | undefined; ;) {
      const page = await store.range(entries, user, { ...(after === undefined ? {} : { after }), limit: PAGE });
      for (const { sort } of page) kept.push(sort);
      read += page.length;
      after = page[page.length - 1]?.sort;
      if (page.length < PAGE) break;
    }
    const surplus = kept.slice(0, Math.max(0, kept.length - limits.max));
    const last = surplus[surplus.length - 1];
    if (last !== undefined) {
      await store.commit([
        { op: "put", table: TABLE, partition: USERS, sort: user, value: last },
        ...surplus.map((sort): Write => ({ op: "del", table: entries, partition: user, sort })),
      ]);
    }
    return read;
  };

  /** Continues after the last inbox, and starts again at the end. */
  const sweepSome = async (everyone: Position | undefined): Promise<void> => {
    const users = await store.partitions(entries, from, SWEEP_INBOXES);
    let rows = 0;
    let done = 0;
    for (const user of users) {
      rows += await trimInbox(user, everyone);
      from = user;
      done++;
      if (rows > SWEEP_ROWS) break;
    }
    // All inboxes were seen. The next sweep starts with the first.
    if (done === users.length && users.length < SWEEP_INBOXES) from = "";
  };

  return {
    sweep: () =>
      inTurn(async () => {
        if (limits.ttlMs === 0 && limits.max === 0) return;
        await sweepSome(await moveEveryone());
      }),
    anew: () =>
      inTurn(async () => {
        if (limits.max > 0) await store.commit([{ op: "put", ...untrimmedRow, value: true }]);
      }),
    trimmed: () =>
      inTurn(async () => {
        const { table, partition, sort } = untrimmedRow;
        if ((await store.get(table, partition, sort)) === undefined) return;
        const everyone = (await store.get(TABLE, EVERYONE, "")) as Position | undefined;
        from = "";
        do await sweepSome(everyone);
        while (from !== "");
        await store.commit([{ op: "del", ...untrimmedRow }]);
      }),
  };
}
