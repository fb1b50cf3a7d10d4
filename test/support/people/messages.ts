import {
  type Conversation,
  everyone,
  isGone,
  knows,
  leads,
  type Message,
  type Model,
  ok,
  type Outcome,
  pairOf,
  type Preferences,
  preferencesOf,
  roleOf,
  sees,
} from "./model.ts";

/** Whoever is not in a conversation is refused. */
function outside(conversation: Conversation, by: string): Outcome | undefined {
  if (conversation.members.has(by)) return undefined;
  return knows(conversation, by) ? "FORBIDDEN" : "NOT_FOUND";
}

/** Whoever may not write there is refused. */
export function mute(model: Model, conversation: Conversation, by: string): Outcome | undefined {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (conversation.kind === "DIRECT") return mayWriteTo(model, conversation, by) ? undefined : "FORBIDDEN";
  if (roleOf(conversation, by) === undefined) return "FORBIDDEN";
  return (conversation.silenced.get(by) ?? 0) > model.day ? "FORBIDDEN" : undefined;
}

/** So many of the newest messages are looked through for one that may be answered. */
const ANSWERED = 50;

function mayWriteTo(model: Model, direct: Conversation, by: string): boolean {
  const peer = [...direct.members.keys()].find((user) => user !== by) ?? by;
  const { blockedBy, friends } = pairOf(model, by, peer);
  if (blockedBy.size > 0) return false;
  if (model.settings.directMessages === "anyone" || friends) return true;
  const channels = [...model.conversations.values()].filter(({ kind }) => kind === "CHANNEL");
  const isOf = (user: string, staff: string): boolean =>
    channels.some((channel) => channel.members.has(user) && roleOf(channel, staff) !== undefined);
  // Those in a channel write to its staff, and get an answer.
  return isOf(by, peer) || (isOf(peer, by) && direct.messages.slice(-ANSWERED).some(({ sender }) => sender === peer));
}

const messageAt = (conversation: Conversation, by: string, seq: number): Message | undefined =>
  conversation.messages.find((message) => message.seq === seq && sees(conversation, by, message));

type Content = Pick<Message, "text"> & Partial<Pick<Message, "mentions" | "replyTo" | "forwardedFrom" | "expires" | "scheduled">>;

/** A message that is sent. One that had waited for its day says nothing of how far its sender has read. */
export function post(model: Model, conversation: Conversation, sender: string, content: Content): void {
  model.conversations.set(conversation.id, conversation);
  const seq = conversation.messages.length + 1;
  const audience = everyone(conversation);
  const usual = { mentions: [], replyTo: null, forwardedFrom: null, expires: null, scheduled: false };
  const message = { ...usual, ...content, seq, sender, audience, recalled: false, expired: false, reactions: new Map() };
  conversation.messages.push(message);
  if (!message.scheduled) conversation.marks.set(sender, seq);
  for (const preferences of conversation.preferences.values()) preferences.hidden = false;
  model.told.push({ to: audience, what: `received ${conversation.id}:${seq}` });
}

export function sendMessage(
  model: Model,
  conversation: Conversation,
  by: string,
  content: { text: string; replyTo: number | null; mentions: readonly string[]; expires: number | null },
): Outcome {
  const refused = mute(model, conversation, by);
  if (refused) return refused;
  if (content.replyTo !== null && !messageAt(conversation, by, content.replyTo)) return "NOT_FOUND";
  post(model, conversation, by, content);
  return ok;
}

/** Copies of messages, with the texts that they have now. */
export function forwardMessages(
  model: Model,
  by: string,
  from: Conversation,
  seqs: readonly number[],
  to: Conversation,
): Outcome {
  const refused = mute(model, to, by);
  if (refused) return refused;
  if (!knows(from, by)) return "NOT_FOUND";
  const originals: Message[] = [];
  for (const seq of seqs) {
    const message = messageAt(from, by, seq);
    if (!message) return "NOT_FOUND";
    // A copy would outlast one that expires.
    if (message.recalled || message.expires !== null) return "CONFLICT";
    originals.push(message);
  }
  for (const { text, seq } of originals) post(model, to, by, { text, forwardedFrom: { conversation: from.id, seq } });
  return ok;
}

/** Those who are told that a message is another now: members who may see it. */
function tellOfChange(model: Model, conversation: Conversation, message: Message, change: string): void {
  const to = new Set([...conversation.members.keys()].filter((user) => sees(conversation, user, message)));
  const about = { conversation: conversation.id, seq: message.seq };
  model.told.push({ to, what: `${change} ${conversation.id}:${message.seq}`, about });
}

/** Whether its day has come, whatever became of it before. */
const isOverdue = ({ day }: Model, { expires }: Message): boolean => expires !== null && expires <= day;

function empty(conversation: Conversation, message: Message): void {
  message.text = null;
  conversation.pins = conversation.pins.filter((pinned) => pinned !== message.seq);
}

export function expire(model: Model, conversation: Conversation, message: Message): void {
  message.expired = true;
  empty(conversation, message);
  tellOfChange(model, conversation, message, "EXPIRED");
}

/** Those that expire by now, and did not so far. Nothing is left of one that was recalled. */
export const overdueOf = (model: Model, { messages }: Conversation): Message[] =>
  messages.filter((message) => isOverdue(model, message) && !isGone(message));

export function editMessage(model: Model, conversation: Conversation, by: string, seq: number, text: string): Outcome {
  const refused = mute(model, conversation, by);
  if (refused) return refused;
  const message = messageAt(conversation, by, seq);
  if (!message) return "NOT_FOUND";
  if (isOverdue(model, message)) return "CONFLICT";
  if (message.sender !== by) return "FORBIDDEN";
  if (message.recalled) return "CONFLICT";
  if (message.text === text) return ok;
  message.text = text;
  tellOfChange(model, conversation, message, "EDITED");
  return ok;
}

export function recallMessage(model: Model, conversation: Conversation, by: string, seq: number): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  const message = messageAt(conversation, by, seq);
  if (!message) return "NOT_FOUND";
  if (message.sender !== by && (conversation.kind === "DIRECT" || !leads(conversation, by))) return "FORBIDDEN";
  if (message.recalled) return ok;
  message.recalled = true;
  empty(conversation, message);
  tellOfChange(model, conversation, message, "RECALLED");
  return ok;
}

export function react(
  model: Model,
  conversation: Conversation,
  by: string,
  { seq, emoji, on }: { seq: number; emoji: string; on: boolean },
): Outcome {
  const refused = on ? mute(model, conversation, by) : outside(conversation, by);
  if (refused) return refused;
  const message = messageAt(conversation, by, seq);
  if (!message) return "NOT_FOUND";
  if (isGone(message)) return on ? "CONFLICT" : ok;
  const users = message.reactions.get(emoji) ?? new Set();
  if (users.has(by) === on) return ok;
  if (on) message.reactions.set(emoji, users.add(by));
  else users.delete(by);
  if (users.size === 0) message.reactions.delete(emoji);
  tellOfChange(model, conversation, message, "REACTED");
  return ok;
}

export function markRead(model: Model, conversation: Conversation, by: string, seq: number): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  const mark = Math.min(seq, conversation.messages.length);
  if (mark <= (conversation.marks.get(by) ?? 0)) return ok;
  conversation.marks.set(by, mark);
  model.told.push({ to: new Set([by]), what: `read ${conversation.id} ${mark}` });
  return ok;
}

/** Both of a direct conversation, all of the staff of a channel, and who leads a group. */
const mayPin = (conversation: Conversation, by: string): boolean =>
  conversation.kind === "GROUP" ? leads(conversation, by) : roleOf(conversation, by) !== undefined;

export function pinMessage(
  model: Model,
  conversation: Conversation,
  by: string,
  { seq, on }: { seq: number; on: boolean },
): Outcome {
  const refused = on ? mute(model, conversation, by) : outside(conversation, by);
  if (refused) return refused;
  const message = messageAt(conversation, by, seq);
  if (!message) return "NOT_FOUND";
  if (on && isOverdue(model, message)) return "CONFLICT";
  if (!mayPin(conversation, by)) return "FORBIDDEN";
  if (on && message.recalled) return "CONFLICT";
  if (conversation.pins.includes(seq) === on) return ok;
  conversation.pins = conversation.pins.filter((pinned) => pinned !== seq);
  if (on) conversation.pins.unshift(seq);
  tellOfChange(model, conversation, message, on ? "PINNED" : "UNPINNED");
  return ok;
}

export type Wanted = Partial<Pick<Preferences, "muted" | "pinned" | "hidden" | "nickname">>;

export function setPreferences(model: Model, conversation: Conversation, by: string, wanted: Wanted): Outcome {
  const refused = outside(conversation, by);
  if (refused) return refused;
  const { muted, pinned, hidden, nickname } = wanted;
  if (nickname != null && conversation.kind !== "GROUP") return "BAD_INPUT";
  const before = preferencesOf(conversation, by);
  const isOther =
    (muted ?? before.muted) !== before.muted ||
    (pinned ?? before.pinned) !== before.pinned ||
    (nickname === undefined ? before.nickname : nickname) !== before.nickname ||
    // It may have come back since it was hidden.
    hidden === true ||
    (hidden === false && before.hides);
  if (!isOther) return ok;
  conversation.preferences.set(by, { ...before, ...wanted, hides: hidden ?? before.hides });
  model.told.push({ to: new Set([by]), what: `conversation ${conversation.id}` });
  return ok;
}
