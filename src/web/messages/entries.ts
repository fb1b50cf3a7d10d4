import type { Message, MessageItem } from "../../client/types.ts";
import { dayOf } from "../texts/dates.ts";

/** A message as the timeline shows it: with what stands above it, and whether it goes on from the one before. */
export type Entry = {
  readonly key: string;
  readonly item: MessageItem;
  /** A new day begins with it. */
  readonly begins: Date | undefined;
  /** The unread line is above it. */
  readonly isFirstUnread: boolean;
  /** The first of several of the same sender, shortly after each other. */
  readonly isFirst: boolean;
};

const RUN_MS = 5 * 60_000;

/** What an entry is made of that depends on its item alone. */
type Known = { key: string; at: number; day: number; sender: string };

/**
 * Makes entries of a conversation's items. An entry stays the same object as long as nothing about it changes: thousands are made
 * with each page that is loaded, and those that are shown need not be drawn again.
 */
export function createEntries(me: string) {
  const known = new WeakMap<MessageItem, Known>();
  const made = new WeakMap<MessageItem, Entry>();

  const knownOf = (item: Exclude<MessageItem, { type: "gap" }>): Known => {
    let found = known.get(item);
    if (!found) {
      const at = new Date(item.type === "message" ? item.sentAt : item.createdAt);
      const sender = item.type === "message" ? item.sender.id : me;
      found = { key: keyOf(item, me), at: at.getTime(), day: dayOf(at), sender };
      known.set(item, found);
    }
    return found;
  };

  const entry = (item: MessageItem, now: Omit<Entry, "item" | "begins">, begins: number | undefined): Entry => {
    const before = made.get(item);
    if (before?.isFirst === now.isFirst && before.isFirstUnread === now.isFirstUnread && before.begins?.getTime() === begins)
      return before;
    const next = { ...now, item, begins: begins === undefined ? undefined : new Date(begins) };
    made.set(item, next);
    return next;
  };

  /**
   * `readTo`: how far was read when the conversation was opened; undefined: nothing was unread. The unread line is where all from
   * there on is loaded: else it would stand above what only happens to be the first. `isFromStart`: nothing comes before them. If
   * something does, the first one has no entry yet: how it looks depends on the one before it, and what is shown does not change
   * when older ones come above.
   */
  return (items: readonly MessageItem[], readTo: number | undefined, isFromStart: boolean): Entry[] => {
    const [oldest] = items;
    let unread = isFromStart || (oldest?.type === "message" && oldest.seq <= (readTo ?? 0)) ? readTo : undefined;
    let before: Known | undefined;
    const all = items.map((item) => {
      if (item.type === "gap") {
        before = undefined;
        if (unread !== undefined && item.to > unread) unread = undefined;
        return entry(item, { key: `gap ${item.to}`, isFirstUnread: false, isFirst: true }, undefined);
      }
      const one = knownOf(item);
      const isFirstUnread = unread !== undefined && item.type === "message" && item.seq > unread && one.sender !== me;
      if (isFirstUnread) unread = undefined;
      const isNewDay = before?.day !== one.day;
      const isFirst = isNewDay || isFirstUnread || before?.sender !== one.sender || one.at - before.at > RUN_MS;
      before = one;
      return entry(item, { key: one.key, isFirstUnread, isFirst }, isNewDay ? one.at : undefined);
    });
    return isFromStart || oldest?.type !== "message" || items[1]?.type !== "message" ? all : all.slice(1);
  };
}

/** A message keeps its key when it comes back from the server, so that its row stays. */
function keyOf(item: Exclude<MessageItem, { type: "gap" }>, me: string): string {
  return item.type === "message" ? `${item.sender.id} ${item.clientMutationId}` : `${me} ${item.id}`;
}

/** The messages among the items. */
export const messagesOf = (items: readonly MessageItem[]): Message[] => items.filter((item) => item.type === "message");
