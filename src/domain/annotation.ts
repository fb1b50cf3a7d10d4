import { messageText } from "./conversation.ts";
import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";
import { Refusal } from "./refusal.ts";

/** What became of a message; `text` if it was edited. */
export type State = { recalled: boolean; text?: string };

/** The message that the command is about, as it was sent, and who asks. */
type Target = { conversationId: string; seq: number; senderId: string; by: string };

export type Command =
  | ({ type: "Edit"; text: string; originalText: string | null } & Target)
  /** `byIsAdmin`: the caller is the owner or an administrator of the message's group. */
  | ({ type: "Recall"; byIsAdmin: boolean } & Target);

export type Event = AnyEvent<"MessageEdited" | "MessageRecalled">;

/** What happens to one message after it was sent. */
export const decider: Decider<State, Command, Event> = {
  initial: { recalled: false },

  evolve(state, event) {
    switch (event.type) {
      case "MessageEdited":
        return { ...state, text: event.data.text };
      case "MessageRecalled":
        return { recalled: true };
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    const { conversationId, seq, senderId, by } = command;
    switch (command.type) {
      case "Edit": {
        if (by !== senderId) throw new Refusal("FORBIDDEN", "only the sender can edit a message");
        if (state.recalled) throw new Refusal("CONFLICT", "the message was recalled");
        // An edit can add a caption, but cannot remove one: no event says so.
        const text = messageText(command.text);
        if (text === (state.text ?? command.originalText)) return [];
        return [{ type: "MessageEdited", data: { conversationId, seq, senderId, text } }];
      }
      case "Recall":
        if (by !== senderId && !command.byIsAdmin)
          throw new Refusal("FORBIDDEN", "only the sender, or an owner or administrator of the group, can recall a message");
        return state.recalled ? [] : [{ type: "MessageRecalled", data: { conversationId, seq, senderId } }];
    }
  },
};
