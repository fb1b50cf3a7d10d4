import type { Message, MessageItem } from "../../client/types.ts";
import { daysBetween } from "../texts/dates.ts";

/** A message as the timeline shows it: with what stands above it, and whether it goes on from the one before. */
export type Entry = {
  readonly key: string;
  readonly item: MessageItem;
  /** A new day begins with it. */
  readonly dayOf: Date | undefined;
  /** The unread line is above it. */
  readonly isFirstUnread: boolean;
  /** The first of several of the same sender, shortly after each other. */
  readonly isFirst: boolean;
};

const RUN_MS = 5 * 60_000;

/** `readTo`: how far was read when the conversation was opened; undefined: nothing was unread. */
export function entriesOf(items: readonly MessageItem[], me: string, readTo: number | undefined): Entry[] {
  let unread = readTo;
  let before: { at: Date; sender: string } | undefined;
  return items.map((item) => {
    if (item.type === "gap") {
      before = undefined;
      return { key: `gap ${item.to}`, item, dayOf: undefined, isFirstUnread: false, isFirst: true };
    }
    const at = new Date(item.type === "message" ? item.sentAt : item.createdAt);
    const sender = item.type === "message" ? item.sender.id : me;
    const isFirstUnread = unread !== undefined && item.type === "message" && item.seq > unread && sender !== me;
    if (isFirstUnread) unread = undefined;
    const dayOf = before && daysBetween(before.at, at) === 0 ? undefined : at;
    const isFirst =
      dayOf !== undefined || isFirstUnread || before?.sender !== sender || at.getTime() - before.at.getTime() > RUN_MS;
    before = { at, sender };
    return { key: keyOf(item, me), item, dayOf, isFirstUnread, isFirst };
  });
}

/** A message keeps its key when it comes back from the server, so that its row stays. */
function keyOf(item: Exclude<MessageItem, { type: "gap" }>, me: string): string {
  return item.type === "message" ? `${item.sender.id} ${item.clientMutationId}` : `${me} ${item.id}`;
}

/** The messages among the items. */
export const messagesOf = (items: readonly MessageItem[]): Message[] => items.filter((item) => item.type === "message");
