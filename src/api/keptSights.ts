import { sightNewsOf } from "../../projections/sightNews.ts";
import type { Views } from "../../projections/views.ts";
import type { KeptRows } from "../delivery/news.ts";
import { ownSight, seesAll, type SeqRange, type Sight } from "../domain/visibility.ts";
import type { SeqWindow, Visible, VisibleChange } from "../ports/searchIndex.ts";
import type { TailPage } from "../projecting/tail.ts";

/** What may be seen of a conversation's messages. */
type Seen = "all" | readonly SeqRange[];

/**
 * The newest stay in each conversation is always searched. Over all conversations, so many earlier stays are searched too; in
 * each conversation newer ones go first.
 */
export const STAYS_SEARCHED = 20_000;

/** How many bytes all kept sights may take, and about how many one user's, a conversation, a window and a change take. */
const KEPT_BYTES = 33_554_432;
const [USER_BYTES, CONVERSATION_BYTES, WINDOW_BYTES] = [8_192, 512, 160];
/** So many changes of a user's sights are remembered. */
const CHANGES = 64;

/**
 * What users who search may see, in memory: of all conversations that they are or were in, without what is only open to everyone.
 * It is as the rows were at the watermark, or later: each commit says whose sights it changed, and these are read again. So a
 * search of somebody who is in thousands of groups need not read thousands of rows.
 */
export type KeptSights = KeptRows & {
  /** As it is now, or a moment later. It may be kept by an engine. Rejects as the views do. */
  visibleTo(user: string): Promise<Visible>;
  /** A sight as the rows are at the watermark. Undefined: it is not at hand, and only the rows say. */
  sight(user: string, conversation: string): Sight | undefined;
  /** About how many bytes are kept. */
  bytes(): number;
};

type Own = { sight: Sight; seen: Seen };
/** All changes after the version `after`, each with the version that it made. */
type Changes = { after: number; list: readonly { version: number; conversation: string }[] };
type Entry = {
  user: string;
  id: number;
  version: number;
  own: Map<string, Own>;
  visible: Visible;
  /** Conversations whose sights changed since they were read. */
  stale: Set<string>;
  changes: Changes;
  /** Earlier stays that are searched. */
  earlier: number;
  bytes: number;
};

/** Rows that are being read. They are as old as its beginning, so what is told meanwhile has to be read again. */
type Reading = { stale: Set<string>; isForgotten: boolean; done: Promise<Entry> };

type Relations = Pick<Views["relations"], "sightsOf" | "sightsIn" | "rangesOf">;

let ids = 0;

/** `most`: how many bytes are kept. Those of whoever searched longest ago go first. */
export function keepSights(relations: Relations, most = KEPT_BYTES): KeptSights {
  /** In the order of use. */
  const entries = new Map<string, Entry>();
  /** Who has a group among their sights. */
  const byGroup = new Map<string, Set<Entry>>();
  const reading = new Map<string, Reading>();
  let bytes = 0;

  const unlink = (entry: Entry, conversation: string): void => {
    const of = byGroup.get(conversation);
    of?.delete(entry);
    if (of?.size === 0) byGroup.delete(conversation);
  };
  const link = (entry: Entry, conversation: string): void => {
    const of = byGroup.get(conversation);
    if (of) of.add(entry);
    else byGroup.set(conversation, new Set([entry]));
  };
  const drop = (entry: Entry): void => {
    if (entries.get(entry.user) !== entry) return;
    entries.delete(entry.user);
    bytes -= entry.bytes;
    for (const conversation of entry.own.keys()) unlink(entry, conversation);
  };
  const keep = (entry: Entry): void => {
    if (entry.bytes > most) return;
    entries.set(entry.user, entry);
    bytes += entry.bytes;
    for (const conversation of entry.own.keys()) link(entry, conversation);
    for (const other of entries.values()) {
      if (bytes <= most) break;
      drop(other);
    }
  };

  const seenOf = async (sights: readonly { id: string; sight: Sight }[], searched: number): Promise<Map<string, Own>> => {
    const own = new Map<string, Own>();
    let left = STAYS_SEARCHED - searched;
    for (const { id, sight } of sights) {
      const counting = ownSight(sight);
      // Without an earlier stay, nothing has to be read.
      const seen = counting.stay?.earlier === undefined ? seenAtOnce(counting) : await relations.rangesOf(counting, left);
      left -= earlierIn(seen);
      own.set(id, { sight, seen });
    }
    return own;
  };

  const read = async (user: string): Promise<Entry> => {
    const own = await seenOf(await relations.sightsOf(user), 0);
    return entryOf({ user, id: ++ids, version: 1, own, changes: { after: 1, list: [] } });
  };

  /** The same with some conversations as they are now. All is read again if too many stays are searched by now. */
  const reread = async (before: Entry, stale: readonly string[]): Promise<Entry> => {
    const gone = stale.reduce((sum, id) => sum + earlierIn(before.own.get(id)?.seen ?? []), 0);
    const found = await seenOf(await relations.sightsIn(before.user, stale), before.earlier - gone);
    const own = new Map(before.own);
    for (const id of stale) {
      const now = found.get(id);
      if (now) own.set(id, now);
      else own.delete(id);
    }
    const version = before.version + 1;
    const changes = changed(before.changes, version, stale);
    const entry = entryOf({ user: before.user, id: before.id, version, own, changes });
    return entry.earlier >= STAYS_SEARCHED ? read(before.user) : entry;
  };

  /** Reads what is missing, and keeps it. What is told meanwhile stays to be read again. */
  const begin = (user: string, before: Entry | undefined): Promise<Entry> => {
    const own: Omit<Reading, "done"> = { stale: new Set(), isForgotten: false };
    const kept = async (): Promise<Entry> => {
      try {
        const entry = await (before ? reread(before, [...before.stale]) : read(user));
        if (!own.isForgotten) {
          entry.stale = own.stale;
          if (before) drop(before);
          keep(entry);
        }
        return entry;
      } finally {
        if (!own.isForgotten) reading.delete(user);
      }
    };
    const done = kept();
    reading.set(user, Object.assign(own, { done }));
    return done;
  };

  const fresh = async (user: string): Promise<Entry> => {
    // Somebody else's reading may have begun before what this one has to know.
    for (let other = reading.get(user); other; other = reading.get(user)) await other.done.catch(() => undefined);
    const entry = entries.get(user);
    if (entry === undefined || entry.stale.size > 0) return begin(user, entry);
    entries.delete(user);
    entries.set(user, entry);
    return entry;
  };

  const forget = (): void => {
    for (const own of reading.values()) own.isForgotten = true;
    reading.clear();
    entries.clear();
    byGroup.clear();
    bytes = 0;
  };

  return {
    visibleTo: async (user) => (await fresh(user)).visible,
    sight: (user, conversation) => {
      const entry = entries.get(user);
      if (entry === undefined || entry.stale.has(conversation) || reading.has(user)) return undefined;
      return entry.own.get(conversation)?.sight;
    },
    take: ({ told }: TailPage) => {
      if (told === "many") return forget();
      for (const row of told ?? []) {
        const news = sightNewsOf(row);
        if (news === undefined) continue;
        const { conversation } = news;
        if ("user" in news) {
          entries.get(news.user)?.stale.add(conversation);
          reading.get(news.user)?.stale.add(conversation);
          continue;
        }
        for (const entry of byGroup.get(conversation) ?? []) {
          const before = entry.own.get(conversation);
          if (before && news.changes(before.sight)) entry.stale.add(conversation);
        }
        // What they were read to be is not known yet.
        for (const own of reading.values()) own.stale.add(conversation);
      }
    },
    forget,
    bytes: () => bytes,
  };
}

function changed({ after, list }: Changes, version: number, conversations: readonly string[]): Changes {
  const all = [...list, ...conversations.map((conversation) => ({ version, conversation }))];
  const last = all[all.length - 1 - CHANGES];
  return last === undefined ? { after, list: all } : { after: last.version, list: all.slice(-CHANGES) };
}

/** What is seen by a sight that has no earlier stay. */
const seenAtOnce = (sight: Sight): Seen => (seesAll(sight) ? "all" : sight.stay ? [sight.stay] : []);

const earlierIn = (seen: Seen): number => (seen === "all" ? 0 : Math.max(0, seen.length - 1));

/** The windows of what is seen. A member since the first message sees all: the id alone is cheaper than a window. */
export function windowsOf(conversationId: string, seen: Seen): "all" | SeqWindow[] {
  if (seen === "all" || seen.some(({ fromSeq, toSeq }) => fromSeq === 1 && toSeq === undefined)) return "all";
  return seen.flatMap(({ fromSeq, toSeq }) => {
    if (toSeq !== undefined && toSeq < fromSeq) return [];
    return [{ conversationId, fromSeq, ...(toSeq !== undefined && { toSeq }) }];
  });
}

function entryOf({ user, id, version, own, changes }: Pick<Entry, "user" | "id" | "version" | "own" | "changes">): Entry {
  const conversationIds: string[] = [];
  const windows: SeqWindow[] = [];
  let earlier = 0;
  let bytes = USER_BYTES;
  for (const [conversation, { seen }] of own) {
    const found = windowsOf(conversation, seen);
    if (found === "all") conversationIds.push(conversation);
    else windows.push(...found);
    earlier += earlierIn(seen);
    bytes += CONVERSATION_BYTES + 2 * conversation.length + (seen === "all" ? 0 : seen.length * 2 * WINDOW_BYTES);
  }
  const changesSince = (since: number): VisibleChange[] | undefined => {
    if (since < changes.after) return undefined;
    const ids = new Set(changes.list.flatMap((change) => (change.version > since ? [change.conversation] : [])));
    return [...ids].map((conversationId) => ({
      conversationId,
      seen: windowsOf(conversationId, own.get(conversationId)?.seen ?? []),
    }));
  };
  const visible: Visible = { conversationIds, windows, kept: { id, version, changesSince } };
  return { user, id, version, own, visible, stale: new Set(), changes, earlier, bytes };
}
