import { checked } from "./checked.ts";
import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent, EventData } from "./events.ts";
import { isChannel, isGroup } from "./ids.ts";
import { Refusal } from "./refusal.ts";
import { nameText } from "./text.ts";

type Changes = Omit<EventData<"PreferencesChanged">, "userId" | "conversationId">;

/** How a user wants one conversation. `hidden`: as they said last; it may be shown again since. */
export type State = { muted: boolean; pinned: boolean; hidden: boolean; nickname: string | null };

/** What is absent stays as it was. */
export type Command = { type: "Set" } & EventData<"PreferencesChanged">;

export type Event = AnyEvent<"PreferencesChanged">;

const AS_IT_COMES: State = { muted: false, pinned: false, hidden: false, nickname: null };

/** Two people, and who speaks for a channel, go by their names. */
export const hasNicknames = (conversation: string): boolean => isGroup(conversation) && !isChannel(conversation);

/** What a user wants of a conversation for themselves: nobody else decides on it, and nothing depends on it but what is shown. */
export const decider: Decider<State, Command, Event> = {
  initial: AS_IT_COMES,

  evolve(state, event) {
    switch (event.type) {
      case "PreferencesChanged": {
        const { muted = state.muted, pinned = state.pinned, hidden = state.hidden, nickname = state.nickname } = event.data;
        return { muted, pinned, hidden, nickname };
      }
      default:
        unreachable(event.type);
        return state;
    }
  },

  decide(state, { userId, conversationId, muted, pinned, hidden, nickname }) {
    if (nickname != null && !hasNicknames(conversationId))
      throw new Refusal("BAD_INPUT", "nicknames are for groups: in other conversations members go by their names", {
        field: "nickname",
      });
    const changes: Changes = {
      ...(muted === undefined || muted === state.muted ? {} : { muted }),
      ...(pinned === undefined || pinned === state.pinned ? {} : { pinned }),
      // To hide again is new each time: a message may have come since, which showed it again.
      ...(hidden === undefined || (hidden === state.hidden && !hidden) ? {} : { hidden }),
      ...nicknameIn(state, nickname),
    };
    if (Object.keys(changes).length === 0) return [];
    return [checked("PreferencesChanged", { userId, conversationId, ...changes })];
  },
};

function nicknameIn(state: State, given: string | null | undefined): Changes {
  if (given === undefined) return {};
  const nickname = given === null ? null : nameText(given, "nickname");
  return nickname === state.nickname ? {} : { nickname };
}
