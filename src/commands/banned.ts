import { BANS_TOPIC, type BanReads } from "../../projections/bans.ts";
import { streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { Signals } from "../ports/signals.ts";
import type { Watermark } from "../projecting/watermark.ts";

/** Who is banned, in memory: it is asked at every operation. It holds the ids of those who are. */
export type Banned = {
  /** Whether a user is known to be. */
  has(userId: string): boolean;
  /** The same. Before the rows can be read, the log is asked. */
  isBanned(userId: string): Awaitable<boolean>;
  /** Takes in what the rows say by now. Rejects where they cannot be read. */
  look(): Promise<void>;
  /** Calls `changed` when somebody was banned. The returned function ends that. */
  listen(changed: () => void): () => void;
  close(): void;
};

export type BannedOptions = {
  bans: Pick<BanReads, "changes">;
  log: Pick<EventStore, "read">;
  watermark: Pick<Watermark, "current">;
  signals: Pick<Signals, "listen">;
  /** How long it waits after a read that failed, in milliseconds. */
  againMs?: number;
};

const PAGE = 500;
const AGAIN_MS = 1_000;
/** The newest events of a user's bans say whether it holds; others of their stream say nothing. */
const NEWEST = 20;

/** Nobody is, where nothing is known of bans. */
export const nobodyBanned: Banned = {
  has: () => false,
  isBanned: () => false,
  look: () => Promise.resolve(),
  listen: () => () => undefined,
  close: () => undefined,
};

export async function keepBanned({ bans, log, watermark, signals, againMs = AGAIN_MS }: BannedOptions): Promise<Banned> {
  const banned = new Set<string>();
  const listeners = new Set<() => void>();
  let seen: string | undefined;
  let isKnown = false;
  let isClosed = false;
  let again: NodeJS.Timeout | undefined;
  /** The read under way, and the one that begins after it. */
  let reading: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    // Slices that are ahead may have written more, and those behind them come later: these are read once more.
    const until = watermark.current();
    let isNew = false;
    for (let after = seen; ;) {
      const page = await bans.changes(after, PAGE);
      for (const { value } of page) {
        if (!value.banned) banned.delete(value.user);
        else if (!banned.has(value.user)) {
          banned.add(value.user);
          isNew = true;
        }
      }
      after = page.at(-1)?.sort;
      if (page.length < PAGE) break;
    }
    if (seen === undefined || until > seen) seen = until;
    isKnown = true;
    if (isNew) for (const changed of listeners) changed();
  };

  const look = (): Promise<void> =>
    (next ??= reading =
      reading
        .catch(() => undefined)
        .then(() => {
          next = undefined;
          return read();
        }));

  const woken = (): void => {
    look().catch(() => {
      if (isClosed) return;
      clearTimeout(again);
      again = setTimeout(woken, againMs).unref();
    });
  };

  const inLog = async (userId: string): Promise<boolean> => {
    try {
      for (const stored of await log.read(streams.ban(userId), Number.MAX_SAFE_INTEGER, "backwards", NEWEST)) {
        const event = parseEvent(stored);
        if (event?.type === "UserBanned" || event?.type === "UserUnbanned") return event.type === "UserBanned";
      }
      return false;
    } catch (error) {
      // Neither rows nor log: there is nothing that could be shown or stored.
      if (error instanceof Unavailable) return false;
      throw error;
    }
  };

  const unlisten = await signals.listen([BANS_TOPIC], woken);
  woken();
  return {
    has: (userId) => banned.has(userId),
    isBanned: (userId) => (isKnown ? banned.has(userId) : inLog(userId)),
    look,
    listen: (changed) => {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    close: () => {
      isClosed = true;
      clearTimeout(again);
      unlisten();
    },
  };
}
