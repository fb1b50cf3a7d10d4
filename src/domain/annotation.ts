import { messageText } from "./conversation.ts";
import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import { emojiOf } from "./emoji.ts";
import { type Event as AnyEvent, MAX_OWN_REACTIONS, MAX_PINS, MAX_REACTIONS } from "./events.ts";
import { counted, type Reaction } from "./reactions.ts";
import { Refusal } from "./refusal.ts";
import { emptyTrie, type Trie, trieDelete, trieGet, trieSet } from "./trie.ts";

/**
 * What became of a message; `text` if it was edited. `counts`: its reactions; `reactions`: each user's emoji. A message may have
 * thousands of them, so the rows of a fold keep each user's apart.
 */
export type State = {
  recalled: boolean;
  expired?: true;
  text?: string;
  pinned?: boolean;
  counts?: readonly Reaction[];
  reactions?: Trie<readonly string[]>;
};

/** The message that the command is about, as it was sent, and who asks. */
type Target = { conversationId: string; seq: number; senderId: string; by: string };

/** When the message was sent and when the command comes (ISO 8601), and for how many milliseconds its sender may; 0: for ever. */
type Timed = { sentAt: string; at: string; windowMs: number };

/** Whether it is too late for who sent the message. */
export const isLate = ({ sentAt, at, windowMs }: Timed): boolean =>
  windowMs > 0 && Date.parse(at) - Date.parse(sentAt) > windowMs;

export type Command =
  | ({ type: "Edit"; text: string; originalText: string | null } & Target & Timed)
  /** `byIsAdmin`: the caller is the owner or an administrator of the message's group. */
  | ({ type: "Recall"; byIsAdmin: boolean } & Target & Timed)
  /** By itself, once its time is over. */
  | { type: "Expire"; conversationId: string; seq: number }
  /** By itself, once what it held of uploaded files was looked at. */
  | { type: "ReleaseFiles"; conversationId: string; seq: number }
  | ({ type: "React"; emoji: string; on: boolean } & Target)
  /** `mayPin`: the caller has that right in the conversation, which has so many `pins` now. */
  | ({ type: "Pin"; on: boolean; mayPin: boolean; pins: number } & Target)
  /** A fact of an archive: nobody's rights are asked, since it has happened already. */
  | { type: "Restore"; event: Event };

export type Event = AnyEvent<
  | "MessageEdited"
  | "MessageRecalled"
  | "MessageExpired"
  | "ReactionAdded"
  | "ReactionRemoved"
  | "MessagePinned"
  | "MessageUnpinned"
  | "FilesReleased"
>;

/** What happens to one message after it was sent. */
export const decider: Decider<State, Command, Event> = {
  initial: { recalled: false },

  evolve(state, event) {
    switch (event.type) {
      case "MessageEdited":
        return { ...state, text: event.data.text };
      case "MessageRecalled":
        return { ...(state.expired && { expired: true }), recalled: true };
      case "MessageExpired":
        return { recalled: state.recalled, expired: true };
      case "ReactionAdded": {
        const { userId, emoji } = event.data;
        const reactions = trieSet(reactionsOf(state), userId, [...ownOf(state, userId), emoji]);
        return { ...state, counts: counted(state.counts ?? [], emoji, 1), reactions };
      }
      case "ReactionRemoved": {
        const { userId, emoji } = event.data;
        const left = ownOf(state, userId).filter((own) => own !== emoji);
        const before = reactionsOf(state);
        const reactions = left.length === 0 ? trieDelete(before, userId) : trieSet(before, userId, left);
        return { ...state, counts: counted(state.counts ?? [], emoji, -1), reactions };
      }
      case "MessagePinned":
        return { ...state, pinned: true };
      case "MessageUnpinned":
        return { ...state, pinned: false };
      case "FilesReleased":
        return state;
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    if (command.type === "Restore") return restored(state, command.event);
    const { conversationId, seq } = command;
    if (command.type === "Expire")
      return state.recalled || state.expired ? [] : [{ type: "MessageExpired", data: { conversationId, seq } }];
    if (command.type === "ReleaseFiles")
      return state.recalled || state.expired ? [{ type: "FilesReleased", data: { conversationId, seq } }] : [];
    const { senderId, by } = command;
    switch (command.type) {
      case "Edit": {
        if (by !== senderId) throw new Refusal("FORBIDDEN", "only the sender can edit a message", { field: "seq" });
        if (isLate(command)) throw tooLate("edited", command);
        requireContent(state);
        // An edit can add a caption, but cannot remove one: no event says so.
        const text = messageText(command.text);
        if (text === (state.text ?? command.originalText)) return [];
        return [{ type: "MessageEdited", data: { conversationId, seq, senderId, text } }];
      }
      case "Recall":
        if (by !== senderId && !command.byIsAdmin)
          throw new Refusal("FORBIDDEN", "only the sender, or an owner or administrator of the group, can recall a message", {
            field: "seq",
          });
        if (state.recalled) return [];
        if (!command.byIsAdmin && isLate(command)) throw tooLate("recalled", command);
        return [{ type: "MessageRecalled", data: { conversationId, seq, senderId } }];
      case "React":
        return react(state, command);
      case "Pin":
        return pin(state, command);
    }
  },
};

/** Of a message whose content is gone, nothing more is kept. The marks and limits of reactions are those of everyone. */
function restored(state: State, event: Event): Event[] {
  const isGone = state.recalled || state.expired === true;
  switch (event.type) {
    // An edit that leaves the text as it is is one too: of some messages it is known only that they were edited.
    case "MessageEdited":
      return isGone ? [] : [event];
    case "MessageRecalled":
      return state.recalled ? [] : [event];
    case "MessageExpired":
      return isGone ? [] : [event];
    case "ReactionAdded":
    case "ReactionRemoved": {
      const { userId: by, ...data } = event.data;
      return isGone ? [] : react(state, { type: "React", senderId: "", by, on: event.type === "ReactionAdded", ...data });
    }
    case "MessagePinned":
      return isGone || state.pinned === true ? [] : [event];
    case "MessageUnpinned":
      return state.pinned === true ? [event] : [];
    // No fact of an archive: this server has none of these files.
    case "FilesReleased":
      return [];
  }
}

const tooLate = (what: string, { windowMs }: Timed): Refusal =>
  new Refusal("FORBIDDEN", `a message can be ${what} for ${windowMs / 1_000} s after it was sent, by who sent it`, {
    field: "seq",
  });

/** Throws CONFLICT where nothing of a message is left. */
function requireContent({ recalled, expired }: Pick<State, "recalled" | "expired">): void {
  if (recalled) throw new Refusal("CONFLICT", "the message was recalled", { field: "seq" });
  if (expired) throw expiredAlready();
}

export const expiredAlready = () => new Refusal("CONFLICT", "the message has expired", { field: "seq" });

const reactionsOf = ({ reactions }: State): Trie<readonly string[]> => reactions ?? emptyTrie;
const ownOf = (state: State, userId: string): readonly string[] => trieGet(reactionsOf(state), userId) ?? [];

function react(state: State, { conversationId, seq, by: userId, on, ...given }: Extract<Command, { type: "React" }>): Event[] {
  const emoji = emojiOf(given.emoji);
  const own = ownOf(state, userId);
  const data = { conversationId, seq, userId, emoji };
  // With the message its reactions are gone.
  if (!on) return own.includes(emoji) && !state.recalled && !state.expired ? [{ type: "ReactionRemoved", data }] : [];
  requireContent(state);
  if (own.includes(emoji)) return [];
  if (own.length >= MAX_OWN_REACTIONS)
    throw new Refusal("LIMIT_EXCEEDED", `you can react to a message with ${MAX_OWN_REACTIONS} emoji: take one back first`, {
      field: "emoji",
    });
  const counts = state.counts ?? [];
  if (counts.length >= MAX_REACTIONS && !counts.some((reaction) => reaction.emoji === emoji))
    throw new Refusal("LIMIT_EXCEEDED", `a message has at most ${MAX_REACTIONS} different reactions: use one of them`, {
      field: "emoji",
    });
  return [{ type: "ReactionAdded", data }];
}

function pin(state: State, { conversationId, seq, by: userId, on, mayPin, pins }: Extract<Command, { type: "Pin" }>): Event[] {
  if (!mayPin)
    throw new Refusal("FORBIDDEN", "only the owner and administrators of a group, and the staff of a channel, pin its messages", {
      field: "conversationId",
    });
  const data = { conversationId, seq, userId };
  if (!on) return state.pinned === true ? [{ type: "MessageUnpinned", data }] : [];
  requireContent(state);
  if (state.pinned === true) return [];
  if (pins >= MAX_PINS)
    throw new Refusal("LIMIT_EXCEEDED", `a conversation has at most ${MAX_PINS} pinned messages: unpin one first`, {
      field: "seq",
    });
  return [{ type: "MessagePinned", data }];
}
