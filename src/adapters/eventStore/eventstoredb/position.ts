import { isOfLog, isPosition, type Position } from "../../../ports/eventStore.ts";

/**
 * A place in EventStoreDB's `$all`: the byte offsets of a record's commit and of the record itself. They are valid in one
 * database only, and have gaps.
 */
export type Place = { commit: bigint; prepare: bigint };

/** Whether the server gave a valid place. For a repeated append, it may answer without one. */
export const isUsable = ({ commit, prepare }: Place): boolean => commit > 0n && commit < 2n ** 63n && prepare < 2n ** 63n;

/** Wide enough for every 64-bit offset in base 36, so that text order is log order. */
const WIDTH = 13;

/** Numbers become text many times as fast as bigints. */
const text = (offset: bigint): string =>
  (offset <= Number.MAX_SAFE_INTEGER ? Number(offset) : offset).toString(36).padStart(WIDTH, "0");

export function positionOf(logId: string, { commit, prepare }: Place): Position {
  const first = text(commit);
  return `${logId}.${first}${prepare === commit ? first : text(prepare)}`;
}

/** The place that a position names. Throws `RangeError` for a position of another log: check that before. */
export function placeOf(logId: string, position: Position): Place {
  if (!isPosition(position) || !isOfLog(position, logId) || position.length !== logId.length + 1 + 2 * WIDTH)
    throw new RangeError(`${position} is not a position of the log ${logId}`);
  const offsets = position.slice(logId.length + 1);
  return { commit: number(offsets.slice(0, WIDTH)), prepare: number(offsets.slice(WIDTH)) };
}

function number(digits: string): bigint {
  let value = 0n;
  for (const digit of digits) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return value;
}
