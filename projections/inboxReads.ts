import { heldBy, seesAll, type Sight, type Stay, wasMemberAt } from "../src/domain/visibility.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";
import type { Reader } from "../src/projecting/projection.ts";
import type { News } from "../src/projecting/tail.ts";
import { type Left, leftKey, type StayRow } from "./channelStays.ts";
import type { ConversationRow } from "./fanOut.ts";
import type { Change, Entry, EntryPage, Placed, RecentNews, WideConversation } from "./inboxEntries.ts";
import { overflowReads, type StayIn } from "./overflow.ts";
import { stayReads } from "./stays.ts";
import { allOf } from "./wholePartition.ts";

const isOver = (stay: Stay, after: string): boolean => (stay.to ?? "~") <= after;

const isAlwaysSeen = (entry: Entry): boolean => entry.kind !== "changed" || !entry.open;

function areAlwaysSeen(page: readonly Placed<Entry>[]): boolean {
  for (const { entry } of page) if (!isAlwaysSeen(entry)) return false;
  return true;
}

const NOTHING: readonly Placed<Entry>[] = [];

/**
 * The news of a conversation that someone with this stay is told, up to `end`: at most one more than `limit`. Undefined if a row
 * alone does not say whether it is. If it is all of the news, it is the same array: thousands of members are told the same.
 */
function mergedNews(news: readonly News[], end: string, limit: number, stay: Stay): readonly Placed<Entry>[] | undefined {
  let found: News[] | undefined;
  let count = 0;
  for (const one of news) {
    const isWanted = one.position > end || count > limit ? false : isMerged(one.position, one.entry as Change, stay);
    if (isWanted === undefined) return undefined;
    if (!isWanted) found ??= news.slice(0, count);
    else if ((count++, found !== undefined)) found.push(one);
  }
  return (found ?? news) as readonly Placed<Entry>[];
}

/** Whether the inbox of someone with this stay shows a change of a wide conversation. Undefined: an earlier stay decides. */
function isMerged(position: string, change: Change, stay: Stay): boolean | undefined {
  if (change.fanned) return false;
  const wasMember = wasMemberAt(stay, position);
  if (wasMember !== true || change.kind !== "changed" || change.open) return wasMember;
  return heldBy(stay, change.seq);
}

/** What comes after the watermark may not be told yet. A cursor never goes back. */
const nothingAfter = (after: string) => ({ entries: [], hasMore: false, next: after });

/** Exclusive bound just above a position. */
const upTo = (position: string) => `${position}~`;

/** Rows of which only some are wanted. */
type Pick<T> = (rows: readonly { sort: string; value: T }[]) => Awaitable<readonly { sort: string; value: T }[]>;

/** So many of a conversation's newest changes are read together, and of so many conversations with news at most. */
const NEWEST = 8;
const FEW = 32;

/** The first entries of one conversation after a position: less than so many where there are no more. */
type Source = (after: string, limit: number) => Promise<Placed<Entry>[]>;

/** So many rows of a conversation are read at least: to find them takes as long as to read more than these. */
const READ_AT_LEAST = 8;

/** And so many of a partition at most. */
const MOST_ROWS = 256;

/**
 * Of each source what is among the first `limit` of all of them, at least. Only a few of each are read at first: someone may be
 * in hundreds of conversations with hundreds of new messages each.
 */
async function firstOf(sources: readonly Source[], after: string, limit: number): Promise<Placed<Entry>[][]> {
  const found = sources.map((read) => ({ read, entries: [] as Placed<Entry>[] }));
  const lastOf = (entries: readonly Placed<Entry>[]): string => entries[entries.length - 1]?.position ?? after;
  let count = Math.min(limit, Math.max(READ_AT_LEAST, Math.ceil((2 * limit) / sources.length)));
  for (let open = found; open.length > 0; count = Math.min(limit, 4 * count)) {
    const pages = await Promise.all(open.map(({ read, entries }) => read(lastOf(entries), count)));
    for (const [index, page] of pages.entries()) open[index]?.entries.push(...page);
    const full = open.filter((_, index) => pages[index]?.length === count);
    if (full.length === 0) break;
    // What comes after as many others is not on the page.
    const positions = found.flatMap(({ entries }) => entries.map(({ position }) => position)).sort();
    const bound = positions[limit - 1] ?? "~";
    open = full.filter(({ entries }) => lastOf(entries) < bound);
  }
  return found.map(({ entries }) => entries);
}

/** The only functions that read the inboxes' rows. */
export const inboxReads = (reader: Reader) => {
  const stays = stayReads(reader);
  const overflow = overflowReads(reader, stays);

  /** At most `limit` wanted rows of a partition, after `after` and up to `end`. */
  const pick = async <T>(
    table: string,
    partition: string,
    after: string,
    end: string,
    limit: number,
    wanted?: Pick<T>,
  ): Promise<Placed<T>[]> => {
    const found: Placed<T>[] = [];
    // Of long runs that nobody wants, more are read at a time.
    for (let [from, rows] = [after, limit]; ; rows = Math.max(rows, Math.min(4 * rows, MOST_ROWS))) {
      const page = await reader.range<T>(table, partition, { after: from, before: upTo(end), limit: rows });
      for (const { sort, value } of page.length === 0 || !wanted ? page : await wanted(page))
        if (found.length < limit) found.push({ position: sort, entry: value });
      const last = page[page.length - 1];
      if (found.length >= limit || page.length < rows || last === undefined) return found;
      from = last.sort;
    }
  };

  /** In this order: see `leftWide`. */
  const wideOf = async (user: string, after: string): Promise<WideConversation[]> => {
    const wide = (await allOf<StayRow>(reader, "wide", user)).map(({ sort, value }) => ({ conversation: sort, stay: value }));
    const known = new Set(wide.map(({ conversation }) => conversation));
    // Conversations that they left at this position or before have nothing to tell.
    const former = await allOf<Left>(reader, "wideLeft", user, leftKey(after, "~"));
    return [...wide, ...former.map(({ value }) => value).filter(({ conversation }) => !known.has(conversation))];
  };

  /** Those of some wide conversations in which something happened after a position. */
  const withNews = async (wide: readonly WideConversation[], after: string): Promise<WideConversation[]> => {
    const newest = await reader.getMany<string>(
      "newest",
      wide.map(({ conversation }) => [conversation, ""] as const),
    );
    return wide.filter((_, index) => (newest[index] ?? "") > after);
  };

  /**
   * What the inbox of someone with this stay shows of a wide conversation after a position, if its newest changes reach back so
   * far. All its members ask for the same ones, so the store may have them at hand.
   */
  const newestAfter = async (
    { conversation, stay }: WideConversation,
    after: string,
    end: string,
  ): Promise<Placed<Change>[] | undefined> => {
    const newest = await reader.range<Change>("changes", conversation, { limit: NEWEST, reverse: true });
    if (newest.length === NEWEST && (newest[NEWEST - 1]?.sort ?? "") > after) return undefined;
    const rows = newest.filter(({ sort }) => sort > after && sort <= end).reverse();
    return (rows.length === 0 ? rows : await mergedOf(stay)(rows)).map(({ sort, value }) => ({ position: sort, entry: value }));
  };

  /** The changes of a conversation for which `isMerged` is true. */
  const mergedOf =
    (stay: Stay): Pick<Change> =>
    async (rows) => {
      const [first, last] = [rows[0], rows[rows.length - 1]];
      const wasMember = await stays.memberBetween(stay, first?.sort ?? "", last?.sort ?? "");
      const wanted = await Promise.all(
        rows.map(async ({ sort, value }) => {
          if (value.fanned || !wasMember(sort)) return false;
          return value.kind !== "changed" || value.open || stays.isHeld(stay, value.seq);
        }),
      );
      return rows.filter((_, index) => wanted[index]);
    };

  /**
   * The changes of a conversation for a reader who does not see all of it: changes of messages that they may see, and those in
   * their stays.
   */
  const seenOf =
    (sight: Sight): Pick<Change> =>
    async (rows) => {
      const { stay } = sight;
      if (stay === undefined) return [];
      const [first, last] = [rows[0], rows[rows.length - 1]];
      const wasMember = await stays.memberBetween(stay, first?.sort ?? "", last?.sort ?? "");
      // A message was sent in a stay if its event is in it.
      const seen = await Promise.all(
        rows.map(async ({ sort, value }) => (value.kind === "changed" ? stays.sees(sight, value.seq) : wasMember(sort))),
      );
      return rows.filter((_, index) => seen[index]);
    };

  /** Told because the history was open: only while it is open, or if a stay holds it by now. */
  const stillSeen = async (user: string, entry: Entry): Promise<boolean> => {
    if (entry.kind !== "changed" || !entry.open) return true;
    const group = await reader.get<ConversationRow>("conversations", entry.conversation, "");
    const stay = await reader.get<StayRow>("stays", entry.conversation, user);
    const open = { historyVisible: group?.historyVisible ?? false, public: group?.public ?? false };
    return stays.sees({ ...(stay && { stay }), ...open }, entry.seq);
  };

  /** Those that are for the user now. */
  const seenAmong = async (user: string, page: readonly Placed<Entry>[]): Promise<Placed<Entry>[]> => {
    const entries: Placed<Entry>[] = [];
    for (const placed of page) if (isAlwaysSeen(placed.entry) || (await stillSeen(user, placed.entry))) entries.push(placed);
    return entries;
  };

  /** One page made of several sources, each of which gave up to `limit + 1` entries, not beyond `end`. */
  const merged = (
    user: string,
    sources: readonly (readonly Placed<Entry>[])[],
    end: string,
    limit: number,
  ): Awaitable<EntryPage<Entry>> => {
    const [first = NOTHING, ...others] = sources.filter(({ length }) => length > 0);
    const all = others.length === 0 ? first : sources.flat().sort((one, other) => (one.position < other.position ? -1 : 1));
    return paged(user, all, end, limit);
  };

  /** The first `limit` of some entries, in order, that are not beyond `end`. */
  const paged = (user: string, all: readonly Placed<Entry>[], end: string, limit: number): Awaitable<EntryPage<Entry>> => {
    const hasMore = all.length > limit;
    const page = hasMore ? all.slice(0, limit) : all;
    const next = (hasMore ? page[page.length - 1]?.position : undefined) ?? end;
    if (areAlwaysSeen(page)) return { entries: page, hasMore, next };
    return seenAmong(user, page).then((entries) => ({ entries, hasMore, next }));
  };

  return {
    /**
     * What happened to a user after a position and up to the watermark `end`, oldest first: at most `limit` entries, whether
     * there are more, and where to go on. Not later than `end`, because later rows may belong to a commit that began after this
     * read. `wide`: the user's wide conversations, read after `end` was taken.
     */
    entries: async (
      user: string,
      after: string,
      end: string,
      limit: number,
      wide?: readonly WideConversation[],
    ): Promise<EntryPage<Entry>> => {
      if (after >= end) return nothingAfter(after);
      const merging = async (): Promise<Placed<Entry>[][]> => {
        const asked = await withNews(
          (wide ?? (await wideOf(user, after))).filter(({ stay }) => !isOver(stay, after)),
          after,
        );
        const source = ({ conversation, stay }: WideConversation): Source => {
          return (from, most) => pick<Change>("changes", conversation, from, end, most, mergedOf(stay));
        };
        if (asked.length > FEW) return firstOf(asked.map(source), after, limit + 1);
        const newest = await Promise.all(asked.map((wide) => newestAfter(wide, after, end)));
        const others = asked.filter((_, index) => newest[index] === undefined).map(source);
        return [...newest.filter((entries) => entries !== undefined), ...(await firstOf(others, after, limit + 1))];
      };
      const [own, others] = await Promise.all([pick<Entry>("entries", user, after, end, limit + 1), merging()]);
      return merged(user, [own, ...others], end, limit);
    },

    /**
     * The same for what the inbox keeps no more, up to `end`, which is the place from where on it is whole: made again of the
     * changes of the user's conversations, and of what is not in any of those. `all`: every conversation that they had a stay in.
     */
    overflow: async (
      user: string,
      after: string,
      end: string,
      limit: number,
      all: readonly StayIn[],
    ): Promise<EntryPage<Entry>> => {
      if (after >= end) return nothingAfter(after);
      const [own, told] = await Promise.all([
        pick<Entry>("entries", user, after, end, limit + 1),
        overflow.told(all, after, end, limit + 1),
      ]);
      // Those that are not deleted yet are in both.
      const known = new Set(told.map(({ position }) => position));
      return merged(user, [own.filter(({ position }) => !known.has(position)), told], end, limit);
    },

    /**
     * The same from the tail. Undefined if the rows must be asked: the tail does not reach back to `after`, or the user's wide
     * conversations changed since that list was read. Thousands ask at each message: nothing is made for what has no news.
     */
    recentEntries: (
      { own, at, wide }: RecentNews,
      user: string,
      after: string,
      end: string,
      limit: number,
    ): Awaitable<EntryPage<Entry>> | undefined => {
      // From where the list was read, which may be before the cursor: a conversation may have become wide between the two.
      const mine = own.after(after < at ? after : at, end);
      if (mine === undefined) return undefined;
      let only = NOTHING;
      if (mine.length > 0) {
        if (mine.some(({ table, position }) => table !== "entries" && position > at)) return undefined;
        only = mine
          .filter(({ table, position }) => table === "entries" && position > after && position <= end)
          .slice(0, limit + 1) as readonly Placed<Entry>[];
      }
      if (after >= end) return nothingAfter(after);
      let others: (readonly Placed<Entry>[])[] | undefined;
      for (const { stay, news } of wide) {
        if (isOver(stay, after)) continue;
        const changes = news.after(after, end);
        if (changes === undefined) return undefined;
        if (changes.length === 0) continue;
        const merging = mergedNews(changes, end, limit, stay);
        if (merging === undefined) return undefined;
        if (merging.length === 0) continue;
        if (only.length === 0) only = merging;
        else (others ??= []).push(merging);
      }
      return others === undefined ? paged(user, only, end, limit) : merged(user, [only, ...others], end, limit);
    },

    /** Whether someone with this stay is told of a change of a wide conversation, whatever happens later. */
    isTold: ({ position, entry }: News, stay: Stay): boolean =>
      isAlwaysSeen(entry as Change) && isMerged(position, entry as Change, stay) === true,

    /**
     * The wide conversations of a user, and those that they left after a position. News of them comes by the topics of the
     * conversations.
     */
    wideConversations: wideOf,

    /** Whether an entry that a user was to be told of is for them now. */
    isStillTold: (user: string, entry: Entry): Awaitable<boolean> => isAlwaysSeen(entry) || stillSeen(user, entry),

    /** What a reader with this sight may be told of one conversation, without imported messages and others' read marks. */
    changes: async (
      conversation: string,
      sight: Sight,
      after: string,
      end: string,
      limit: number,
    ): Promise<EntryPage<Change>> => {
      if (after >= end) return nothingAfter(after);
      const wanted = seesAll(sight) ? undefined : seenOf(sight);
      const found = await pick<Change>("changes", conversation, after, end, limit + 1, wanted);
      const hasMore = found.length > limit;
      const entries = hasMore ? found.slice(0, limit) : found;
      return { entries, hasMore, next: (hasMore ? entries[entries.length - 1]?.position : undefined) ?? end };
    },
  };
};
