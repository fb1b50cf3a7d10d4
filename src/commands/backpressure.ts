import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";

export type BackpressureLimits = {
  /** Senders wait while the views lack more than so many of the events that were appended here. */
  lagEvents: number;
  /** How many sends may wait at a time. One more is refused. */
  waiting: number;
  /** How long a send may wait, in milliseconds. */
  waitMs: number;
};

export const backpressureDefaults: BackpressureLimits = { lagEvents: 2_000, waiting: 20_000, waitMs: 10_000 };

const READY = Promise.resolve();

/**
 * Holds senders back when the projections fall behind. Without this, the log would take more than the views can fold, and their
 * lag would grow without end.
 */
export type Backpressure = {
  /** Counts a send in. Throws RATE_LIMITED if too many wait. The returned function counts it out. */
  enter(): () => void;
  /** Resolves once the views are near enough. Throws RATE_LIMITED if they don't get there in time. */
  ready(): Promise<void>;
  /**
   * Runs work that appends, once the views are near enough. Throws RATE_LIMITED as `enter` and `ready` do; nothing was done then.
   */
  held<T>(work: () => Promise<T>): Promise<T>;
  /** Notes that so many events were appended, the last one at this position. */
  appended(position: Position, events: number): void;
};

export function createBackpressure(watermark: Watermark, limits: BackpressureLimits): Backpressure {
  const unprojected: { position: Position; events: number }[] = [];
  let oldest = 0;
  let lag = 0;
  let waiting = 0;
  const held = new Set<() => void>();

  watermark.onAdvance((position) => {
    while (oldest < unprojected.length) {
      const entry = unprojected[oldest];
      if (entry === undefined || entry.position > position) break;
      lag -= entry.events;
      oldest++;
    }
    if (oldest > 1_024) {
      unprojected.splice(0, oldest);
      oldest = 0;
    }
    if (lag < limits.lagEvents) for (const release of [...held]) release();
  });

  const tooMuch = () =>
    new Refusal("RATE_LIMITED", "more is being sent than can be delivered: try again in a moment", { retryAfterMs: 500 });

  const enter = () => {
    if (waiting >= limits.waiting) throw tooMuch();
    waiting++;
    return () => void waiting--;
  };
  const ready = () => {
    if (lag < limits.lagEvents) return READY;
    return new Promise<void>((resolve, reject) => {
      const release = () => {
        clearTimeout(timer);
        held.delete(release);
        resolve();
      };
      const timer = setTimeout(() => {
        held.delete(release);
        reject(tooMuch());
      }, limits.waitMs);
      held.add(release);
    });
  };

  return {
    enter,
    ready,
    held: async (work) => {
      if (lag < limits.lagEvents) return work();
      const leave = enter();
      try {
        await ready();
      } finally {
        leave();
      }
      return work();
    },
    appended: (position, events) => {
      if (position <= watermark.current()) return;
      lag += events;
      // Appends to different streams are answered in any order. The list stays sorted: nearly always a push is enough.
      let index = unprojected.length;
      while (index > oldest && (unprojected[index - 1]?.position ?? "") > position) index--;
      if (index === unprojected.length) unprojected.push({ position, events });
      else unprojected.splice(index, 0, { position, events });
    },
  };
}
