import type { Entry, EntryPage, Placed, WideList } from "../../projections/inboxes.ts";
import type { Views } from "../../projections/views.ts";
import { Refusal } from "../domain/refusal.ts";
import { seesLive } from "../domain/visibility.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Signals } from "../ports/signals.ts";
import type { Tail } from "../projecting/tail.ts";
import { type Cursors, isForeign, isTrimmed } from "./cursors.ts";
import { listening } from "./listening.ts";
import type { Source } from "./pulled.ts";

/** What feeds read from. */
export type FeedServices = Cursors & {
  views: Pick<Views, "inboxes" | "relations">;
  /** The log's end when the server started: what lies before it is no news, also where the views have yet to be folded up to there. */
  begun: Position;
  /** A signal comes once the watermark has passed what it is about. */
  signals: Signals;
  /** The newest rows of who listens, where they are kept in memory. */
  tail?: Tail;
};

/** How what was read becomes what is told. */
export type Telling<T> = {
  /** Entries as they are now, from rows no older than `seen`. One that cannot be told is left out. */
  entries(placed: readonly Placed<Entry>[], seen: Position): Promise<T[]>;
  /** That everything was told up to a position, or that what was told before does not hold any more. */
  mark(kind: "caughtUp" | "reset", at: Position): T;
  /** The position of an entry that was made of rows that may grow old; undefined for any other item. */
  growsOld(item: T): Position | undefined;
};

/** Entries read at a time. */
const PAGE = 64;

/** `isRecent`: so new that nothing of it can have been deleted. */
type Read = EntryPage<Entry> & { more?: boolean; end?: Error; isRecent?: boolean };

/** Where entries come from. */
type Entries = {
  open(wake: () => void): Promise<void>;
  /** At most so many after a position, and up to the watermark, which it takes itself. */
  read(after: Position, limit: number): Promise<Read>;
  close(): void;
};

/**
 * Entries after a cursor: first what was missed, then InboxCaughtUp, then live. Without a cursor live only, from InboxCaughtUp on. Where the
 * cursor no longer holds, also in the midst of it, InboxReset and InboxCaughtUp, then live from there.
 *
 * Nothing is read, and nothing said, before the views have got to where it begins: to the cursor, which a client may have from a mutation that they
 * do not hold yet; and where it is live from now on, to all that was there when the server started, which would else come as news while they are
 * folded anew.
 */
function feed<T>(
  services: FeedServices,
  user: string,
  after: Position | undefined,
  { entries: tell, mark, growsOld }: Telling<T>,
  entries: Entries,
): Source<T> {
  const { watermark, begun } = services;
  let cursor = after;
  let isReset = false;
  let isCaughtUp = false;
  let isChecked = false;
  /** The entries that were read last, and where the views were. */
  let last: { entries: readonly Placed<Entry>[]; seen: Position } = { entries: [], seen: "" };
  let wakeUp: () => void = () => undefined;
  let stopWaiting: () => void = () => undefined;

  /** Whether the views are there; if not, whoever reads is woken when they are. */
  const isThere = (place: Position): boolean => {
    stopWaiting();
    if (watermark.current() >= place) return true;
    stopWaiting = watermark.whenReached(place, wakeUp);
    return false;
  };

  const fromNowOn = () => {
    if (!isThere(begun)) return NOTHING;
    const at = watermark.current();
    const items = [...(isReset ? [mark("reset", at)] : []), mark("caughtUp", at)];
    cursor = at;
    isReset = false;
    isCaughtUp = true;
    return { items, more: true };
  };

  const reset = () => {
    cursor = undefined;
    isReset = true;
    return fromNowOn();
  };

  return {
    open: (wake) => {
      wakeUp = wake;
      return entries.open(wake);
    },
    close: () => {
      stopWaiting();
      entries.close();
    },
    pull: async () => {
      if (cursor === undefined) return fromNowOn();
      if (!isChecked && (await isForeign(services, cursor))) return reset();
      isChecked = true;
      if (!isThere(cursor)) return NOTHING;
      const seen = watermark.current();
      const page = await entries.read(cursor, PAGE);
      const items = page.entries.length === 0 ? [] : await tell(page.entries, seen);
      if (!page.isRecent && (await isTrimmed(services, user, cursor))) return reset();
      last = { entries: page.entries, seen };
      cursor = page.next;
      const isEnd = !page.hasMore && page.end === undefined;
      // Not before all is told that was there when the server started.
      const isAll = cursor >= begun;
      if (isEnd && isAll && !isCaughtUp) {
        isCaughtUp = true;
        items.push(mark("caughtUp", cursor));
      }
      const more = page.hasMore || page.more === true || (!isAll && isThere(begun));
      return { items, more, ...(page.end && !page.hasMore ? { end: page.end } : {}) };
    },
    // A reader may take as long as they like: what was recalled meanwhile is told to nobody.
    current: async (item) => {
      const seen = watermark.current();
      const position = seen === last.seen ? undefined : growsOld(item);
      const entry = position === undefined ? undefined : last.entries.find((one) => one.position === position);
      if (entry === undefined) return item;
      const [now] = await tell([entry], seen);
      return now;
    },
  };
}

const NOTHING = { items: [], more: false };

/** What happens to a user, the same entries as `sync`. */
export function inboxFeed<T>(services: FeedServices, user: string, after: Position | undefined, telling: Telling<T>): Source<T> {
  const { tail } = services;
  const { inboxes } = services.views;
  let own: ReturnType<typeof listening> | undefined;
  let wide: ReturnType<typeof listening> | undefined;
  let known: WideList | undefined;
  return feed(services, user, after, telling, {
    open: async (wake) => {
      own = listening(services.signals, wake, tail);
      wide = listening(services.signals, wake, tail);
      await own.to([`users/${user}`]);
    },
    read: async (from, limit) => {
      const end = services.watermark.current();
      const recent = tail && known && inboxes.recentEntries(tail, user, from, end, limit, known);
      if (known && recent) {
        // It was looked through up to there, and says nothing new of them.
        known = { ...known, at: end };
        return { ...(await recent), isRecent: true };
      }
      // After the watermark was taken: a conversation that grows wide later wakes its members by their own topics.
      const conversations = await inboxes.wideConversations(user, from);
      const changed = await wide?.to(conversations.map(({ conversation }) => `conversations/${conversation}`));
      known = { at: end, conversations };
      const page = await inboxes.entries(user, from, end, limit, conversations);
      // What came before it listened may have passed the watermark since.
      return { ...page, more: changed === true };
    },
    close: () => {
      own?.close();
      wide?.close();
    },
  });
}

/**
 * What happens in one conversation. What the user may see is looked up for each page; it ends with FORBIDDEN once they have been told
 * everything that they may see, their own removal included.
 */
export function conversationFeed<T>(
  services: FeedServices,
  user: string,
  id: string,
  after: Position | undefined,
  telling: Telling<T>,
): Source<T> {
  const { inboxes, relations } = services.views;
  let topic: ReturnType<typeof listening> | undefined;
  return feed(services, user, after, telling, {
    open: async (wake) => {
      topic = listening(services.signals, wake);
      await topic.to([`conversations/${id}`]);
    },
    read: async (from, limit) => {
      const end = services.watermark.current();
      const sight = await relations.sight(id, user);
      if (!sight) throw notYours();
      const page = await inboxes.changes(id, sight, from, end, limit);
      // The row of a removal may be ahead of the watermark: then it is still to be told.
      const isOver = !seesLive(sight) && (sight.stay?.to ?? "") <= end;
      return { ...page, ...(isOver ? { end: notYours() } : {}) };
    },
    close: () => topic?.close(),
  });
}

const notYours = () => new Refusal("FORBIDDEN", "you are no longer a member of this conversation", { field: "id" });
