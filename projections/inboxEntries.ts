import type { Stay } from "../src/domain/visibility.ts";
import type { Followed } from "../src/projecting/tail.ts";
import type { JoinRequestEntry } from "./joinNews.ts";

/*
 * What inboxes tell, as `inboxes` writes it and its read functions give it.
 */

/** What was done to a message. */
export type MessageChange = "EDITED" | "RECALLED" | "REACTED" | "PINNED" | "UNPINNED" | "EXPIRED";

export type MembershipChange = "JOINED" | "LEFT" | "REMOVED" | "ROLE_CHANGED" | "SILENCED" | "DISSOLVED";

/** What happened in a conversation, as a reference: never a copy of a message. `at`: the event's, ISO 8601. */
export type ConversationEntry = { at: string; conversation: string } & (
  | { kind: "received"; seq: number }
  /** `open`: the history was open then, so it may have been told to someone who has no stay with the message. */
  | { kind: "changed"; seq: number; change: MessageChange; open: boolean }
  | { kind: "membership"; user: string; actor: string; change: MembershipChange }
  | { kind: "conversation" }
  | { kind: "read"; seq: number }
);

/** What happened between two users, as a reference. */
export type PersonalEntry = { at: string } & (
  { kind: "request"; users: readonly [string, string]; number: number } | { kind: "friendship"; user: string }
);

/** What an inbox tells. Only what happens in a conversation has changes, and members to tell them to. */
export type Entry = ConversationEntry | PersonalEntry | JoinRequestEntry;

/** An entry that readers of the conversation may be told, and whether it was written to its members' inboxes. */
export type Change = ConversationEntry & { fanned: boolean };

export type Placed<T> = { position: string; entry: T };

/** `next`: where the next page begins (exclusive); the watermark if there are no more. */
export type EntryPage<T> = { entries: readonly Placed<T>[]; hasMore: boolean; next: string };

/** A wide conversation, with a user's newest stay in it. */
export type WideConversation = { conversation: string; stay: Stay };

/** A user's wide conversations in the rows when the watermark was at `at`. The list may know nothing of what came later. */
export type WideList = { at: string; conversations: readonly WideConversation[] };

/** What the tail has of a topic. */
export type TopicNews = Pick<Followed, "after">;

/**
 * What the tail has for a user: of themselves, and of each of their wide conversations, as they were when the watermark was at
 * `at`.
 */
export type RecentNews = { own: TopicNews; at: string; wide: readonly { stay: Stay; news: Followed }[] };
