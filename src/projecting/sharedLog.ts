import { type LogPage, onlyOf, type Position } from "../ports/eventStore.ts";
import type { FoldedLog } from "./projection.ts";

/** How many events are kept for those who are slower, at least. */
const KEPT_EVENTS = 4_096;
/** How long whoever is first waits for those who are slower, in milliseconds. After that they read by themselves. */
const PATIENCE_MS = 1_000;

/** A log that several of one thread follow, each at its own pace. */
export type SharedLog = {
  /** For one of them. It is to be closed: others may wait for it. */
  reader(): FoldedLog & { close(): void };
};

export type SharedLogOptions = { keptEvents?: number; patienceMs?: number };

/**
 * `at`: what it asked for last began there: it may ask for that again. Undefined: it has not asked yet. `isAwaited`: then all is
 * kept for it.
 */
type Reader = { at: Position | undefined; isAwaited: boolean };
type Kept = { from: Position; page: LogPage };

/**
 * Reads the log once for several who follow it: what one of them has read is kept until all have it. Whoever is first waits for
 * the others when much is kept, but not for long: one that is stuck reads by itself when it goes on, and so does one that begins
 * elsewhere in the log.
 */
export function shareLog(
  log: FoldedLog,
  { keptEvents = KEPT_EVENTS, patienceMs = PATIENCE_MS }: SharedLogOptions = {},
): SharedLog {
  const readers = new Set<Reader>();
  /** Pages one after the other, from `base` to `reached`. */
  let kept: Kept[] = [];
  let count = 0;
  let base: Position | undefined;
  let reached: Position | undefined;
  let readAt = -Infinity;
  let reading: Promise<LogPage> | undefined;
  /** Who waits for others to go on. */
  const waiting = new Set<() => void>();

  const isWithin = ({ at }: Reader): boolean =>
    at !== undefined && base !== undefined && reached !== undefined && at >= base && at <= reached;

  const begin = (at: Position): void => {
    [kept, count, base, reached] = [[], 0, at, at];
  };

  const dropFirst = (): void => {
    const first = kept.shift();
    if (first === undefined) return;
    count -= first.page.events.length;
    base = first.page.next;
  };

  /** Lets go of what all have. */
  const tidy = (): void => {
    for (let first = kept[0]; first !== undefined; first = kept[0]) {
      const { from, page } = first;
      for (const { at, isAwaited } of readers) if (at === undefined ? isAwaited : at >= from && at < page.next) return;
      dropFirst();
    }
  };

  const moved = (): void => {
    tidy();
    for (const go of [...waiting]) go();
  };

  /** Resolves when somebody has gone on, or after so many milliseconds. */
  const onward = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(late);
        waiting.delete(go);
        resolve();
      };
      const late = setTimeout(go, ms);
      waiting.add(go);
    });

  const room = async (): Promise<void> => {
    const until = performance.now() + patienceMs;
    while (count >= keptEvents) {
      const left = until - performance.now();
      if (left > 0) await onward(left);
      else {
        for (const reader of readers) if (reader.at === undefined) reader.isAwaited = false;
        dropFirst();
      }
    }
  };

  /** The page after what is kept. */
  const readOn = (from: Position, limit: number): Promise<LogPage> =>
    (reading ??= (async () => {
      try {
        await room();
        const page = await log.readAll(from, limit);
        readAt = performance.now();
        if (page.next > from) {
          kept.push({ from, page });
          count += page.events.length;
          reached = page.next;
          tidy();
        }
        return page;
      } finally {
        reading = undefined;
      }
    })());

  /** What is kept after a position. */
  const found = (after: Position, limit: number): LogPage | undefined => {
    const place = kept.findIndex(({ from, page }) => after >= from && after < page.next);
    const page = kept[place]?.page;
    if (page === undefined) return undefined;
    const events = page.events.filter(({ position }) => position > after);
    const isLast = place === kept.length - 1;
    if (events.length <= limit) return { events, next: page.next, isTail: isLast && page.isTail };
    const some = events.slice(0, limit);
    return { events: some, next: some[some.length - 1]?.position ?? after, isTail: false };
  };

  const readAll = async (
    reader: Reader,
    after: Position,
    limit: number,
    types: ReadonlySet<string> | undefined,
  ): Promise<LogPage> => {
    reader.at = after;
    moved();
    for (;;) {
      const page = found(after, limit);
      if (page) return onlyOf(types, page);
      if (reading === undefined) {
        const others = [...readers].filter((each) => each !== reader && isWithin(each));
        const isStuck = after > (reached ?? "") && performance.now() - readAt > patienceMs;
        if (after !== reached && (others.length === 0 || isStuck)) begin(after);
      }
      if (after !== reached) return log.readAll(after, limit, types);
      const read = await readOn(after, limit);
      if (read.next === after) return read;
    }
  };

  return {
    reader: () => {
      const reader: Reader = { at: undefined, isAwaited: true };
      readers.add(reader);
      return {
        origin: log.origin,
        read: log.read,
        end: log.end,
        readAll: (after, limit, types) => readAll(reader, after, limit, types),
        changed: async (after, signal) => {
          if (reached === undefined || after >= reached) await log.changed(after, signal);
        },
        close: () => {
          readers.delete(reader);
          moved();
        },
      };
    },
  };
}
