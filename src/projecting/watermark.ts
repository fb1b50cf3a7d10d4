import type { Position } from "../ports/eventStore.ts";

/** How far the views are: the lowest checkpoint of all that an answer reads, as last heard of; the rows may be further. */
export type Watermark = {
  current(): Position;
  /** Whether the views have got to a position, waiting for it at most so many milliseconds. */
  reached(position: Position, timeoutMs: number): Promise<boolean>;
  /** Called after every step forward; the function returned ends it. */
  onAdvance(listener: (position: Position) => void): () => void;
  /** What the runner says. A step back is passed over. */
  advance(position: Position): void;
};

export function createWatermark(start: Position): Watermark {
  let current = start;
  const listeners = new Set<(position: Position) => void>();
  const waiting = new Set<{ position: Position; pass: () => void }>();
  return {
    current: () => current,
    reached: (position, timeoutMs) => {
      if (current >= position) return Promise.resolve(true);
      return new Promise((resolve) => {
        const waiter = {
          position,
          pass: () => {
            clearTimeout(timer);
            waiting.delete(waiter);
            resolve(true);
          },
        };
        const timer = setTimeout(() => {
          waiting.delete(waiter);
          resolve(false);
        }, timeoutMs);
        waiting.add(waiter);
      });
    },
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    advance: (position) => {
      if (position <= current) return;
      current = position;
      for (const waiter of waiting) if (waiter.position <= position) waiter.pass();
      for (const listener of listeners) listener(position);
    },
  };
}
