import { type EventType } from "../domain/events.ts";
import { parseEvent, type Recorded, routingKey, UnknownStream } from "../domain/recorded.ts";
import type { RecordedEvent } from "../ports/eventStore.ts";

/** Of how many divisions of the work this is which: 0 of 1 where there is one. */
export type Slice = { index: number; of: number };

/** Which slice a routing key belongs to: FNV-1a of it. */
export function sliceOf(key: string, slices: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return (hash >>> 0) % slices;
}

/** The name of a generation's checkpoint: each slice has its own. */
export const checkpointName = (generation: string, slice?: Slice): string =>
  slice && slice.of > 1 ? `${generation}/${slice.index}` : generation;

/** Whether an event is of a slice. What has no routing key of its own is of every one. */
export function isMine(event: RecordedEvent, slice: Slice | undefined): boolean {
  if (!slice || slice.of === 1) return true;
  const key = keyOfStream(event.stream);
  return key === "*" || sliceOf(key, slice.of) === slice.index;
}

/** The routing key; of a stream that has none, under which its events are parked, its name. */
export function keyOfStream(stream: string): string {
  try {
    return routingKey(stream);
  } catch (error) {
    if (error instanceof UnknownStream) return stream;
    throw error;
  }
}

/**
 * The event, null for one that this version does not know, or the fault of one that cannot be read, or that lies in a stream without
 * a routing key: it is parked, and that is told.
 */
export function parsed(stored: RecordedEvent): Recorded | null | Error {
  try {
    const event = parseEvent(stored);
    if (event !== null) routingKey(event.stream);
    return event;
  } catch (error) {
    // Streams of every kind may hold it, those that a later version made too.
    if (error instanceof UnknownStream && stored.type === ("NothingChanged" satisfies EventType)) return null;
    return error instanceof Error ? error : new Error(String(error));
  }
}
