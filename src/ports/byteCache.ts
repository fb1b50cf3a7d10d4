import { LRUCache } from "lru-cache";

/** What an entry of a cache takes beside its key's characters and its value, about. */
const ENTRY_BYTES = 160;

/**
 * A cache that holds what takes about so many bytes, keys included: whoever chooses keys and values chooses their length, too. What was not asked for
 * longest goes first; what is larger than all of it is not kept. A value that has grown since is to be deleted and set again.
 */
export const byteCache = <Value extends NonNullable<unknown>>(
  maxBytes: number,
  bytesOf: (value: Value) => number = () => 0,
): LRUCache<string, Value> =>
  new LRUCache({ maxSize: maxBytes, sizeCalculation: (value, key) => ENTRY_BYTES + 2 * key.length + bytesOf(value) });

/** What a value of JSON takes in memory, about. */
export function jsonBytes(value: unknown): number {
  if (typeof value === "string") return 24 + 2 * value.length;
  if (typeof value !== "object" || value === null) return 8;
  let bytes = 32;
  for (const member of Object.values(value)) bytes += 8 + jsonBytes(member);
  return bytes;
}
