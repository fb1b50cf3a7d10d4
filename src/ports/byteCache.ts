import { LRUCache } from "lru-cache";

/** About how many bytes an entry takes, beside the characters of its key and its value. */
const ENTRY_BYTES = 160;

/**
 * A cache that holds about so many bytes, keys included: whoever chooses keys and values chooses their length, too. What was
 * asked for longest ago goes first. What is larger than the whole cache is not kept. A value that has grown since must be deleted
 * and set again.
 */
export const byteCache = <Value extends NonNullable<unknown>>(
  maxBytes: number,
  bytesOf: (value: Value) => number = () => 0,
): LRUCache<string, Value> =>
  new LRUCache({ maxSize: maxBytes, sizeCalculation: (value, key) => ENTRY_BYTES + 2 * key.length + bytesOf(value) });

/** About how many bytes a value of JSON takes in memory. */
export function jsonBytes(value: unknown): number {
  if (typeof value === "string") return 24 + 2 * value.length;
  if (typeof value !== "object" || value === null) return 8;
  let bytes = 32;
  for (const member of Object.values(value)) bytes += 8 + jsonBytes(member);
  return bytes;
}
