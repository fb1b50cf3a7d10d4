import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";

/** How long a refusal waits for the views in milliseconds, before it says that it cannot tell. */
export const FRESH_TIMEOUT_MS = 5_000;

/**
 * Answers a question of rights or existence from rows that may be a moment old. No refusal rests on old rows: where `look` refuses, the views
 * are waited for until they have passed the log's end as it is now, and `look` is asked again. Throws its `Refusal` then; UNAVAILABLE where the
 * views don't get there in time.
 */
export type Fresh = <T>(look: () => Awaitable<T>) => Promise<T>;

/** Undefined where the rows are near enough to the log; else a wait for them, which rejects with UNAVAILABLE where they don't get there. */
export type Nearness = () => Promise<void> | undefined;

/** With `near`, nothing is granted on rows that are too far behind either: they are waited for before the first look. */
export function freshly(log: Pick<EventStore, "end">, watermark: Watermark, near?: Nearness): Fresh {
  return async (look) => {
    const wait = near?.();
    if (wait) await wait;
    const seen = watermark.current();
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const end = await log.end();
      if (seen >= end) throw error;
      await viewsAt(watermark, end);
      return look();
    }
  };
}

/** Waits until the views have got to a position. Throws UNAVAILABLE where they don't in time. */
export async function viewsAt(watermark: Watermark, position: string, timeoutMs = FRESH_TIMEOUT_MS): Promise<void> {
  if (watermark.current() >= position) return;
  if (await watermark.reached(position, timeoutMs)) return;
  throw new Refusal("UNAVAILABLE", "the views have not caught up with the log yet: try again", { retryAfterMs: 1_000 });
}
