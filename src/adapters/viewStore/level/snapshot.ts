import type { Anchor, Position } from "../../../ports/eventStore.ts";
import type { Checkpoint, Row, StoredRow, ViewSnapshot } from "../../../ports/viewStore.ts";
import { anchorKey, checkpointKey, generationRange, rowKey } from "./keys.ts";
import type { Handle } from "./open.ts";

/** How many bytes an iterator fetches at once. */
const FETCH = 1 << 20;

/** A checkpoint, from the rows of its position and of its anchor. */
export const checkpointOf = (position: Row | undefined, anchor: Row | undefined): Checkpoint | undefined =>
  position === undefined
    ? undefined
    : { position: position as Position, ...(anchor === undefined ? {} : { anchor: anchor as Anchor }) };

/**
 * A snapshot of an open store. If the store is opened again meanwhile, the snapshot is gone, and reading it rejects with
 * `Unavailable`. `parse` and `unavailable`: as the store does it.
 */
export function snapshotOf(
  handle: Handle,
  parse: (key: string, text: string) => Row,
  unavailable: (error: unknown) => Error,
): ViewSnapshot {
  const snapshot = handle.snapshot();

  const many = async (keys: string[]): Promise<(Row | undefined)[]> => {
    try {
      const texts = await handle.getMany(keys, { snapshot });
      return texts.map((text, index) => (text === undefined ? undefined : parse(keys[index] as string, text)));
    } catch (error) {
      throw unavailable(error);
    }
  };

  return {
    get: async (table, partition, sort) => (await many([rowKey(table, partition, sort)]))[0],
    checkpoint: async (generation) => {
      const [position, anchor] = await many([checkpointKey(generation), anchorKey(generation)]);
      return checkpointOf(position, anchor);
    },
    checkpoints: async (generations) => {
      const found = await many(generations.flatMap((name) => [checkpointKey(name), anchorKey(name)]));
      return generations.map((_, index) => checkpointOf(found[2 * index], found[2 * index + 1]));
    },
    rows: async (generation, after, limit) => {
      const { gte, lt } = generationRange(generation);
      const from = after === undefined ? { gte } : { gt: rowKey(gte + after.table, after.partition, after.sort) };
      try {
        const entries = await handle
          .iterator({ ...from, lt, limit, snapshot, fillCache: false, highWaterMarkBytes: FETCH })
          .all();
        return entries.map(([key, text]) => storedRow(key.slice(gte.length), text));
      } catch (error) {
        throw unavailable(error);
      }
    },
    close: () => snapshot.close(),
  };
}

function storedRow(key: string, text: string): StoredRow {
  const first = key.indexOf("\0");
  const second = key.indexOf("\0", first + 1);
  return { table: key.slice(0, first), partition: key.slice(first + 1, second), sort: key.slice(second + 1), text };
}
