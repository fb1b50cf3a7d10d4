import { type EventType } from "../domain/events.ts";
import { parseEvent, type Recorded, routingKey, UnknownStream } from "../domain/recorded.ts";
import type { RecordedEvent } from "../ports/eventStore.ts";

/** One part of the divided work. It is 0 of 1 if the work is not divided. */
export type Slice = { index: number; of: number };

/** The routing key of what concerns all keys. */
export const EVERY_KEY = "*";

/** The slice that a routing key belongs to, by its FNV-1a hash. */
export function sliceOf(key: string, slices: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % slices;
}

/** The name of a generation's checkpoint. Each slice has its own. */
export const checkpointName = (generation: string, slice?: Slice): string =>
  slice && slice.of > 1 ? `${generation}/${slice.index}` : generation;

/** Whether an event belongs to a slice. An event with `EVERY_KEY` belongs to every slice. */
export function isMine(event: RecordedEvent, slice: Slice | undefined): boolean {
  if (!slice || slice.of === 1) return true;
  const key = keyOfStream(event.stream);
  return key === EVERY_KEY || sliceOf(key, slice.of) === slice.index;
}

/** The routing key of a stream. A stream that has none gives its own name: its events are parked under that. */
export function keyOfStream(stream: string): string {
  try {
    return routingKey(stream);
  } catch (error) {
    if (error instanceof UnknownStream) return stream;
    throw error;
  }
}

/**
 * Parses an event. Returns null for a type that this version does not know. Returns the fault if the event cannot be read, or if
 * its stream has no routing key. Then the event is parked, and that is reported.
 */
export function parsed(stored: RecordedEvent): Recorded | null | Error {
  try {
    const event = parseEvent(stored);
    if (event !== null) routingKey(event.stream);
    return event;
  } catch (error) {
    // Streams of every kind may hold this event, even streams of kinds that a later version made.
    if (error instanceof UnknownStream && stored.type === ("NothingChanged" satisfies EventType)) return null;
    return error instanceof Error ? error : new Error(String(error));
  }
}
