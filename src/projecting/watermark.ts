import type { Position } from "../ports/eventStore.ts";

/** How far the views are: the lowest checkpoint of everything that an answer reads, as last reported. The rows may be further. */
export type Watermark = {
  current(): Position;
  /** Whether the views have reached a position. Waits for it at most so many milliseconds. */
  reached(position: Position, timeoutMs: number): Promise<boolean>;
  /**
   * Calls `pass` once, when the views have reached a position; at once if they already have. The returned function ends the wait.
   */
  whenReached(position: Position, pass: () => void): () => void;
  /** Calls `listener` after every step forward. The returned function ends it. */
  onAdvance(listener: (position: Position) => void): () => void;
  /** Takes the position that the runner reports. A step back is ignored. */
  advance(position: Position): void;
};

const warned = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/**
 * `onError`: called with what a listener threw. The other listeners are still called. `awaited`: called whenever somebody begins
 * to wait, and after a step that does not reach them.
 */
export function createWatermark(
  start: Position,
  onError: (error: unknown) => void = warned,
  awaited: () => void = () => {},
): Watermark {
  let current = start;
  const listeners = new Set<(position: Position) => void>();
  const waiting = new Set<{ position: Position; pass: () => void }>();

  const called = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      onError(error);
    }
  };

  const whenReached = (position: Position, pass: () => void): (() => void) => {
    if (current >= position) {
      pass();
      return () => {};
    }
    const waiter = { position, pass };
    waiting.add(waiter);
    awaited();
    return () => void waiting.delete(waiter);
  };

  return {
    current: () => current,
    whenReached,
    reached: (position, timeoutMs) => {
      if (current >= position) return Promise.resolve(true);
      return new Promise((resolve) => {
        const end = whenReached(position, () => {
          clearTimeout(timer);
          resolve(true);
        });
        const timer = setTimeout(() => {
          end();
          resolve(false);
        }, timeoutMs);
      });
    },
    onAdvance: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    advance: (position) => {
      if (position <= current) return;
      current = position;
      for (const waiter of waiting) {
        if (waiter.position > position) continue;
        waiting.delete(waiter);
        called(waiter.pass);
      }
      for (const listener of listeners) called(() => listener(position));
      // Who still waits began before this commit: a server's log may have told of their event only after it.
      if (waiting.size > 0) awaited();
    },
  };
}
