import type { Awaitable } from "../ports/awaitable.ts";

/**
 * The source that a reader pulls from when it is signalled. Its functions are called one after the other; only `close` may be
 * called during another call.
 */
export type Source<T> = {
  /** Begins to listen. From then on all news calls `wake`. */
  open(wake: () => void): Awaitable<void>;
  /**
   * The next items. `more`: there are, or may be, further items already. `end`: the error to end with, after these items were
   * read. `isLast`: it ends after them without one.
   */
  pull(): Promise<{ items: readonly T[]; more: boolean; end?: Error; isLast?: boolean }>;
  /**
   * An item as it is now, or undefined if it is no longer to be delivered. Called when the reader comes to the item, except
   * for the first item of a pull.
   */
  current(item: T): Awaitable<T | undefined>;
  /** Ends listening, even while `open` or `pull` runs. Called once. */
  close(): void;
};

const DONE = { done: true, value: undefined } as const;

/**
 * Signal, then pull: a signal only says that there may be news, and `next` reads after its cursor. Nothing is lost: it
 * listens before its first read, and a signal during a read makes it read again. Nothing piles up while nobody asks. A slow
 * reader gets the items as they are now, not as they were. `return` wakes a waiting `next`.
 */
export function pulled<T>(source: Source<T>): AsyncIterableIterator<T, undefined> {
  let items: T[] = [];
  /** Whether the first of the items has just been read. */
  let isFresh = false;
  let end: Error | undefined;
  let isLast = false;
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
    // Before the read: a signal that comes during it makes `next` read again.
    news = false;
    const page = await source.pull();
    if (isClosed) return;
    items.push(...page.items);
    isFresh = true;
    end = page.end;
    isLast = page.isLast ?? false;
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
        if (isLast) {
          close();
          return DONE;
        }
        await (news ? read() : waiting());
      } catch (error) {
        // A reader that has gone gets no error.
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
