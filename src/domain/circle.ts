import { checked } from "./checked.ts";
import type { Decider } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { circleConversationOf } from "./ids.ts";
import { Refusal } from "./refusal.ts";
import { inLine, nameText } from "./text.ts";

/** Undefined before the circle was put. */
export type State = EventData<"CirclePut"> | undefined;

export type Command = { type: "Put"; circleId: string; withConversation: boolean } & Pick<
  EventData<"CirclePut">,
  "kind" | "name" | "memberIds"
>;
export type Event = AnyEvent<"CirclePut">;

/**
 * What a business says of its people: a family, a company, a department. What is put replaces what was there, but a circle that
 * has a conversation keeps it.
 */
export const decider: Decider<State, Command, Event> = {
  initial: undefined,

  evolve: (_state, { data }) => data,

  decide(state, { circleId, kind, name, memberIds, withConversation }) {
    const conversationId = withConversation || state?.conversationId ? circleConversationOf(circleId) : null;
    const event = checked("CirclePut", {
      circleId,
      kind: inLine(nameText(kind, "kind")),
      name: nameText(name, "name"),
      memberIds: [...new Set(memberIds)],
      conversationId,
    });
    if (conversationId !== null && event.data.memberIds.length === 0)
      throw new Refusal("BAD_INPUT", "a circle with a conversation has at least one member", { field: "memberIds" });
    return JSON.stringify(event.data) === JSON.stringify(state) ? [] : [event];
  },
};
