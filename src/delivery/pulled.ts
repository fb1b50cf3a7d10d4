import type { Awaitable } from "../ports/awaitable.ts";

/** What a reader that is signalled pulls from. None of its functions but `close` is called before the call before has ended. */
export type Source<T> = {
  /** Begins to listen: from then on, whatever comes calls `wake`. */
  open(wake: () => void): Awaitable<void>;
  /** The next items. `more`: there are, or may be, others already. `end`: the fault to end with, once these are read. */
  pull(): Promise<{ items: readonly T[]; more: boolean; end?: Error }>;
  /** An item of a pull as it is now; undefined where it is not to be told any more. Asked of all but the first, when the reader comes to it. */
  current(item: T): Awaitable<T | undefined>;
  /** Ends listening, also where `open` or `pull` are under way. Called once. */
  close(): void;
};

const DONE = { done: true, value: undefined } as const;

/**
 * Signal, then pull: a signal only says that there may be news, and `next` reads after its cursor. Nothing is lost, for it listens before it first
 * reads, and a signal that comes while it reads makes it read again. Nothing piles up while nobody asks, and nobody who was away for long is given what
 * was so when they went. `return` wakes a `next` that waits.
 */
export function pulled<T>(source: Source<T>): AsyncIterableIterator<T, undefined> {
  let items: T[] = [];
  /** Whether the first of the items has just been read. */
  let isFresh = false;
  let end: Error | undefined;
  let news = true;
  let isOpen = false;
  let isClosed = false;
  let goOn: () => void = () => undefined;

  const wake = (): void => {
    news = true;
    goOn();
  };

  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    items = [];
    source.close();
    goOn();
  };

  /** Waits for news, or for the end. */
  const waiting = (): Promise<void> =>
    new Promise((resolve) => {
      goOn = resolve;
    });

  const read = async (): Promise<void> => {
    if (!isOpen) {
      isOpen = true;
      await source.open(wake);
      if (isClosed) return;
    }
    // Before the reading: what comes during it is for the next one.
    news = false;
    const page = await source.pull();
    if (isClosed) return;
    items.push(...page.items);
    isFresh = true;
    end = page.end;
    if (page.more) news = true;
  };

  const step = async (): Promise<IteratorResult<T, undefined>> => {
    while (!isClosed) {
      const item = items.shift();
      try {
        if (item !== undefined) {
          const value = isFresh ? item : await source.current(item);
          isFresh = false;
          if (value !== undefined && !isClosed) return { done: false, value };
          continue;
        }
        if (end) throw end;
        await (news ? read() : waiting());
      } catch (error) {
        // Whoever has gone is told of nothing.
        if (isClosed) return DONE;
        close();
        throw error;
      }
    }
    return DONE;
  };

  let before: Promise<unknown> = Promise.resolve();
  return {
    next: () => {
      const result = before.then(step);
      before = result.catch(() => undefined);
      return result;
    },
    return: () => {
      close();
      return Promise.resolve(DONE);
    },
    throw: (error: unknown) => {
      close();
      return Promise.reject(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
