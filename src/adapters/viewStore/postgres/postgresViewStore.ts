import type { Awaitable, Open } from "../../../ports/awaitable.ts";
import { backOff } from "../../../ports/backoff.ts";
import { explained, Unavailable } from "../../../ports/faults.ts";
import type { SharedViews } from "../../../ports/leases.ts";
import type { RangeQuery, Row, RowKey, SortedRow, ViewStore } from "../../../ports/viewStore.ts";
import { type AtHand, createAtHand, type Kept, type Place } from "../atHand.ts";
import { assertPart, rangeKey } from "../rows.ts";
import { type KeptTables, newVersions, type SharedVersions, type Versions, versionsIn } from "../versions.ts";
import { type Address, addressOf } from "./address.ts";
import { asFault, refusal } from "./faults.ts";
import { type Hold, holdSchema } from "./hold.ts";
import { fenceIn, postgresLeases } from "./leases.ts";
import { hasTables, migrate, removeSchema, setSchemaAside } from "./schema.ts";
import { openReaders, openSession } from "./sessions.ts";
import { checkpointOf, checkpointsOf, snapshotOf } from "./snapshot.ts";
import { above, statementsIn, tablesOf } from "./statements.ts";
import { sizeOf, statusOf } from "./status.ts";
import { textArray } from "./textArray.ts";
import { createHolders } from "./holders.ts";
import { createWriter } from "./writer.ts";

export type PostgresViewStoreOptions = {
  /** The schema of its tables: 1 to 63 of `a-z 0-9 _`. */
  schema: string;
  /** What this thread keeps at hand of the rows that it reads, in about so many bytes of memory. Default: nothing. */
  kept?: KeptTables & { bytes: number };
  /**
   * Whether other processes use the tables too, which say so as well. Then they write rows that this one does not see, so nothing
   * may be kept at hand. Default: false.
   */
  shared?: boolean;
  /** How long another process that uses the tables is waited for, in milliseconds: it may just have ended. Default: 10 s. */
  othersMs?: number;
  /** Called with a sentence for operators whenever the server is waited for. */
  waiting?: (why: string) => void;
  /** How long the server is waited for, in milliseconds. Default: for ever. */
  patienceMs?: number;
  /** Ends the wait: then it rejects with its reason. */
  signal?: AbortSignal;
};

/** Where the rows are, for another thread of this process. */
export type PostgresPlace = { url: string; schema: string; versions: SharedVersions };

/** The view store, with what several processes need that share it. */
export type PostgresThreadStore = Open<ViewStore> & SharedViews;

export type PostgresViewStore = PostgresThreadStore & {
  /** What another thread opens them with (`postgresViewStoreAt`). What one thread has committed, the others see at once. */
  place(): PostgresPlace;
};

const OTHERS_MS = 10_000;
const NOTHING_KEPT = { rows: [], ranges: [], bytes: 0 };

/** The most connections that read at once: of the thread that serves, and of any other thread. */
const READERS = 16;
const READERS_BESIDE = 4;

/**
 * The view store on a PostgreSQL server, for the first thread of the one process that uses its tables. It makes the tables, and
 * waits for a server that is away. Rejects with an `Error` that says what to do if the server will not take this process, and
 * with `Unavailable` when the patience is over.
 */
export async function postgresViewStore(url: string, options: PostgresViewStoreOptions): Promise<PostgresViewStore> {
  const { schema, kept = NOTHING_KEPT, shared: isShared = false, othersMs = OTHERS_MS } = options;
  const address = usable(url);
  if (isShared && kept.bytes > 0) throw new TypeError("rows that other processes write cannot be kept at hand");
  const { bytes, ...tables } = kept;
  const shared = newVersions(tables);
  const versions = versionsIn(shared);
  // Nobody knows what was done to the rows meanwhile.
  const hold = await patiently(address, options, async () => {
    await migrate(address, schema);
    return holdSchema(address, schema, { shared: isShared }, othersMs, () => versions.removing()());
  });
  const atHand = bytes > 0 ? createAtHand(versions, bytes) : undefined;
  return {
    ...storeAt({ address, schema, versions, hold, atHand, readers: READERS }),
    place: () => ({ url, schema, versions: shared }),
  };
}

/** The store of another thread of this process, which has opened it. */
export function postgresViewStoreAt({ url, schema, versions }: PostgresPlace): PostgresThreadStore {
  return storeAt({ address: usable(url), schema, versions: versionsIn(versions), readers: READERS_BESIDE });
}

/**
 * The store, only to look at it, also while a server uses it. `readers`: the most connections. Undefined: there is none yet.
 * Rejects with an `Error` if the server cannot be used.
 */
export async function existingPostgresViewStore(
  url: string,
  schema: string,
  readers = READERS_BESIDE,
): Promise<PostgresViewStore | undefined> {
  const address = usable(url);
  if (!(await patiently(address, { patienceMs: 0 }, () => hasTables(address, schema)))) return undefined;
  const versions = newVersions(NOTHING_KEPT);
  return { ...storeAt({ address, schema, versions: versionsIn(versions), readers }), place: () => ({ url, schema, versions }) };
}

/** Removes the tables of a store that nobody uses. */
export const removePostgresViews = (url: string, schema: string): Promise<void> => removeSchema(usable(url), schema);

/** Moves the tables of a store that nobody uses to another schema. Resolves with words for where they are. */
export const setPostgresViewsAside = async (url: string, schema: string): Promise<string> =>
  `the schema ${await setSchemaAside(usable(url), schema)}`;

function usable(url: string): Address {
  try {
    return addressOf(url);
  } catch (error) {
    throw new Error(`DATABASE_URL cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

type Patience = Pick<PostgresViewStoreOptions, "waiting" | "patienceMs" | "signal">;

async function patiently<T>(
  { name }: Address,
  { waiting, patienceMs = Number.POSITIVE_INFINITY, signal = new AbortController().signal }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      const why = refusal(error);
      if (why !== undefined) throw new Error(`PostgreSQL at ${name} cannot be used: ${why}`, { cause: error });
      if (performance.now() >= until)
        throw new Unavailable(`PostgreSQL at ${name} cannot be reached`, "nothing", { cause: error });
      waiting?.(`waiting for PostgreSQL at ${name}: ${explained(error)}`);
      await backOff(attempt, signal);
    }
  }
}

type Parts = {
  address: Address;
  schema: string;
  versions: Versions;
  hold?: Hold;
  atHand?: AtHand | undefined;
  /** The most connections that read. */
  readers: number;
};

/** The limits of PostgreSQL are 64-bit numbers, and a limit may be any. */
const MOST = Number.MAX_SAFE_INTEGER;
/** So many rows are passed over to find the names of partitions. A bigger partition is skipped. */
const PASSED = 1_000;
/** How many rows are asked for at once that were asked for one by one. */
const ASKED_AT_ONCE = 256;
/** How many rows a drop deletes at once. That takes some tens of milliseconds. */
const DROPPED = 5_000;

/** A row to be read. `place`: where to keep it. */
type Wanted = { key: RowKey; place: Place | undefined };
type Asked = Wanted & { settle: (row: Row | undefined) => void; fail: (error: unknown) => void };

function storeAt({ address, schema, versions, hold, atHand, readers: most }: Parts): PostgresThreadStore {
  const statements = statementsIn(schema);
  const source = {};
  const readers = openReaders(address, most);
  const writer = createWriter(address, statements, versions);
  const leases = postgresLeases(address, schema);
  const holders = createHolders(() => createWriter(address, statements, versions, fenceIn(schema)));

  /** What is at hand, as long as no other process can have written. */
  const hand = (): AtHand | undefined => {
    if (atHand === undefined || hold?.isHeld() !== true) return undefined;
    atHand.from(source);
    return atHand;
  };

  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asFault(error);
    }
  };

  const parsed = (text: string | undefined): Row | undefined => (text === undefined ? undefined : (JSON.parse(text) as Row));

  const rowKey = ({ table, partition, sort }: RowKey): string => `${table}\0${partition}\0${sort}`;

  /** `place`: where to keep it. */
  const readOne = ({ key, place }: Wanted): Promise<Row | undefined> =>
    guarded(async () => {
      const { rows } = await readers.ask<[string]>(statements.get, [key.table, key.partition, key.sort]);
      const text = rows[0]?.[0];
      const row = parsed(text);
      if (place) atHand?.keep(place, rowKey(key), row, text?.length ?? 0);
      return row;
    });

  const answerEach = (all: readonly Asked[]): Promise<unknown> =>
    Promise.all(all.map((each) => readOne(each).then(each.settle, each.fail)));

  const answer = async (all: readonly Asked[]): Promise<unknown> => {
    if (all.length === 1) return answerEach(all);
    try {
      const rows = await readMany(
        all.map(({ key }) => key),
        all.map(({ place }) => place),
      );
      for (const [index, { settle }] of all.entries()) settle(rows[index]);
    } catch (error) {
      // A key that no row can have is the fault of whoever asked for it, and not of the others.
      if (error instanceof TypeError) return answerEach(all);
      for (const { fail } of all) fail(error);
    }
  };

  /** What was asked for in this turn of the event loop. */
  let asked: Asked[] = [];
  /** A statement costs far more than a row: all rows that are asked for in one turn of the event loop are one question. */
  const read = (key: RowKey, place?: Place): Promise<Row | undefined> =>
    new Promise((settle, fail) => {
      if (asked.push({ key, place, settle, fail }) > 1) return;
      setImmediate(() => {
        const all = asked;
        asked = [];
        for (let from = 0; from < all.length; from += ASKED_AT_ONCE) void answer(all.slice(from, from + ASKED_AT_ONCE));
      });
    });

  /** `places`: where to keep them. */
  const readMany = (keys: readonly RowKey[], places: readonly (Place | undefined)[] = []): Promise<(Row | undefined)[]> =>
    guarded(async () => {
      const [only] = keys;
      if (only === undefined) return [];
      if (keys.length === 1) return [await readOne({ key: only, place: places[0] })];
      const { rows } = await readers.ask<[string, string]>(statements.getMany, [
        textArray(keys.map(({ table }) => table)),
        textArray(keys.map(({ partition }) => partition)),
        textArray(keys.map(({ sort }) => sort)),
      ]);
      const texts = new Array<string | undefined>(keys.length).fill(undefined);
      for (const [place, text] of rows) texts[Number(place) - 1] = text;
      return texts.map((text, index) => {
        const row = parsed(text);
        const place = places[index];
        if (place) atHand?.keep(place, rowKey(keys[index] as RowKey), row, text?.length ?? 0);
        return row;
      });
    });

  /** `place`: where to keep it, under this key. */
  const readRange = (table: string, partition: string, query: RangeQuery, place?: Place, key = ""): Promise<SortedRow[]> =>
    guarded(async () => {
      const { after, before, limit } = query;
      const values = [table, partition, after === undefined ? "" : above(after), Math.min(limit, MOST)];
      const { rows } = await readers.ask<[string, string]>(
        statements.range(query),
        before === undefined ? values : [...values, before],
      );
      const found = rows.map(([sort, text]): SortedRow => ({ sort, value: parsed(text) }));
      if (place)
        atHand?.keep(
          place,
          key,
          found,
          rows.reduce((sum, [sort, text]) => sum + sort.length + text.length, 0),
        );
      return found;
    });

  /** Where a row may be kept. */
  const placeOf = (near: AtHand, { table, partition, sort }: RowKey): Place | undefined => {
    const kept = near.tableOf(table);
    return kept?.rows ? near.rowAt(kept, partition, sort) : undefined;
  };

  return {
    get(table, partition, sort) {
      const key = { table, partition, sort };
      const near = hand();
      if (near?.tableOf(table)?.rows !== true) return read(key);
      const found = near.find(rowKey(key));
      return found ? found.value : read(key, placeOf(near, key));
    },

    getMany(keys, isOnce = false): Awaitable<(Row | undefined)[]> {
      const near = hand();
      if (!near) return readMany(keys);
      const rows: (Row | undefined)[] = [];
      const [found, missing, places]: [Kept[], number[], (Place | undefined)[]] = [[], [], []];
      // By index: hundreds of rows are read for one answer.
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index] as RowKey;
        const isKept = near.tableOf(key.table)?.rows === true;
        const kept = isKept ? near.find(rowKey(key)) : undefined;
        rows.push(kept?.value);
        if (kept) found.push(kept);
        else {
          missing.push(index);
          places.push(isKept && !isOnce ? placeOf(near, key) : undefined);
        }
      }
      if (missing.length === 0) return rows;
      return readMany(
        missing.map((index) => keys[index] as RowKey),
        places,
      ).then((read) => {
        // All of them are as they were at one moment. If some were written to since, they are read again, all at once.
        if (!near.areStill(found)) return readMany(keys);
        for (const [at, index] of missing.entries()) rows[index] = read[at];
        return rows;
      });
    },

    range(table, partition, query) {
      const near = hand();
      const kept = near?.tableOf(table);
      if (!near || !kept?.ranges) return readRange(table, partition, query);
      const key = rangeKey(table, partition, query);
      const found = near.find(key);
      return found ? (found.value as SortedRow[]) : readRange(table, partition, query, near.rangeAt(kept, partition, key), key);
    },

    partitions: (table, after, limit) =>
      guarded(async () => {
        const found: string[] = [];
        for (let from = after === "" ? "" : above(after); found.length < limit;) {
          const { rows } = await readers.ask<[string, number]>(statements.partitions, [table, from, PASSED]);
          for (const [name] of rows) if (found.length < limit) found.push(name);
          const last = rows[rows.length - 1]?.[0];
          if (last === undefined || rows.reduce((sum, [, count]) => sum + count, 0) < PASSED) break;
          from = above(last);
        }
        return found;
      }),

    checkpoint: (generation) =>
      guarded(async () => {
        const { rows } = await readers.ask<[string, string | null]>(statements.checkpoint, [generation]);
        return rows[0] && checkpointOf(rows[0]);
      }),

    checkpoints: (generations) => guarded(() => checkpointsOf(readers, statements, generations)),

    commit: (writes, moves = []) => writer.commit([{ writes, moves }]),

    snapshot: () => snapshotOf(address, statements),

    async drop(generation) {
      assertPart(generation);
      // The checkpoint goes first. If the rest fails, the rows that remain belong to nobody, and no view has holes.
      await writer.forget(generation);
      const ended = versions.removing();
      try {
        await guarded(() => dropRows(generation));
      } finally {
        ended();
      }
    },

    size: (generation) =>
      guarded(async () => {
        assertPart(generation);
        return sizeOf(readers, statements, schema, generation);
      }),

    leases,

    heldBy: holders.heldBy,

    status: () => statusOf(readers, schema, hold?.trouble()),

    async close() {
      await writer.close();
      await holders.close();
      await leases.close();
      await readers.close();
      await hold?.close();
    },
  };

  /** In pieces, over a connection of its own: meanwhile others commit, and no statement takes long. */
  async function dropRows(generation: string): Promise<void> {
    const { from, before } = tablesOf(generation);
    const session = await openSession(address);
    try {
      for (let at: [string, string, string] | undefined = [from, "", ""]; at !== undefined;) {
        const [next]: [string, string, string][] = (
          await session.ask<[string, string, string]>(statements.boundary, [...at, before, DROPPED])
        ).rows;
        await session.ask(statements.delBetween, [...at, ...(next ?? [before, "", ""])]);
        at = next;
      }
    } finally {
      await session.close();
    }
  }
}
