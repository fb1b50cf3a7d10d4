import type { Open } from "../ports/awaitable.ts";
import { backoffMs } from "../ports/backoff.ts";
import { DamagedIndex, explained, Unavailable } from "../ports/faults.ts";
import type { SearchIndex, SearchStatus } from "../ports/searchIndex.ts";

export type ReadIndex = Open<Pick<SearchIndex, "search" | "find" | "generations" | "status">>;

/** `letGo` closes all readers. None is opened again until `resume`, so the files may be moved meanwhile. */
export type SearchReaders = ReadIndex & { letGo(): Promise<void>; resume(): void };

export type SearchReadersOptions = {
  /** Opens one reader. `ended` is called if it ends by itself. */
  open: (ended: (error: Error) => void) => Promise<Open<SearchIndex>>;
  /** Looks how the index is, without a reader. Undefined if there is none. Must be quick. */
  examine: () => SearchStatus | undefined;
  /** How many searches are answered at the same time. */
  count: number;
  /** Called when a reader finds the index damaged. */
  damaged: (error: unknown) => void;
  warn: (message: string, error: unknown) => void;
};

type Reader = {
  opened: Promise<Open<SearchIndex>> | undefined;
  busy: number;
  /** How often it has ended since it last answered. */
  ends: number;
  /** Set after the reader ended. When it fires, the reader is opened again. */
  pause: ReturnType<typeof setTimeout> | undefined;
};

/**
 * Readers of an embedded index, each in its own thread. A reader is opened by its first search. If that fails, its next search
 * tries again. Who asks how the index is opens none, if it is well: a reader takes 10 MiB. A reader that ends is opened again by
 * itself, after a wait that grows. Its searches then reject with `Unavailable`, and the other readers go on.
 */
export function searchReaders({ open, examine, count, damaged, warn }: SearchReadersOptions): SearchReaders {
  const readers = Array.from({ length: count }, (): Reader => ({ opened: undefined, busy: 0, ends: 0, pause: undefined }));
  let isHeld = false;
  let isClosed = false;

  const openedBy = (reader: Reader): Promise<Open<SearchIndex>> => {
    if (reader.opened) return reader.opened;
    const leave = (): void => {
      if (reader.opened === own) reader.opened = undefined;
    };
    const own = open((error) => {
      leave();
      if (isClosed || isHeld) return;
      warn("a thread that reads the search index ended; it is started again", error);
      clearTimeout(reader.pause);
      reader.pause = setTimeout(() => {
        reader.pause = undefined;
        if (!isClosed && !isHeld) openedBy(reader).catch(() => {});
      }, backoffMs(reader.ends++)).unref();
    });
    own.catch(leave);
    reader.opened = own;
    return own;
  };

  const least = (): Reader | undefined => {
    let found: Reader | undefined;
    for (const reader of readers) if (!reader.pause && (found === undefined || reader.busy < found.busy)) found = reader;
    return found;
  };

  const asked = async <T>(work: (index: SearchIndex) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Unavailable("the search index is closed");
    if (isHeld) throw new Unavailable("the search index is damaged, and is built anew");
    const reader = least();
    if (!reader) throw new Unavailable("the search index is starting again");
    reader.busy++;
    try {
      const answer = await work(await openedBy(reader));
      reader.ends = 0;
      return answer;
    } catch (error) {
      if (error instanceof DamagedIndex && !isHeld) damaged(error);
      throw error;
    } finally {
      reader.busy--;
    }
  };

  const letGo = async (): Promise<void> => {
    isHeld = true;
    await Promise.all(
      readers.map(async (reader) => {
        clearTimeout(reader.pause);
        reader.pause = undefined;
        const index = await reader.opened?.catch(() => undefined);
        reader.opened = undefined;
        await index?.close();
      }),
    );
  };

  return {
    search: (...call) => asked((index) => index.search(...call)),
    find: (...call) => asked((index) => index.find(...call)),
    generations: (...call) => asked((index) => index.generations(...call)),
    status: async () => {
      const isUsed = isClosed || isHeld || readers.some((reader) => reader.opened !== undefined || reader.pause !== undefined);
      const seen = isUsed ? undefined : examine();
      if (seen?.reachable === true) return seen;
      const paused = readers.filter((reader) => reader.pause).length;
      const ended = paused === 0 ? undefined : `${paused} of ${count} threads that read it ended and are started again`;
      try {
        const status = await asked((index) => index.status());
        const detail = [status.detail, ended].filter((part) => part !== undefined).join("; ");
        return detail === "" ? status : { ...status, detail };
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        return { kind: "sqlite", reachable: false, detail: explained(error) } satisfies SearchStatus;
      }
    },
    letGo,
    resume: () => void (isHeld = false),
    close: async () => {
      isClosed = true;
      await letGo();
    },
  };
}
