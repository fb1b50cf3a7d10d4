import type { EventStore, Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { type Nearness, viewsAt } from "./authorise.ts";

export type NearnessOptions = {
  log: Pick<EventStore, "end">;
  watermark: Watermark;
  /** How far behind the log the rows may be, in milliseconds. Infinity: any lag is allowed. */
  maxLagMs: number;
  /** In milliseconds. Used for time spans only. */
  clock?: () => number;
};

/** How often the log is asked for its end within the allowed lag. */
const LOOKS = 5;
/** How many ends are remembered while the views pass none of them. */
const REMEMBERED = 4 * LOOKS;

/**
 * Keeps rights from being granted on old rows. This server learns only from its own projections which rights other servers took
 * away. So rows grant no right if they lack what the log held longer than `maxLagMs` ago. While somebody asks, the log is asked
 * for its end a few times in that span. The newest of these ends that the views have passed tells how far behind they are at
 * most.
 */
export function nearness({ log, watermark, maxLagMs, clock = () => performance.now() }: NearnessOptions): Nearness {
  /** The ends that the views have not passed yet, and when the log was asked for each. */
  const ends: { at: number; end: Position }[] = [];
  /** The views hold all that the log held at this time. */
  let passedAt = Number.NEGATIVE_INFINITY;
  let newest: { at: number; end: Promise<Position> } | undefined;

  const look = (now: number): { at: number; end: Promise<Position> } => {
    if (newest && now - newest.at < maxLagMs / LOOKS) return newest;
    const looked = { at: now, end: Promise.resolve().then(() => log.end()) };
    newest = looked;
    looked.end.then(
      (end) => {
        if (ends.length < REMEMBERED) ends.push({ at: now, end });
      },
      // A log that is away tells nothing. The next caller asks again.
      () => {
        if (newest === looked) newest = undefined;
      },
    );
    return looked;
  };

  const wait = async ({ at, end }: { at: number; end: Promise<Position> }): Promise<void> => {
    await viewsAt(watermark, await end);
    passedAt = Math.max(passedAt, at);
  };

  return () => {
    const now = clock();
    const reached = watermark.current();
    for (let oldest = ends[0]; oldest !== undefined && oldest.end <= reached; oldest = ends[0]) {
      passedAt = Math.max(passedAt, oldest.at);
      ends.shift();
    }
    if (now - passedAt > maxLagMs) return wait(look(now));
    if (maxLagMs !== Number.POSITIVE_INFINITY) void look(now);
    return undefined;
  };
}
