import {
  type Conversation,
  knows,
  type Message,
  type Model,
  ok,
  type Outcome,
  pairOf,
  type Preferences,
  preferencesOf,
  sees,
} from "./model.ts";

const everyone = (conversation: Conversation): Set<string> => new Set(conversation.members.keys());

/** Whoever is no member is refused. */
function outside(conversation: Conversation, by: string): Outcome | undefined {
  if (conversation.members.has(by)) return undefined;
  return knows(conversation, by) ? "FORBIDDEN" : "NOT_FOUND";
}

/** Whoever may not write there is refused. */
function mute(model: Model, conversation: Conversation, by: string): Outcome | undefined {
  const refused = outside(conversation, by);
  if (refused) return refused;
  if (!conversation.direct) return conversation.silenced.has(by) ? "FORBIDDEN" : undefined;
  const [one = "", other = ""] = conversation.members.keys();
  return pairOf(model, one, other).blockedBy.size > 0 ? "FORBIDDEN" : undefined;
}

const messageAt = (conversation: Conversation, by: string, seq: number): Message | undefined =>
  conversation.messages.find((message) => message.seq === seq && sees(conversation, by, message));

export function sendMessage(
  model: Model,
  conversation: Conversation,
  by: string,
  { text, replyTo, mentions }: { text: string; replyTo: number | null; mentions: readonly string[] },
): Outcome {
  const refused = mute(model, conversation, by);
  if (refused) return refused;
  if (replyTo !== null && !messageAt(conversation, by, replyTo)) return "NOT_FOUND";
  model.conversations.set(conversation.id, conversation);
  const seq = conversation.messages.length + 1;
  const audience = everyone(conversation);
  conversation.messages.push({ seq, sender: by, text, recalled: false, mentions, replyTo, audience, reactions: new Map() });
  conversation.marks.set(by, seq);
  for (const preferences of conversation.preferences.values()) preferences.hidden = false;
  model.told.push({ to: audience, what: `received ${conversation.id}:${seq}` });
  return ok;
}

/** Those who are told that a message is another now: members who may see it. */
function tellOfChange(model: Model, conversation: Conversation, message: Message, change: string): void {
  const to = new Set([...conversation.members.keys()].filter((user) => sees(conversation, user, message)));
  const about = { conversation: conversation.id, seq: message.seq };
  model.told.push({ to, what: `${change} ${conversation.id}:${message.seq}`, about });
}

export function editMessage(model: Model, conversation: Conversation, by: string, seq: number, text: string): Outcome {
  const refused = mute(model, conversation, by);
  if (refused) return refused;
  const message = messageAt(conversation, by, seq);
  if (!message) return "NOT_FOUND";
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
  if (message.sender !== by && (conversation.direct || conversation.members.get(by)?.role === "MEMBER")) return "FORBIDDEN";
  if (message.recalled) return ok;
  message.recalled = true;
  message.text = null;
  conversation.pins = conversation.pins.filter((pinned) => pinned !== seq);
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
  if (message.recalled) return on ? "CONFLICT" : ok;
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
  if (!conversation.direct && conversation.members.get(by)?.role === "MEMBER") return "FORBIDDEN";
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
  if (nickname != null && conversation.direct) return "BAD_INPUT";
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
