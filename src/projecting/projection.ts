import type { EventType } from "../domain/events.ts";
import type { Recorded } from "../domain/recorded.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { Row, ViewStore } from "../ports/viewStore.ts";

/** A write to one of the projection's own tables. `table` is named without the generation. */
export type TableWrite =
  | { op: "put"; table: string; partition: string; sort: string; value: Row }
  | { op: "putEach"; table: string; partitions: readonly string[]; sort: string; value: Row }
  | { op: "del"; table: string; partition: string; sort: string };

export const put = (table: string, partition: string, sort: string, value: Row): TableWrite => ({
  op: "put",
  table,
  partition,
  sort,
  value,
});
/** The same row in many partitions. */
export const putEach = (table: string, partitions: readonly string[], sort: string, value: Row): TableWrite => ({
  op: "putEach",
  table,
  partitions,
  sort,
  value,
});
export const del = (table: string, partition: string, sort: string): TableWrite => ({ op: "del", table, partition, sort });

/**
 * The projection's own rows as they are before the event, with everything that earlier events wrote. Rows are never changed in
 * place. `Table`: the tables that the projection declares in `reads`. Writes to other tables are not tracked, so reading one of
 * them throws.
 */
export type Rows<Table extends string = string> = {
  get<T>(table: Table, partition: string, sort: string): Awaitable<T | undefined>;
  /** The row of a partition with the highest sort key that is not above `sort`. */
  floor<T>(table: Table, partition: string, sort: string): Promise<{ sort: string; value: T } | undefined>;
  /**
   * A whole partition, by `sort`, in no order: it depends on what came in one page. For partitions that are small, or that are
   * soon needed again (the members of a conversation).
   */
  all<T>(table: Table, partition: string): Awaitable<ReadonlyMap<string, T>>;
};

export type Handlers<Table extends string = string> = {
  [T in EventType]?: (event: Recorded<T>, rows: Rows<Table>) => Awaitable<TableWrite[]>;
};

/**
 * Defines what a view means. Handlers are pure: their writes depend only on the event and the projection's own rows. They use no
 * time, random number or setting. So a replay gives the same rows, byte for byte. Reads and writes stay under the event's routing
 * key. `Table`: the tables in `reads`. If `Table` is given, a handler that reads another table does not compile.
 */
export type Projection<Table extends string = string> = {
  name: string;
  /** Raised with every change to what rows hold. A new version is built beside the old one. */
  version: number;
  /**
   * Earlier versions that this one goes on from: these handlers can fold on over their rows, and these read functions can read
   * them. Until this version is built for the first time, such a generation is read and folded on. If absent, or if there is no
   * such generation, what needs the rows is UNAVAILABLE until this version is built.
   */
  goesOnFrom?: readonly number[];
  /**
   * The tables that the handlers read back, and those with rows that are written again and again: a commit has only the last
   * write to each of their rows. Rows of other tables are not kept in memory.
   */
  reads: readonly Table[];
  /**
   * Commands and reads rely on its rows to refuse. So while events of it are parked, nothing is granted under their keys: one of
   * them may take a right away.
   */
  holdsRights?: true;
  /**
   * Some commands rely on its rows: for what was sent already, or for who may follow. So while events of it are parked, those
   * commands do nothing under their keys. They ask `Blocked` themselves; all others go on.
   */
  reliedOn?: true;
  /**
   * The conversation that a row lies under; undefined: it is of something else. Values may be anything, as a fault may make
   * them. If absent, the projection holds nothing of one conversation, and is replayed only as a whole.
   */
  conversationOf?: (row: RowOf) => string | undefined;
  /** The tables with what is of all conversations, as settings are. */
  shared?: readonly string[];
  /** The key under which events wait behind a parked one. If absent: the routing key. */
  keyOf?: (event: { stream: string; revision: number }) => string;
  /** Who is woken when a row of a table was written. The topic is `<kind>/<partition>`. */
  topics?: Readonly<Record<string, "users" | "conversations">>;
  /** Tables whose rows are told with each commit, whoever listens: what is kept in memory elsewhere rests on them. */
  told?: readonly string[];
  /**
   * Tables of which the row that an event wrote goes with the news of this event: who is told of it needs the row at once. An
   * event writes one such row.
   */
  carried?: readonly string[];
  handlers: Handlers<Table>;
};

/** A row of a projection. `table` is named without the generation. */
export type RowOf = { table: string; partition: string; sort: string; value: Row };

/** The name of the generation: the rows of one projection, as this version and run made them. */
export const generationOf = (projection: Projection, run = 1): string => `${projection.name}@${projection.version}#${run}`;

/**
 * A view store narrowed to one generation. The read functions of a projection are built on it. Its functions never throw
 * directly, they reject: otherwise nobody would handle the fault of another read that runs beside it.
 */
export type Reader = {
  get<T>(table: string, partition: string, sort: string): Awaitable<T | undefined>;
  /** `isOnce`: see `ViewStore`. */
  getMany<T>(
    table: string,
    keys: readonly (readonly [partition: string, sort: string])[],
    isOnce?: boolean,
  ): Awaitable<(T | undefined)[]>;
  range<T>(
    table: string,
    partition: string,
    query: { after?: string; before?: string; limit: number; reverse?: boolean },
  ): Awaitable<{ sort: string; value: T }[]>;
};

/** What a fold needs of the log. */
export type FoldedLog = Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end">;

/** What a fold needs of the store that holds its rows. */
export type FoldedStore = Pick<ViewStore, "get" | "getMany" | "range" | "checkpoint" | "commit">;

/** `generation`: its name, or who knows it at the time of each read. Who knows may throw: then the read rejects. */
export function readerOf(store: Pick<ViewStore, "get" | "getMany" | "range">, generation: string | (() => string)): Reader {
  const now = typeof generation === "string" ? () => generation : generation;
  let of: string | undefined;
  const names = new Map<string, string>();
  const full = (table: string) => {
    const current = now();
    if (current !== of) names.clear();
    of = current;
    let name = names.get(table);
    if (name === undefined) names.set(table, (name = `${current}/${table}`));
    return name;
  };
  return {
    get: <T>(table: string, partition: string, sort: string) =>
      asked(() => store.get(full(table), partition, sort) as Awaitable<T | undefined>),
    getMany: <T>(table: string, keys: readonly (readonly [string, string])[], isOnce?: boolean) =>
      asked(
        () =>
          store.getMany(
            keys.map(([partition, sort]) => ({ table: full(table), partition, sort })),
            isOnce,
          ) as Awaitable<(T | undefined)[]>,
      ),
    range: <T>(table: string, partition: string, query: Parameters<ViewStore["range"]>[2]) =>
      asked(() => store.range(full(table), partition, query) as Awaitable<{ sort: string; value: T }[]>),
  };
}

function asked<T>(ask: () => Awaitable<T>): Awaitable<T> {
  try {
    return ask();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The exclusive bound just above a sort key: it includes the key and nothing after it, because no name holds U+0000. */
export const justAbove = (sort: string): string => `${sort}\u0001`;

/** A seq as a sort key. Its width is fixed, so that text order is number order. */
export const seqKey = (seq: number): string => seq.toString(36).padStart(8, "0");
export const seqOfKey = (key: string): number => Number.parseInt(key, 36);
