import type { FriendshipRow } from "../../../projections/friends.ts";
import type { PreferencesRow } from "../../../projections/preferences.ts";
import type { MembershipRow } from "../../../projections/relationRows.ts";
import type { MessageRow } from "../../../projections/timelines.ts";
import { isDirect } from "../../domain/ids.ts";
import type { PushRow } from "../../ports/pushOutbox.ts";
import { type Notice, PUSH_BYTES_MAX, type PushContent } from "../../ports/pushService.ts";
import type { Unread } from "../../../projections/readMarks.ts";

/** What a push is decided on: rows as they are when it leaves. */
export type PushFacts = {
  /** Undefined: the user is no member any more, or the conversation is not theirs. */
  membership: Pick<MembershipRow, "joinedSeq"> | undefined;
  preferences: Pick<PreferencesRow, "muted"> | undefined;
  unread: Unread;
  /** Messages that it may tell of. */
  messages: readonly MessageRow[];
  /** How the user stands with each sender. */
  friendships: ReadonlyMap<string, FriendshipRow | undefined>;
  names: ReadonlyMap<string, string>;
  /** What the group is called. */
  title: string | undefined;
  isOnline: boolean;
  /** The user is deactivated, or banned from the server. */
  isShutOut: boolean;
};

export type PushRules = { content: PushContent; maxAgeMs: number; graceMs: number };

export type PushDecision = { what: "drop" } | { what: "wait"; until: number } | { what: "push"; notice: Notice };

const DROP: PushDecision = { what: "drop" };

/** What kinds are shown as, in no language. */
const SIGNS: Readonly<Record<MessageRow["kind"], string>> = { TEXT: "💬", IMAGE: "📷", FILE: "📎", AUDIO: "🎤", VIDEO: "🎬" };

/** Whether a message names the user, or everyone. */
export const names = ({ mentions, mentionsAll }: Pick<MessageRow, "mentions" | "mentionsAll">, user: string): boolean =>
  mentionsAll || mentions.includes(user);

/**
 * What a device is told of a conversation, as everything is now. `now`: in milliseconds since 1970. Not told is what was read,
 * what is recalled, expired, old or the user's own, what somebody wrote whom the user has blocked, and in a muted conversation
 * what does not name them. Of what is left the newest is told.
 */
export function decidePush(row: PushRow, facts: PushFacts, rules: PushRules, now: number): PushDecision {
  const { membership, unread, friendships } = facts;
  if (membership === undefined || unread.unreadCount === 0 || facts.isShutOut) return DROP;
  const { user, conversation } = row;
  const above = Math.max(unread.readSeq, membership.joinedSeq, row.shown);
  const isMuted = facts.preferences?.muted === true;
  const told = facts.messages
    .filter(
      (message) =>
        message.seq > above &&
        message.senderId !== user &&
        message.recalledAt === null &&
        message.expired !== true &&
        (message.expiresAt === undefined || Date.parse(message.expiresAt) > now) &&
        Date.parse(message.sentAt) > now - rules.maxAgeMs &&
        friendships.get(message.senderId)?.blocks[user] === undefined &&
        (!isMuted || names(message, user)),
    )
    .sort((one, other) => other.seq - one.seq)[0];
  if (told === undefined) return DROP;
  const until = row.since + rules.graceMs;
  if (facts.isOnline && now < until) return { what: "wait", until };
  return { what: "push", notice: noticeOf(told, row, facts, rules.content, isDirect(conversation)) };
}

function noticeOf(
  message: MessageRow,
  { user, conversation }: PushRow,
  { friendships, names: called, title, unread: { unreadCount: unread } }: PushFacts,
  content: PushContent,
  isBetweenTwo: boolean,
): Notice {
  const mention = names(message, user);
  if (content === "none") return { title: SIGNS.TEXT, body: "", unread, mention };
  const sender = friendships.get(message.senderId)?.aliases[user] ?? called.get(message.senderId) ?? message.senderId;
  const place = { unread, mention, conversationId: conversation, seq: message.seq };
  const heading = isBetweenTwo ? sender : (title ?? sender);
  if (content === "sender")
    return { ...place, title: cut(heading, TITLE_BYTES), body: isBetweenTwo ? "" : cut(sender, TITLE_BYTES) };
  const text = textOf(message);
  return { ...place, title: cut(heading, TITLE_BYTES), body: cut(isBetweenTwo ? text : `${sender}: ${text}`, BODY_BYTES) };
}

/** The text, and what else there is as a sign. */
function textOf({ kind, text, attachments }: MessageRow): string {
  const file = attachments[0]?.name;
  const sign = kind === "TEXT" ? undefined : [SIGNS[kind], ...(text === null && file !== undefined ? [file] : [])].join(" ");
  return [...(sign === undefined ? [] : [sign]), ...(text === null ? [] : [text])].join(" ");
}

const TITLE_BYTES = 300;
const BODY_BYTES = PUSH_BYTES_MAX - 3 * TITLE_BYTES;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The bytes that a text takes within JSON, in UTF-8. */
const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2;

/** A text of so many bytes at most within JSON, cut between characters as people see them. */
export function cut(text: string, bytes: number): string {
  if (bytesOf(text) <= bytes) return text;
  let left = bytes - bytesOf("…");
  let kept = "";
  // A single character may be as long as somebody likes, but no text is looked at further than it can reach.
  for (const { segment } of graphemes.segment(text.slice(0, bytes))) {
    left -= bytesOf(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
}
