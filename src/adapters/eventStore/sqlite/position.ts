import { isOfLog, isPosition, type Position } from "../../../ports/eventStore.ts";

/** Wide enough for every safe integer in base 36, so that text order is log order. */
const WIDTH = 11;

/** `place`: an event's number in the whole log, from 1; 0 is the origin. */
export const positionOf = (logId: string, place: number): Position => `${logId}.${place.toString(36).padStart(WIDTH, "0")}`;

/** The place that a position names. Throws `RangeError` for a position of another log: check that before. */
export function placeOf(logId: string, position: Position): number {
  if (!isPosition(position) || !isOfLog(position, logId))
    throw new RangeError(`${position} is not a position of the log ${logId}`);
  return Number.parseInt(position.slice(logId.length + 1), 36);
}
