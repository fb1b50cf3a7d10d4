import type { Anchor, EventStore, Position, RecordedEvent } from "../ports/eventStore.ts";
import { Damaged } from "../ports/faults.ts";

export const anchorOf = ({ position, stream, revision, id }: Anchor): Anchor => ({ position, stream, revision, id });

/** A log that knows everything that was acknowledged up to a moment ago. */
export type Leading = Pick<EventStore, "read" | "end">;

/**
 * Tells why this log is not the one that was folded up to a checkpoint, in words for operators. Undefined if it is the one.
 * Reasons: an older copy was put back, the log lost its end, or it went on differently since. Earlier versions kept no anchor:
 * then only the log's length can tell. Rejects with `Unavailable` if the log cannot be asked.
 */
export async function disagreement(log: Leading, checkpoint: Position, anchor: Anchor | undefined): Promise<string | undefined> {
  if (!anchor) {
    const end = await log.end();
    return end < checkpoint ? `the log ends at ${end}, before ${checkpoint}` : undefined;
  }
  const { stream, revision, position, id } = anchor;
  const there = await recorded(log, stream, revision);
  if (there === "damaged" || (there?.id === id && there.position === position)) return undefined;
  const event = `the event ${id} at ${position} (revision ${revision} of ${stream})`;
  return there ? `in the place of ${event} the log holds ${there.id} at ${there.position}` : `the log does not hold ${event}`;
}

/** A damaged event counts as present. Whoever reads the log reports the damage. */
async function recorded(log: Leading, stream: string, revision: number): Promise<RecordedEvent | "damaged" | undefined> {
  try {
    const [event] = await log.read(stream, revision, "forwards", 1);
    return event;
  } catch (error) {
    if (error instanceof Damaged) return "damaged";
    throw error;
  }
}
