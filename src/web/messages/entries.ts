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

/** What an entry is made of that depends on its item alone, and the entry that was made of it last. */
type Known = { key: string; at: number; day: number; sender: string; entry: Entry | undefined };

/**
 * Makes entries of a conversation's items. An entry stays the same object as long as nothing about it changes: hundreds are made
 * with each page that is loaded, and those that are shown need not be drawn again.
 */
export function createEntries(me: string) {
  /** Of the items that were given last. In no `WeakMap`: each collection of garbage would go through that. */
  let known = new Map<MessageItem, Known>();
  /** What one has sent from here. */
  const sent = new Set<string>();

  /** A message keeps its key when it comes back from the server, so that its row stays. */
  const keyOf = (item: Exclude<MessageItem, { type: "gap" }>): string => {
    if (item.type === "outgoing") {
      sent.add(item.id);
      return item.id;
    }
    // Of others, and of what was forwarded, several messages may be of one call.
    return item.sender.id === me && sent.has(item.clientMutationId) ? item.clientMutationId : String(item.seq);
  };

  const knownOf = (item: MessageItem): Known => {
    if (item.type === "gap") return { key: `gap ${item.to}`, at: 0, day: 0, sender: "", entry: undefined };
    const at = new Date(item.type === "message" ? item.sentAt : item.createdAt);
    const sender = item.type === "message" ? item.sender.id : me;
    return { key: keyOf(item), at: at.getTime(), day: dayOf(at), sender, entry: undefined };
  };

  const entry = (item: MessageItem, of: Known, isFirst: boolean, isFirstUnread: boolean, isNewDay: boolean): Entry => {
    const { key, at, entry: before } = of;
    if (before?.isFirst === isFirst && before.isFirstUnread === isFirstUnread && (before.begins !== undefined) === isNewDay)
      return before;
    return (of.entry = { key, item, isFirst, isFirstUnread, begins: isNewDay ? new Date(at) : undefined });
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
    const now = new Map<MessageItem, Known>();
    const all = items.map((item) => {
      const one = known.get(item) ?? knownOf(item);
      now.set(item, one);
      if (item.type === "gap") {
        before = undefined;
        if (unread !== undefined && item.to > unread) unread = undefined;
        return entry(item, one, true, false, false);
      }
      const isFirstUnread = unread !== undefined && item.type === "message" && item.seq > unread && one.sender !== me;
      if (isFirstUnread) unread = undefined;
      const isNewDay = before?.day !== one.day;
      const isFirst = isNewDay || isFirstUnread || before?.sender !== one.sender || one.at - before.at > RUN_MS;
      before = one;
      return entry(item, one, isFirst, isFirstUnread, isNewDay);
    });
    known = now;
    return isFromStart || oldest?.type !== "message" || items[1]?.type !== "message" ? all : all.slice(1);
  };
}

/** The messages among the items. */
export const messagesOf = (items: readonly MessageItem[]): Message[] => items.filter((item) => item.type === "message");
