import { resolve } from "node:path";
import type { MessagePort } from "node:worker_threads";
import type { Awaitable, Open } from "../../../ports/awaitable.ts";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";
import type { Position } from "../../../ports/eventStore.ts";
import type {
  Checkpoint,
  CheckpointMove,
  RangeQuery,
  Row,
  RowKey,
  SortedRow,
  ViewStore,
  ViewStoreStatus,
  Write,
} from "../../../ports/viewStore.ts";
import { type AtHand, createAtHand, type Kept, type Place } from "../atHand.ts";
import { type Connection, ownerConnection, sharedConnection } from "./connection.ts";
import { assertPart, oneByOne, rangeKey, serialised } from "../rows.ts";
import { anchorKey, checkpointKey, generationRange, partitionEnd, partitionPrefix, rowKey, sliceCheckpoints } from "./keys.ts";
import { defaultTuning, type Handle, rootOf, SYNC_KEY_BYTES, type Tuning } from "./open.ts";
import { checkpointOf, snapshotOf } from "./snapshot.ts";
import { unsettled } from "./settling.ts";
import { statusOf } from "./status.ts";
import type { KeptTables } from "../versions.ts";

export type LevelViewStoreOptions = {
  /**
   * What to do if the directory is damaged: fail with `ViewStoreCorrupt` (the default), or rename it to `<directory>.broken-<n>`
   * and begin empty.
   */
  onCorrupt?: "throw" | "setAside";
  /** Called with a sentence that an operator must know. */
  warn?: (message: string) => void;
  tuning?: Partial<Tuning>;
  /** What this thread keeps at hand of the rows that it reads, in about so many bytes of memory. Default: nothing. */
  kept?: KeptTables & { bytes: number };
};

const NOTHING_KEPT = { rows: [], ranges: [], bytes: 0 };

export type LevelViewStore = Open<ViewStore> & {
  /**
   * Makes a port to this store. Transfer it to another thread of this process (`workerData` and `transferList`), and open it
   * there with `sharedLevelViewStore`. What one thread has committed, the others see at once.
   */
  share(): MessagePort;
  /**
   * To be called after many events were folded: merges what was written in layers, unless that is little. Else it would be merged
   * while others read. It ends early when the store is closed, and then rejects with `Unavailable`.
   */
  settle(): Promise<void>;
};

/**
 * The embedded view store: LevelDB in its own directory. This thread holds it: it opens it first and closes it last. Writes are
 * not synced, since views can be replayed. If a power cut left it inconsistent, the next opening notices that and treats it as
 * damage. Errors of opening: `ViewStoreLocked`, `ViewStoreCorrupt`.
 */
export async function levelViewStore(directory: string, options: LevelViewStoreOptions = {}): Promise<LevelViewStore> {
  const { onCorrupt = "throw", warn = (message) => process.emitWarning(message), kept = NOTHING_KEPT } = options;
  const tuning = { ...defaultTuning, ...options.tuning };
  const { bytes, ...tables } = kept;
  const connection = await ownerConnection(resolve(directory), { onCorrupt, warn, tuning, kept: tables });
  const atHand = bytes > 0 ? createAtHand(connection.versions, bytes) : undefined;
  const { settle, ...store } = storeOver(connection, () => statusOf(resolve(directory)), atHand);
  return { ...store, settle, share: connection.share };
}

/**
 * The store that another thread of this process has opened, by a port from its `share()`. That thread's `close` also closes this
 * one.
 */
export async function sharedLevelViewStore(port: MessagePort): Promise<Open<ViewStore>> {
  const { settle: _, ...store } = storeOver(await sharedConnection(port), () => statusOf(undefined));
  return store;
}

/** Readers page through ranges up to this length. Only these are worth a place in the block cache. */
const PAGE = 256;
/** How many bytes an iterator fetches at once. */
const FETCH = 1 << 20;
/** A partition with this many rows is skipped by a seek, not read through. */
const SKIP_AFTER = 16;
/** The limits of LevelDB are 32-bit numbers. */
const MAX_LIMIT = 0x7fff_ffff;
/** How many rows a drop deletes at once. That takes some tens of milliseconds. */
const CLEARED_AT_ONCE = 50_000;
/** The range of so many such deletions is compacted at once. That takes about a second. */
const COMPACTED_AT_ONCE = 40;

/** Before and after all keys. */
const [FIRST_KEY, LAST_KEY] = ["\0", "\u{10ffff}"];

function storeOver(
  connection: Connection,
  status: () => Promise<ViewStoreStatus>,
  atHand?: AtHand,
): Open<ViewStore> & Pick<LevelViewStore, "settle"> {
  const { versions } = connection;
  const inTurn = oneByOne();
  /** The moves of commits with an unknown outcome. */
  const unsure = new Set<string>();
  /** Checkpoints as this thread has left them: as long as nobody has moved any since, through this handle. */
  let left: { handle: Handle; count: number; at: Map<string, Position> } | undefined;

  /** The error that a failed operation gives to the caller. */
  function unavailable(error: unknown, outcome: "nothing" | "unknown" = "nothing"): Error {
    if (error instanceof Unavailable || error instanceof TypeError) return error;
    const { code, message } = rootOf(error);
    if (code === "LEVEL_CORRUPTION") connection.corrupt(`the view store is damaged: ${message}`);
    return new Unavailable(`the view store failed: ${message}`, outcome, { cause: error });
  }

  function parse(key: string, text: string): Row {
    try {
      return JSON.parse(text) as Row;
    } catch (error) {
      connection.corrupt(`the view store is damaged: the row ${JSON.stringify(key)} is no JSON`);
      throw new Unavailable(`the row ${JSON.stringify(key)} is no JSON`, "nothing", { cause: error });
    }
  }

  /** A character takes at most three bytes of UTF-8. */
  const isShort = (key: string): boolean => key.length * 3 <= SYNC_KEY_BYTES;

  /** For a key that is short enough for the synchronous read. `place`: where to keep it. */
  function read(handle: Handle, key: string, place?: Place): Row | undefined {
    let text: string | undefined;
    try {
      text = handle.getSync(key);
    } catch (error) {
      throw unavailable(error);
    }
    const row = text === undefined ? undefined : parse(key, text);
    if (place) atHand?.keep(place, key, row, text?.length ?? 0);
    return row;
  }

  /** `places`: where to keep them. */
  async function readMany(keys: readonly string[], places: readonly (Place | undefined)[] = []): Promise<(Row | undefined)[]> {
    const handle = connection.now() ?? (await connection.ready());
    try {
      const texts = await handle.getMany(keys as string[]);
      return texts.map((text, index) => {
        const key = keys[index] as string;
        const row = text === undefined ? undefined : parse(key, text);
        const place = places[index];
        if (place) atHand?.keep(place, key, row, text?.length ?? 0);
        return row;
      });
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** The same: at once, where it is only one. To wait for another thread takes ten times as long as to read one row. */
  const fromStore = (
    handle: Handle,
    keys: readonly string[],
    places: readonly (Place | undefined)[] = [],
  ): Awaitable<(Row | undefined)[]> => {
    const [only] = keys;
    if (only === undefined) return [];
    return keys.length === 1 && isShort(only) ? [read(handle, only, places[0])] : readMany(keys, places);
  };

  /** Where rows may be kept that are read through this handle. */
  const placeOf = (table: string, partition: string, sort: string): Place | undefined => {
    const kept = atHand?.tableOf(table);
    return kept?.rows ? atHand?.rowAt(kept, partition, sort) : undefined;
  };

  /** Where checkpoints are, if nobody can have moved them since this thread did. To be called exclusively. */
  const known = (handle: Handle): Map<string, Position> | undefined =>
    left?.handle === handle && left.count === connection.moves() ? left.at : undefined;

  /** Names, in words, the first checkpoint that is not where the moves begin (or end). Undefined if all are there. */
  function misplaced(handle: Handle, moves: readonly CheckpointMove[], end: "from" | "to"): string | undefined {
    const at = known(handle);
    for (const move of moves) {
      for (const generation of move.of) {
        const stored = at?.get(generation) ?? read(handle, checkpointKey(generation)) ?? null;
        if (stored !== move[end])
          return `the checkpoint of ${generation} is ${JSON.stringify(stored)}, not ${JSON.stringify(move[end])}`;
      }
    }
    return undefined;
  }

  async function write(handle: Handle, writes: readonly Write[], moves: readonly CheckpointMove[]): Promise<void> {
    const batch = handle.batch();
    try {
      for (const write of writes) {
        assertPart(write.table);
        assertPart(write.sort);
        if (write.op === "putEach") {
          const value = serialised(write.value);
          const suffix = `\0${write.sort}`;
          const prefix = `${write.table}\0`;
          for (const partition of write.partitions) {
            assertPart(partition);
            batch.put(prefix + partition + suffix, value);
          }
          continue;
        }
        assertPart(write.partition);
        const key = rowKey(write.table, write.partition, write.sort);
        if (write.op === "put") batch.put(key, serialised(write.value));
        else batch.del(key);
      }
      for (const { of, to, anchor } of moves) {
        const [position, event] = [JSON.stringify(to), anchor && JSON.stringify(anchor)];
        for (const generation of of) {
          batch.put(checkpointKey(generation), position);
          if (event !== undefined) batch.put(anchorKey(generation), event);
        }
      }
    } catch (error) {
      await batch.close();
      throw error;
    }
    const ended = versions.writing(writes);
    try {
      await batch.write();
    } catch (error) {
      connection.failed(handle);
      throw unavailable(error, "unknown");
    } finally {
      ended();
    }
  }

  async function commit(writes: readonly Write[], moves: readonly CheckpointMove[]): Promise<void> {
    const handle = await connection.writable();
    // From here to the write, nothing else runs in this thread. Within `exclusively`, no other thread commits either.
    const name = JSON.stringify(moves);
    // When the store is opened again, a failed write may turn out to be stored. Then a repeat of the call has nothing left to do.
    if (unsure.delete(name) && misplaced(handle, moves, "to") === undefined) return;
    const moved = misplaced(handle, moves, "from");
    if (moved !== undefined) {
      // Perhaps one of our own commits moved it. On `Unavailable`, the caller reads the checkpoint again. If someone else moved
      // it, the caller sees that then.
      if (unsure.size > 0) {
        unsure.clear();
        throw new Unavailable(`${moved}: a commit of unknown outcome may have been stored`);
      }
      throw new CheckpointMoved(moved);
    }
    if (moves.length === 0) return write(handle, writes, moves);
    const at = known(handle) ?? new Map<string, Position>();
    left = undefined;
    connection.moving();
    const count = connection.moves();
    try {
      await write(handle, writes, moves);
      for (const { of, to } of moves) for (const generation of of) at.set(generation, to);
      left = { handle, count, at };
    } catch (error) {
      if (error instanceof Unavailable) unsure.add(name);
      throw error;
    }
  }

  /** Runs one piece of a drop. */
  async function piece<T>(task: (handle: Handle) => Promise<T>): Promise<T> {
    const handle = await connection.writable();
    try {
      return await task(handle);
    } catch (error) {
      connection.failed(handle);
      throw unavailable(error, "unknown");
    }
  }

  /** `place`: where to keep it, under this key. */
  async function readRange(
    table: string,
    partition: string,
    { after, before, limit, reverse = false }: RangeQuery,
    place?: Place,
    key = "",
  ): Promise<SortedRow[]> {
    const prefix = partitionPrefix(table, partition);
    const handle = connection.now() ?? (await connection.ready());
    try {
      const entries = await handle
        .iterator({
          ...(after === undefined ? { gte: prefix } : { gt: prefix + after }),
          lt: before === undefined ? partitionEnd(table, partition) : prefix + before,
          limit: Math.min(limit, MAX_LIMIT),
          reverse,
          fillCache: limit <= PAGE,
          highWaterMarkBytes: FETCH,
        })
        .all();
      const rows = entries.map(([name, text]) => ({ sort: name.slice(prefix.length), value: parse(name, text) }));
      if (place) atHand?.keep(place, key, rows, bytesOf(entries));
      return rows;
    } catch (error) {
      throw unavailable(error);
    }
  }

  async function forget(handle: Handle, generation: string): Promise<void> {
    connection.moving();
    const slices = await handle.keys(sliceCheckpoints(generation)).all();
    const keys = [checkpointKey(generation), anchorKey(generation), ...slices];
    await handle.batch(keys.map((key) => ({ type: "del", key })));
  }

  return {
    get(table, partition, sort) {
      const key = rowKey(table, partition, sort);
      const handle = connection.now();
      if (!handle || !isShort(key)) return readMany([key]).then(([row]) => row);
      if (atHand?.tableOf(table)?.rows !== true) return read(handle, key);
      atHand.from(handle);
      const found = atHand.find(key);
      return found ? found.value : read(handle, key, placeOf(table, partition, sort));
    },

    getMany(asked: readonly RowKey[], isOnce = false) {
      const handle = connection.now();
      const names = asked.map(({ table, partition, sort }) => rowKey(table, partition, sort));
      if (!handle || !atHand) return handle ? fromStore(handle, names) : readMany(names);
      const rows: (Row | undefined)[] = [];
      const [found, missing, places]: [Kept[], number[], (Place | undefined)[]] = [[], [], []];
      atHand.from(handle);
      // By index: hundreds of rows are read for one answer.
      for (let index = 0; index < names.length; index++) {
        const { table, partition, sort } = asked[index] as RowKey;
        const isKept = atHand.tableOf(table)?.rows === true;
        const kept = isKept ? atHand.find(names[index] as string) : undefined;
        rows.push(kept?.value);
        if (kept) found.push(kept);
        else {
          missing.push(index);
          places.push(isKept && !isOnce ? placeOf(table, partition, sort) : undefined);
        }
      }
      if (missing.length === 0) return rows;
      const all = (read: readonly (Row | undefined)[]): Awaitable<(Row | undefined)[]> => {
        // All of them are as they were at one moment. If some were written to since, they are read again, all at once.
        if (!atHand.areStill(found)) return readMany(names);
        for (const [at, index] of missing.entries()) rows[index] = read[at];
        return rows;
      };
      const keys = missing.map((index) => names[index] as string);
      const read = fromStore(handle, keys, places);
      return read instanceof Promise ? read.then(all) : all(read);
    },

    range(table, partition, query) {
      const handle = connection.now();
      const kept = atHand?.tableOf(table);
      if (!handle || !atHand || !kept?.ranges) return readRange(table, partition, query);
      const key = rangeKey(table, partition, query);
      atHand.from(handle);
      const found = atHand.find(key);
      return found ? (found.value as SortedRow[]) : readRange(table, partition, query, atHand.rangeAt(kept, partition, key), key);
    },

    async partitions(table, after, limit) {
      const prefix = `${table}\0`;
      const handle = connection.now() ?? (await connection.ready());
      const found: string[] = [];
      try {
        const rows = handle.iterator({
          gte: after === "" ? prefix : partitionEnd(table, after),
          lt: `${table}\x01`,
          values: false,
        });
        try {
          while (found.length < limit) {
            const page = await rows.nextv(SKIP_AFTER);
            const names = page.map(([key]) => key.slice(prefix.length, key.indexOf("\0", prefix.length)));
            const [first] = names;
            if (first === undefined) break;
            for (const name of names) if (name !== found.at(-1) && found.length < limit) found.push(name);
            // Small partitions are read through. A big one is skipped.
            if (first === names.at(-1)) rows.seek(partitionEnd(table, first));
          }
        } finally {
          await rows.close();
        }
      } catch (error) {
        throw unavailable(error);
      }
      return found;
    },

    async checkpoint(generation): Promise<Checkpoint | undefined> {
      const [position, anchor] = await readMany([checkpointKey(generation), anchorKey(generation)]);
      return checkpointOf(position, anchor);
    },

    async checkpoints(generations) {
      const found = await readMany(generations.flatMap((name) => [checkpointKey(name), anchorKey(name)]));
      return generations.map((_, index) => checkpointOf(found[2 * index], found[2 * index + 1]));
    },

    snapshot: async () => {
      const handle = connection.now() ?? (await connection.ready());
      return snapshotOf(handle, parse, unavailable);
    },

    status,

    commit: (writes, moves = []) =>
      inTurn(() => (moves.length === 0 ? commit(writes, moves) : connection.exclusively(() => commit(writes, moves)))),

    async drop(generation) {
      assertPart(generation);
      // The checkpoint goes first. If the rest fails, the rows that remain belong to nobody, and no view has holes.
      await inTurn(() => connection.exclusively(() => piece((handle) => forget(handle, generation))));
      const { gte, lt } = generationRange(generation);
      // In pieces: between two of them, a thread that must close its handle can do so.
      const pieces = [gte];
      let cleared = 0;
      const ended = versions.removing();
      try {
        for (let at: string | undefined = gte; at !== undefined; cleared++) {
          const from: string = at;
          at = await piece(async (handle) => {
            await handle.clear({ gte: from, lt, limit: CLEARED_AT_ONCE });
            const [next] = await handle.iterator({ gte: from, lt, limit: 1, values: false }).all();
            return next?.[0];
          });
          if (at !== undefined && cleared % COMPACTED_AT_ONCE === COMPACTED_AT_ONCE - 1) pieces.push(at);
        }
      } finally {
        ended();
      }
      if (cleared === 1) return;
      // This gives the space back. Also, reads beyond this range need not pass over all that was deleted.
      for (const [i, from] of pieces.entries()) await piece((handle) => handle.compactRange(from, pieces[i + 1] ?? lt));
    },

    async settle() {
      const keys = unsettled(connection.now() ?? (await connection.ready()));
      if (keys === undefined) return;
      // In pieces, as above.
      const bounds = [FIRST_KEY, ...keys, LAST_KEY];
      for (const [index, from] of bounds.slice(0, -1).entries())
        await piece((handle) => handle.compactRange(from, bounds[index + 1] ?? LAST_KEY));
    },

    async size(generation) {
      assertPart(generation);
      const { gte, lt } = generationRange(generation);
      const handle = connection.now() ?? (await connection.ready());
      try {
        return await handle.approximateSize(gte, lt);
      } catch (error) {
        throw unavailable(error);
      }
    },

    async close() {
      await inTurn(() => Promise.resolve());
      await connection.close();
    },
  };
}

const bytesOf = (entries: readonly (readonly [key: string, text: string])[]): number =>
  entries.reduce((sum, [key, text]) => sum + key.length + text.length, 0);
