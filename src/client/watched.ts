import type { Watched } from "./types.ts";

/** Resolves with a watched value as soon as `isSo` says yes to it: at once where it is so already. */
export const when = <T>(watched: Watched<T>, isSo: (value: T) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    const look = (): void => {
      try {
        const value = watched.get();
        if (!isSo(value)) return;
        resolve(value);
      } catch (error) {
        reject(error);
      }
      end();
    };
    const end = watched.subscribe(look);
    look();
  });

/** A value that its owner sets. Listeners are told at the publisher's next flush. */
export type Value<T> = Watched<T> & { set(value: T): void };

/** A value that is made from others when somebody asks for it, and made anew after `invalidate`. */
export type Derived<T> = Watched<T> & { invalidate(): void };

export type Publisher = ReturnType<typeof createPublisher>;

/**
 * Makes watched values, and tells their listeners in batches: `defer` decides when. A listener that throws keeps no other one
 * from being told; what it threw goes to `report`.
 */
export function createPublisher(defer: (flush: () => void) => void, report: (error: unknown) => void) {
  const changed = new Set<ReadonlySet<() => void>>();
  let isScheduled = false;

  const flush = (): void => {
    isScheduled = false;
    const told = [...changed];
    changed.clear();
    for (const listeners of told) {
      for (const listener of [...listeners]) {
        // Another one has ended it meanwhile.
        if (!listeners.has(listener)) continue;
        try {
          listener();
        } catch (error) {
          report(error);
        }
      }
    }
  };

  const tell = (listeners: ReadonlySet<() => void>): void => {
    if (listeners.size === 0) return;
    changed.add(listeners);
    if (isScheduled) return;
    isScheduled = true;
    defer(flush);
  };

  const listening = (watched?: (isWatched: boolean) => void) => {
    const listeners = new Set<() => void>();
    const subscribe = (listener: () => void): (() => void) => {
      // Each subscription counts by itself, also of the same function.
      const own = () => listener();
      listeners.add(own);
      if (listeners.size === 1) watched?.(true);
      return () => {
        if (listeners.delete(own) && listeners.size === 0) watched?.(false);
      };
    };
    return { listeners, subscribe };
  };

  return {
    /** `watched` is told when the first listener comes, and when the last one has gone. */
    value<T>(initial: T, watched?: (isWatched: boolean) => void): Value<T> {
      let current = initial;
      const { listeners, subscribe } = listening(watched);
      return {
        get: () => current,
        subscribe,
        set: (value) => {
          if (Object.is(value, current)) return;
          current = value;
          tell(listeners);
        },
      };
    },

    /** `make` is given what it made before, to give the same again where nothing of it has changed. */
    derived<T>(make: (before: T | undefined) => T, watched?: (isWatched: boolean) => void): Derived<T> {
      let made: { value: T } | undefined;
      let isOld = true;
      const { listeners, subscribe } = listening(watched);
      return {
        get: () => {
          if (isOld || !made) made = { value: make(made?.value) };
          isOld = false;
          return made.value;
        },
        subscribe,
        invalidate: () => {
          isOld = true;
          tell(listeners);
        },
      };
    },

    flush,
  };
}
