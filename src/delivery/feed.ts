import type { Entry, EntryPage, Placed, WideList } from "../../projections/inboxes.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Context } from "../api/context.ts";
import { type EntryEntity, seesLive } from "../api/entities.ts";
import { entryEntities, isForeign, isTrimmed } from "../api/entries.ts";
import { listening } from "./listening.ts";
import type { Source } from "./pulled.ts";

/**
 * What a subscription yields for each entry. `root` is the root value that its operation is run with. `shared`: a key under which the entry is
 * the same to every viewer, as far as only fields are read that do not depend on the viewer (`SHARED_FIELDS`).
 */
export type Delivery = { root: Record<string, EntryEntity>; shared?: string };

const fields = (type: string, ...names: string[]): string[] => names.map((name) => `${type}.${name}`);

/**
 * Fields whose value never depends on the viewer. A delivery with a `shared` key may be computed once for all subscribers that read nothing else:
 * entries that are the viewer's own (ReadMoved) have no such key. A title is not among them, a direct conversation's is the other one's name; nor is how many
 * members there are, which is not the same for who has left.
 */
export const SHARED_FIELDS: ReadonlySet<string> = new Set([
  ...fields("InboxCaughtUp", "cursor", "at"),
  ...fields("InboxReset", "cursor", "at"),
  ...fields("MessageReceived", "cursor", "at", "message"),
  ...fields("MessageChanged", "cursor", "at", "message", "change"),
  ...fields("ReadMoved", "cursor", "at", "conversation", "readSeq"),
  ...fields("MembershipChanged", "cursor", "at", "conversation", "user", "actor", "change"),
  ...fields("Message", "id", "conversation", "seq", "cursor", "sender", "clientMutationId", "sentAt", "kind", "topic", "text"),
  ...fields("Message", "attachments", "mentions", "mentionsAll", "editedAt", "recalledAt"),
  ...fields("Attachment", "url", "name", "mediaType", "size", "width", "height"),
  ...fields("User", "id", "handle", "name", "avatarUrl", "gender", "age", "signature", "tags"),
  ...fields("Tag", "name", "score"),
  ...fields(
    "Conversation",
    "id",
    "kind",
    "avatarUrl",
    "description",
    "announcement",
    "category",
    "tags",
    "createdAt",
    "joinPolicy",
  ),
  ...fields("Conversation", "public", "historyVisible"),
]);

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
function feed(context: Context, field: string, after: Position | undefined, entries: Entries): Source<Delivery> {
  const { watermark, now, begun } = context.services;
  let cursor = after;
  let isReset = false;
  let isCaughtUp = false;
  let isChecked = false;
  /** The entries that were read last, and where the views were. */
  let last: { entries: readonly Placed<Entry>[]; seen: Position } = { entries: [], seen: "" };
  let wakeUp: () => void = () => undefined;
  let stopWaiting: () => void = () => undefined;

  const mark = (name: "InboxCaughtUp" | "InboxReset", at: Position): Delivery => ({
    root: { [field]: { __typename: name, cursor: at, at: now().toISOString() } },
  });

  /** What entries tell now. Rows are no older than `seen`: what a key promises to whoever is given the same. */
  const deliveries = async (placed: readonly Placed<Entry>[], seen: Position): Promise<Delivery[]> => {
    const told = placed.length === 0 ? [] : await entryEntities(context, placed, seen);
    return told.map((entry) => ({
      root: { [field]: entry },
      ...(isShared(entry) ? { shared: `${entry.cursor}@${seen}` } : {}),
    }));
  };

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
    const items = [...(isReset ? [mark("InboxReset", at)] : []), mark("InboxCaughtUp", at)];
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
      if (!isChecked && (await isForeign(context, cursor))) return reset();
      isChecked = true;
      if (!isThere(cursor)) return NOTHING;
      const seen = watermark.current();
      const page = await entries.read(cursor, PAGE);
      const items = await deliveries(page.entries, seen);
      if (!page.isRecent && (await isTrimmed(context, cursor))) return reset();
      last = { entries: page.entries, seen };
      cursor = page.next;
      const isEnd = !page.hasMore && page.end === undefined;
      // Not before all is told that was there when the server started.
      const isAll = cursor >= begun;
      if (isEnd && isAll && !isCaughtUp) {
        isCaughtUp = true;
        items.push(mark("InboxCaughtUp", cursor));
      }
      const more = page.hasMore || page.more === true || (!isAll && isThere(begun));
      return { items, more, ...(page.end && !page.hasMore ? { end: page.end } : {}) };
    },
    // A reader may take as long as they like: what was recalled meanwhile is told to nobody.
    current: async (delivery) => {
      const seen = watermark.current();
      const told = delivery.root[field];
      // Nothing else is made of rows before it is rendered.
      if (told === undefined || !("message" in told) || seen === last.seen) return delivery;
      const entry = last.entries.find(({ position }) => position === told.cursor);
      if (entry === undefined) return delivery;
      const [now] = await deliveries([entry], seen);
      return now;
    },
  };
}

const NOTHING = { items: [], more: false };

/** Whether an entry tells everyone the same. */
const isShared = ({ __typename }: EntryEntity): boolean =>
  __typename === "MessageReceived" || __typename === "MessageChanged" || __typename === "MembershipChanged";

/** What happens to the viewer, the same entries as `sync`. */
export function inboxFeed(context: Context, after: Position | undefined): Source<Delivery> {
  const { services, caller } = context;
  const { inboxes } = services.views;
  const user = caller.userId;
  const { tail } = services;
  let own: ReturnType<typeof listening> | undefined;
  let wide: ReturnType<typeof listening> | undefined;
  let known: WideList | undefined;
  return feed(context, "inbox", after, {
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
 * What happens in one conversation. What the viewer may see is looked up for each page; it ends with FORBIDDEN once they have been told
 * everything that they may see, their own removal included.
 */
export function conversationFeed(context: Context, id: string, after: Position | undefined): Source<Delivery> {
  const { services, caller } = context;
  const { inboxes, relations } = services.views;
  let topic: ReturnType<typeof listening> | undefined;
  return feed(context, "conversation", after, {
    open: async (wake) => {
      topic = listening(services.signals, wake);
      await topic.to([`conversations/${id}`]);
    },
    read: async (from, limit) => {
      const end = services.watermark.current();
      const sight = await relations.sight(id, caller.userId);
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
