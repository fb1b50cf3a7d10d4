import type { Awaitable } from "../ports/awaitable.ts";
import type { Taker } from "./together.ts";

/**
 * The source that a reader pulls from when it is signalled. Its functions are called one after the other; only `close` may be
 * called during another call.
 */
export type Source<T> = {
  /** Begins to listen. From then on all news calls `wake`. */
  open(wake: () => void): Awaitable<void>;
  /**
   * The next items: at once, where they are at hand. `more`: there are, or may be, further items already. `end`: the error to end
   * with, after these items were read. `isLast`: it ends after them without one.
   */
  pull(): Awaitable<Pull<T>>;
  /**
   * An item as it is now, or undefined if it is no longer to be delivered. Called when the reader comes to the item, except
   * for the first item of a pull.
   */
  current(item: T): Awaitable<T | undefined>;
  /**
   * Whoever reads was told everything, and waits for news: what is news may be given to `taker` instead of a wake. Undefined: not
   * any more.
   */
  takes?(taker: Taker<T> | undefined): void;
  /** Ends listening, even while `open` or `pull` runs. Called once. */
  close(): void;
};

export type Pull<T> = { items: readonly T[]; more: boolean; end?: Error; isLast?: boolean };

/** For whoever can take what comes at once, in the very call that brings the news. */
export type AtHand<T> = {
  /** What `next` would give, if that need not be waited for. Undefined: `next` must be asked, or there is no news. */
  atHand(): T | undefined;
  /**
   * Calls `come` once, at the next news or at the end, if nothing is to be done before. Else it gives false: ask `next`. Until
   * then news may be given to `taker`, again and again.
   */
  onNews(come: () => void, taker?: Taker<T>): boolean;
};

const DONE = { done: true, value: undefined } as const;
const nobody = (): void => undefined;

/**
 * Signal, then pull: a signal only says that there may be news, and `next` reads after its cursor. Nothing is lost: it
 * listens before its first read, and a signal during a read makes it read again. Nothing piles up while nobody asks. A slow
 * reader gets the items as they are now, not as they were. `return` wakes a waiting `next`.
 */
export function pulled<T>(source: Source<T>): AsyncIterableIterator<T, undefined> & AtHand<T> {
  /** What was read, and how many of it have gone. */
  let items: readonly T[] = [];
  let gone = 0;
  /** Whether the first of the items has just been read. */
  let isFresh = false;
  let end: Error | undefined;
  let isLast = false;
  let news = true;
  let isOpen = false;
  let isClosed = false;
  let goOn: () => void = nobody;

  /** Who is up to date holds nothing of what they were told: it may be long until the next news. */
  const letGo = (): void => {
    items = [];
    gone = 0;
  };

  const call = (): void => {
    const waiting = goOn;
    goOn = nobody;
    source.takes?.(undefined);
    waiting();
  };

  const wake = (): void => {
    news = true;
    call();
  };

  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    letGo();
    source.close();
    call();
  };

  /** Waits for news, or for the end. */
  const waiting = (): Promise<void> =>
    new Promise((resolve) => {
      goOn = resolve;
    });

  const take = (page: Pull<T>): void => {
    if (isClosed) return;
    // It reads only when nothing is left of what was read before.
    items = page.items;
    gone = 0;
    isFresh = true;
    end = page.end;
    isLast = page.isLast ?? false;
    if (page.more) news = true;
  };

  const open = async (): Promise<void> => {
    isOpen = true;
    await source.open(wake);
  };

  /** Rejects or throws where the source does. */
  const read = (): Awaitable<void> => {
    // Before the read: a signal that comes during it makes `next` read again.
    news = false;
    const page = source.pull();
    return page instanceof Promise ? page.then(take) : take(page);
  };

  /** Calls of `next` that have not ended. They are answered one after the other. */
  let pending = 0;
  let before: Promise<unknown> = Promise.resolve();

  /** A read, and an item as it is now, that were asked for where nobody could wait. `next` does, and gets their faults. */
  let under: Promise<void> | undefined;
  let coming: Promise<T | undefined> | undefined;

  const readAtHand = (): void => {
    try {
      const reading = read();
      if (reading instanceof Promise) under = reading;
    } catch (error) {
      under = Promise.reject(error);
    }
    under?.catch(() => undefined);
  };

  const step = async (): Promise<IteratorResult<T, undefined>> => {
    try {
      while (!isClosed) {
        const isComing = coming !== undefined;
        const item = isComing ? undefined : items[gone++];
        if (isComing || item !== undefined) {
          const value = item === undefined ? await coming : isFresh ? item : await source.current(item);
          coming = undefined;
          isFresh = false;
          if (value !== undefined && !isClosed) return { done: false, value };
          continue;
        }
        letGo();
        if (end) throw end;
        if (isLast) {
          close();
          return DONE;
        }
        if (!isOpen) await open();
        else if (under) {
          const reading = under;
          under = undefined;
          await reading;
        } else if (!news) await waiting();
        else {
          const reading = read();
          if (reading instanceof Promise) await reading;
        }
      }
      return DONE;
    } catch (error) {
      // A reader that has gone gets no error.
      if (isClosed) return DONE;
      close();
      throw error;
    } finally {
      pending--;
    }
  };

  /** One message is read by thousands, one after the other: whoever need not wait for it makes no promises. */
  const atHand = (): T | undefined => {
    while (pending === 0 && isOpen && !isClosed && under === undefined && coming === undefined) {
      const item = items[gone];
      if (item === undefined) {
        letGo();
        if (!news || end || isLast) return undefined;
        readAtHand();
        continue;
      }
      const value = isFresh ? item : source.current(item);
      gone++;
      isFresh = false;
      if (value instanceof Promise) {
        value.catch(() => undefined);
        coming = value;
      } else if (value !== undefined) return value;
    }
    return undefined;
  };

  return {
    atHand,
    onNews: (come, taker) => {
      const isNothing = pending === 0 && isOpen && !isClosed && under === undefined && coming === undefined;
      if (!isNothing || news || end !== undefined || isLast || gone < items.length) return false;
      goOn = come;
      source.takes?.(taker);
      return true;
    },
    next: () => {
      const result = pending++ === 0 ? step() : before.then(step, step);
      before = result;
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
