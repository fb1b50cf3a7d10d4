import type { Anchor, EventStore, Position, RecordedEvent } from "../ports/eventStore.ts";
import { Damaged } from "../ports/faults.ts";

export const anchorOf = ({ position, stream, revision, id }: RecordedEvent): Anchor => ({ position, stream, revision, id });

/** A log that tells what was acknowledged a moment ago. */
export type Leading = Pick<EventStore, "read" | "end">;

/**
 * Why what was folded up to a checkpoint was not folded from what this log holds now, in words for operators; undefined where it was. Such a log is an older
 * copy that was put back, has lost its end, or has gone on otherwise since. Without an anchor, which earlier versions did not keep, only the log's length
 * tells. Rejects with `Unavailable` where the log cannot be asked.
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

/** One that is damaged is told of by whoever reads the log: it is there. */
async function recorded(log: Leading, stream: string, revision: number): Promise<RecordedEvent | "damaged" | undefined> {
  try {
    const [event] = await log.read(stream, revision, "forwards", 1);
    return event;
  } catch (error) {
    if (error instanceof Damaged) return "damaged";
    throw error;
  }
}
