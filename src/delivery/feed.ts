import type { Entry, EntryPage, Placed, WideList } from "../../projections/inboxEntries.ts";
import type { Views } from "../../projections/views.ts";
import { Refusal } from "../domain/refusal.ts";
import { seesLive } from "../domain/visibility.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Signals } from "../ports/signals.ts";
import { beyond } from "../projecting/healed.ts";
import type { Tail } from "../projecting/tail.ts";
import { type Cursors, isForeign, isTrimmed } from "./cursors.ts";
import { inboxPage } from "./inboxPages.ts";
import { listening } from "./listening.ts";
import type { Pull, Source } from "./pulled.ts";
import type { Together, UpToDate } from "./together.ts";

/** The services that feeds read from. */
export type FeedServices = Cursors & {
  views: Pick<Views, "inboxes" | "relations">;
  /**
   * The log's end when the server started. Earlier events are no news, even if the views have not been projected up to there
   * yet.
   */
  begun: Position;
  /** A signal comes after the watermark has passed the event that it is about. */
  signals: Signals;
  /** The newest rows of the listeners' topics, if they are kept in memory. */
  tail?: Tail;
};

/** How entries become items for the reader. */
export type Telling<T> = {
  /**
   * The entries as they are now, from rows no older than `seen`. An entry that the reader may not get is left out. `isRecent`:
   * they are so new that their rows are at hand. What is given at once then is the same for every reader.
   */
  entries(placed: readonly Placed<Entry>[], seen: Position, isRecent: boolean): Awaitable<readonly T[]>;
  /**
   * An item that says: everything up to this position was delivered (`caughtUp`), or what was delivered earlier is no longer
   * valid (`reset`).
   */
  mark(kind: "caughtUp" | "reset", at: Position): T;
  /** The position of the item's entry, if the rows of the item may change later. Undefined for any other item. */
  growsOld(item: T): Position | undefined;
};

/** Entries that are read at a time. */
const PAGE = 64;

type Read = EntryPage<Entry> & { more?: boolean; end?: Error };

/** How far a reader is: see `UpToDate`. */
type Reader<T> = Pick<UpToDate<T>, "cursor" | "version" | "taker" | "wake">;

/** The source of the entries. */
type Entries = {
  open(wake: () => void): Promise<void>;
  /** The same as `read`, of what is so new that nothing of it can have been deleted. Undefined: `read` must be asked. */
  atHand?(after: Position, limit: number): Awaitable<EntryPage<Entry>> | undefined;
  /** At most `limit` entries after a position and up to the watermark. It reads the watermark itself. */
  read(after: Position, limit: number): Promise<Read>;
  /** Whether the reader may still be told of the message of an entry that was read. */
  stillTold(entry: Entry): Awaitable<boolean>;
  /** Whether the reader can be told at once of all that may be news. */
  isAtHand?(): boolean;
  close(): void;
};

/**
 * Entries after a cursor: first the missed ones, then InboxCaughtUp, then live ones. Without a cursor: InboxCaughtUp, then
 * live ones. When the cursor is no longer valid, even in the middle of reading, or something before it was
 * told later: InboxReset and InboxCaughtUp, then live ones.
 *
 * Nothing is read or delivered before the views have reached the starting point. With a cursor, that is the cursor: a client
 * may have it from a mutation that is not in the views yet. Without one, it is the log's end at the start of the server:
 * older events would otherwise come as news while the views are rebuilt.
 */
function feed<T>(
  services: FeedServices,
  user: string,
  reader: Reader<T>,
  { entries: tell, mark, growsOld }: Telling<T>,
  entries: Entries,
): Source<T> {
  const { watermark, begun, healed } = services;
  let isReset = false;
  let isCaughtUp = false;
  let isChecked = false;
  /** The entries of the last read, the watermark at that time, and whether they came from the tail. */
  let last: readonly Placed<Entry>[] = [];
  let lastSeen: Position = "";
  let isLastRecent = false;
  let stopWaiting: () => void = () => undefined;

  /** Whether the views have reached a place. If not, the reader is woken when they have. */
  const isThere = (place: Position): boolean => {
    stopWaiting();
    if (watermark.current() >= place) return true;
    stopWaiting = watermark.whenReached(place, reader.wake);
    return false;
  };

  const fromNowOn = () => {
    const end = healed.end();
    if (!isThere(begun) || (end !== undefined && !isThere(beyond(end)))) return NOTHING;
    reader.version = healed.version();
    const at = watermark.current();
    const items = [...(isReset ? [mark("reset", at)] : []), mark("caughtUp", at)];
    reader.cursor = at;
    isReset = false;
    isCaughtUp = true;
    return { items, more: true };
  };

  const reset = () => {
    reader.cursor = undefined;
    isReset = true;
    return fromNowOn();
  };

  /** What a page that was read at the watermark `seen` brings. */
  const pulledPage = (page: Read, told: readonly T[], seen: Position, isRecent: boolean): Pull<T> => {
    // What was read may lack what was healed meanwhile.
    if (reader.version !== healed.version() && healed.hasPassedBy(page.next)) return reset();
    last = page.entries;
    lastSeen = seen;
    isLastRecent = isRecent;
    const cursor = (reader.cursor = page.next);
    let items = told;
    const isEnd = !page.hasMore && page.end === undefined;
    // Not before everything is delivered that was in the log when the server started.
    const isAll = cursor >= begun;
    if (isEnd && isAll && !isCaughtUp) {
      isCaughtUp = true;
      items = [...told, mark("caughtUp", cursor)];
    }
    const more = page.hasMore || page.more === true || (!isAll && isThere(begun));
    return page.end === undefined || page.hasMore ? { items, more } : { items, more, end: page.end };
  };

  /** What everyone is told who is up to date. Undefined: that is more than can be told at once. */
  const pullRecent = (after: Position): Awaitable<Pull<T>> | undefined => {
    if (!isChecked || reader.version !== healed.version() || watermark.current() < after) return undefined;
    const seen = watermark.current();
    const page = entries.atHand?.(after, PAGE);
    return page instanceof Promise ? page.then((read) => tellRecent(read, seen)) : page && tellRecent(page, seen);
  };

  const tellRecent = (page: EntryPage<Entry>, seen: Position): Awaitable<Pull<T>> => {
    const told = page.entries.length === 0 ? [] : tell(page.entries, seen, true);
    return told instanceof Promise ? told.then((all) => pulledPage(page, all, seen, true)) : pulledPage(page, told, seen, true);
  };

  const pullAny = async (after: Position): Promise<Pull<T>> => {
    if (!isChecked && (await isForeign(services, after))) return reset();
    isChecked = true;
    if (reader.version !== healed.version()) {
      reader.version = healed.version();
      if (healed.hasPassedBy(after)) return reset();
    }
    if (!isThere(after)) return NOTHING;
    const seen = watermark.current();
    const page = await entries.read(after, PAGE);
    const items = page.entries.length === 0 ? [] : await tell(page.entries, seen, false);
    if (await isTrimmed(services, user, after)) return reset();
    return pulledPage(page, items, seen, false);
  };

  const asItIsNow = async (entry: Placed<Entry>, seen: Position): Promise<T | undefined> => {
    if (!(await entries.stillTold(entry.entry))) return undefined;
    const [now] = await tell([entry], seen, isLastRecent);
    return now;
  };

  return {
    open: (wake) => {
      reader.wake = wake;
      return entries.open(wake);
    },
    close: () => {
      stopWaiting();
      entries.close();
    },
    pull: () => {
      const { cursor } = reader;
      return cursor === undefined ? fromNowOn() : (pullRecent(cursor) ?? pullAny(cursor));
    },
    takes: (taker) => {
      reader.taker = isCaughtUp && isChecked && entries.isAtHand?.() === true ? taker : undefined;
    },
    // A reader may be slow. What was recalled meanwhile is not delivered, nor what they may see no more as it is now.
    current: (item) => {
      const seen = watermark.current();
      const position = seen === lastSeen ? undefined : growsOld(item);
      const entry = position === undefined ? undefined : last.find((one) => one.position === position);
      return entry === undefined ? item : asItIsNow(entry, seen);
    },
  };
}

const NOTHING = { items: [], more: false };

/** What happens to a user: the same entries as `sync` has. `together`: for all readers that are given it. */
export function inboxFeed<T>(
  services: FeedServices,
  user: string,
  after: Position | undefined,
  telling: Telling<T>,
  together?: Together<T>,
): Source<T> {
  const { tail } = services;
  const { inboxes } = services.views;
  let own: ReturnType<typeof listening> | undefined;
  /** Whether the tail has all that the inbox is told of. */
  let isRecent = false;
  const reader: UpToDate<T> = {
    taker: undefined,
    cursor: after,
    version: NEVER,
    own: { after: () => undefined },
    at: "",
    wide: [],
    place: undefined,
    wake: () => undefined,
    tell: (placed, seen) => telling.entries(placed, seen, true),
  };
  const wide = together?.of(reader);
  const listenTo = ({ at, conversations }: WideList): void => {
    const mine = own?.news(`users/${user}`);
    const news = conversations.flatMap(({ conversation, stay }) => {
      const topic = wide?.news(conversation);
      return topic === undefined ? [] : { stay, news: topic };
    });
    isRecent = mine !== undefined && news.length === conversations.length;
    if (mine === undefined) return;
    reader.own = mine;
    reader.place = mine.place;
    reader.at = at;
    reader.wide = news;
  };
  return feed(services, user, reader, telling, {
    open: async (wake) => {
      own = listening(services.signals, wake, tail);
      await own.to([`users/${user}`]);
    },
    // From the tail, if it has them.
    atHand: (from, limit) => {
      if (!isRecent) return undefined;
      const end = services.watermark.current();
      const page = inboxes.recentEntries(reader, user, from, end, limit);
      // The tail was searched up to `end` and has no newer wide conversation.
      if (page) reader.at = end;
      return page;
    },
    isAtHand: () => isRecent,
    read: async (from, limit) => {
      const end = services.watermark.current();
      // Read after the watermark: a conversation that becomes wide later wakes its members by their own topics.
      const conversations = await inboxes.wideConversations(user, from);
      const changed = await wide?.to(conversations);
      const known = { at: end, conversations };
      listenTo(known);
      const page = await inboxPage(services, user, from, limit, known);
      // News from before it listened may have passed the watermark meanwhile, so it reads again.
      return { ...page, more: changed === true };
    },
    stillTold: (entry) => inboxes.isStillTold(user, entry),
    close: () => {
      own?.close();
      wide?.close();
    },
  });
}

/** As `Healed.version`, for whoever has read nothing yet. */
const NEVER = -1;

/**
 * What happens in one conversation. For each page it looks up what the user may see. It ends with FORBIDDEN when the user has
 * got everything that they may see, their own removal included; with NOT_FOUND when they never were a member and the group is no
 * longer public.
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
  const reader: Reader<T> = { taker: undefined, cursor: after, version: NEVER, wake: () => undefined };
  return feed(services, user, reader, telling, {
    open: async (wake) => {
      topic = listening(services.signals, wake);
      await topic.to([`conversations/${id}`]);
    },
    read: async (from, limit) => {
      const end = services.watermark.current();
      const sight = await relations.sight(id, user);
      if (!sight) throw notYours();
      const page = await inboxes.changes(id, sight, from, end, limit);
      // The row of a removal may be ahead of the watermark. Then the removal is still to be delivered.
      const isOver = !seesLive(sight) && (sight.stay?.to ?? "") <= end;
      // Whoever only read along, as the group was public, may know nothing more of it.
      return { ...page, ...(isOver ? { end: sight.stay ? notYours() : unknown() } : {}) };
    },
    stillTold: async (entry) => {
      if (!("seq" in entry)) return true;
      const sight = await relations.sight(id, user);
      return sight !== undefined && relations.sees(sight, entry.seq);
    },
    close: () => topic?.close(),
  });
}

const unknown = () => new Refusal("NOT_FOUND", "there is no such conversation that you may see", { field: "id" });
const notYours = () => new Refusal("FORBIDDEN", "you are no longer a member of this conversation", { field: "id" });
