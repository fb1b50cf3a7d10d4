import type { EventType } from "../domain/events.ts";
import type { Recorded } from "../domain/recorded.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Row, ViewStore } from "../ports/viewStore.ts";

/** A write to one of the projection's own tables: `table` without the generation. */
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
 * The projection's own rows as they are before the event, everything that earlier events wrote included. Rows are never changed in
 * place. `Table`: the tables that it says it reads; of any other nothing would be known of what is written to it, and reading it throws.
 */
export type Rows<Table extends string = string> = {
  get<T>(table: Table, partition: string, sort: string): Awaitable<T | undefined>;
  /** Of a partition the row with the last sort key that is no higher than `sort`. */
  floor<T>(table: Table, partition: string, sort: string): Promise<{ sort: string; value: T } | undefined>;
  /** A whole partition by `sort`. For partitions that are small, or needed again at once (a conversation's members). */
  all<T>(table: Table, partition: string): Awaitable<ReadonlyMap<string, T>>;
};

export type Handlers<Table extends string = string> = {
  [T in EventType]?: (event: Recorded<T>, rows: Rows<Table>) => Awaitable<TableWrite[]>;
};

/**
 * What a view means. Handlers are pure: writes follow from the event and the projection's own rows, and nothing asks for the time, a random
 * number or a setting; so a replay gives the same rows, byte for byte. Reads and writes lie under the event's routing key.
 * `Table`: the tables in `reads`; with them given, a handler that reads another one does not compile.
 */
export type Projection<Table extends string = string> = {
  name: string;
  /** Raised with every change of what rows hold; a new version is built beside the old one. */
  version: number;
  /** The tables that the handlers read back; what is written to others is not kept in memory. */
  reads: readonly Table[];
  /** Under which key events wait behind one that was parked; absent: the routing key. */
  keyOf?: (event: { stream: string; revision: number }) => string;
  /** Who is to be woken when a row of a table was written: `<topic>/<partition>`. */
  topics?: Readonly<Record<string, "users" | "conversations">>;
  handlers: Handlers<Table>;
};

/** The rows of one projection as its version and run made them. */
export const generationOf = (projection: Projection, run = 1): string => `${projection.name}@${projection.version}#${run}`;

/**
 * A view store narrowed to one generation: what the read functions of a projection are built on. None throws at once: what is read beside it would be
 * left with nobody to hear of its fault.
 */
export type Reader = {
  get<T>(table: string, partition: string, sort: string): Awaitable<T | undefined>;
  getMany<T>(table: string, keys: readonly (readonly [partition: string, sort: string])[]): Awaitable<(T | undefined)[]>;
  range<T>(
    table: string,
    partition: string,
    query: { after?: string; before?: string; limit: number; reverse?: boolean },
  ): Awaitable<{ sort: string; value: T }[]>;
};

/** What a fold asks of the store that its rows are kept in. */
export type FoldedStore = Pick<ViewStore, "get" | "getMany" | "range" | "checkpoint" | "commit">;

export function readerOf(store: Pick<ViewStore, "get" | "getMany" | "range">, generation: string): Reader {
  const names = new Map<string, string>();
  const full = (table: string) => {
    let name = names.get(table);
    if (name === undefined) names.set(table, (name = `${generation}/${table}`));
    return name;
  };
  return {
    get: <T>(table: string, partition: string, sort: string) =>
      asked(() => store.get(full(table), partition, sort) as Awaitable<T | undefined>),
    getMany: <T>(table: string, keys: readonly (readonly [string, string])[]) =>
      asked(
        () =>
          store.getMany(keys.map(([partition, sort]) => ({ table: full(table), partition, sort }))) as Awaitable<
            (T | undefined)[]
          >,
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

/** The exclusive bound that takes in a sort key and nothing after it: no name holds U+0000. */
export const justAbove = (sort: string): string => `${sort}\u0001`;

/** A seq as a sort key: fixed width, so that text order is the order of numbers. */
export const seqKey = (seq: number): string => seq.toString(36).padStart(8, "0");
export const seqOfKey = (key: string): number => Number.parseInt(key, 36);
