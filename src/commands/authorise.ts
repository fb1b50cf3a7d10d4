import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";

/** How long a refusal waits for the views before it gives up with UNAVAILABLE, in milliseconds. */
export const FRESH_TIMEOUT_MS = 5_000;

/**
 * Answers a question of rights or existence from rows that may be a moment old. A refusal never rests on old rows. If `look`
 * refuses, this waits until the views have passed the log's present end, and asks `look` again. Rejects with the `Refusal` of the
 * second look, or with UNAVAILABLE if the views are too late. What is answered at once is given without a promise.
 */
export type Fresh = <T>(look: () => Awaitable<T>) => Awaitable<T>;

/**
 * Returns undefined if the rows are near enough to the log. Otherwise returns a wait for them, which rejects with UNAVAILABLE if
 * they are too late.
 */
export type Nearness = () => Promise<void> | undefined;

/** With `near`, rows that are too far behind grant nothing either: the first look waits for them. */
export function freshly(log: Pick<EventStore, "end">, watermark: Watermark, near?: Nearness): Fresh {
  const again = async <T>(look: () => Awaitable<T>, seen: Position, error: unknown): Promise<T> => {
    if (!(error instanceof Refusal)) throw error;
    const end = await log.end();
    if (seen >= end) throw error;
    await viewsAt(watermark, end);
    return look();
  };
  const looked = <T>(look: () => Awaitable<T>): Awaitable<T> => {
    const seen = watermark.current();
    try {
      const found = look();
      return found instanceof Promise ? found.catch((error: unknown) => again(look, seen, error)) : found;
    } catch (error) {
      return again(look, seen, error);
    }
  };
  return (look) => {
    const wait = near?.();
    return wait ? wait.then(() => looked(look)) : looked(look);
  };
}

/** Waits until the views have reached a position. Throws UNAVAILABLE if they don't reach it in time. */
export async function viewsAt(watermark: Watermark, position: string, timeoutMs = FRESH_TIMEOUT_MS): Promise<void> {
  if (watermark.current() >= position) return;
  if (await watermark.reached(position, timeoutMs)) return;
  throw new Refusal("UNAVAILABLE", "the views have not caught up with the log yet: try again", { retryAfterMs: 1_000 });
}
