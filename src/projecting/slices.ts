import { type EventType } from "../domain/events.ts";
import { parseEvent, type Recorded, routingKey, UnknownStream } from "../domain/recorded.ts";
import type { RecordedEvent } from "../ports/eventStore.ts";

/** One part of the divided work. It is 0 of 1 if the work is not divided. */
export type Slice = { index: number; of: number };

/** A part of the divided work, or all parts of it at once: then their checkpoints stand together. */
export type Part = { index?: number; of: number };

/** All of the work, where it is not divided. */
export const WHOLE: Part = { index: 0, of: 1 };

/** All slices at once: then their checkpoints stand together. */
export const slicesAtOnce = (of: number): Part => (of > 1 ? { of } : WHOLE);

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

/** The names of the checkpoints of a part: one for each slice. */
export const checkpointNames = (generation: string, { index, of }: Part): string[] =>
  index === undefined
    ? Array.from({ length: of }, (_, each) => checkpointName(generation, { index: each, of }))
    : [checkpointName(generation, { index, of })];

/** Whether an event belongs to a part. An event with `EVERY_KEY` belongs to every slice. */
export function isMine(event: { stream: string }, part: Part | undefined): boolean {
  return part?.index === undefined || part.of === 1 || isKeyMine(keyOfStream(event.stream), part);
}

/** Whether what lies under a routing key belongs to a part. */
export const isKeyMine = (key: string, { index, of }: Part): boolean =>
  index === undefined || key === EVERY_KEY || sliceOf(key, of) === index;

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
