import { checked } from "./checked.ts";
import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { circleConversationOf } from "./ids.ts";
import { Refusal } from "./refusal.ts";
import { inLine, nameText } from "./text.ts";

/** As it was put last, and whether its conversation is equal to that. Undefined before the circle was put. */
export type State = { put: EventData<"CirclePut">; isEqual: boolean } | undefined;

export type Command =
  | ({ type: "Put"; circleId: string; withConversation: boolean } & Pick<EventData<"CirclePut">, "kind" | "name" | "memberIds">)
  /** The conversation is equal to the circle as it is now. */
  | { type: "Equalised"; circleId: string };
export type Event = AnyEvent<"CirclePut" | "CircleEqualised">;

/**
 * What a business says of its people: a family, a company, a department. What is put replaces what was there, but a circle that
 * has a conversation keeps it.
 */
export const decider: Decider<State, Command, Event> = {
  initial: undefined,

  evolve(state, event) {
    switch (event.type) {
      case "CirclePut":
        return { put: event.data, isEqual: false };
      case "CircleEqualised":
        return state && { ...state, isEqual: true };
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    switch (command.type) {
      case "Put":
        return put(state, command);
      case "Equalised": {
        if (state === undefined || state.isEqual || state.put.conversationId === null) return [];
        return [{ type: "CircleEqualised", data: { circleId: command.circleId } }];
      }
    }
  },
};

function put(state: State, command: Extract<Command, { type: "Put" }>): Event[] {
  const { circleId, kind, name, memberIds, withConversation } = command;
  const conversationId = withConversation || state?.put.conversationId ? circleConversationOf(circleId) : null;
  const event = checked("CirclePut", {
    circleId,
    kind: inLine(nameText(kind, "kind")),
    name: nameText(name, "name"),
    memberIds: [...new Set(memberIds)],
    conversationId,
  });
  if (conversationId !== null && event.data.memberIds.length === 0)
    throw new Refusal("BAD_INPUT", "a circle with a conversation has at least one member", { field: "memberIds" });
  return JSON.stringify(event.data) === JSON.stringify(state?.put) ? [] : [event];
}
