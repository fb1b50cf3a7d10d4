import type { Decider } from "./decider.ts";
import { unreachable } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { isLonger } from "./text.ts";

const MAX_HANDLE = 64;
const RULE = "a handle is 1 to 64 letters, digits, dots, underscores and hyphens, and begins with a letter or digit";

/**
 * The one form of a handle, however it was typed: NFKC, trimmed, without a leading `@`, in lower case. Letters, marks and numbers of
 * every script, but none that shows nothing: two handles that look the same by that would be two. Else `Refusal` BAD_INPUT.
 */
export function normaliseHandle(text: string): string {
  const bare = text.normalize("NFKC").trim().replace(/^@/, "");
  // Lower case can come apart again (İ): once more, so that the form of a form is itself.
  const handle = bare.toLowerCase().normalize("NFKC");
  const allowed = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u.test(handle) && !/\p{Default_Ignorable_Code_Point}/u.test(handle);
  if (!allowed || isLonger(handle, MAX_HANDLE)) throw new Refusal("BAD_INPUT", RULE, { field: "handle" });
  return handle;
}

/** Who holds the handle. */
export type State = { userId: string | undefined };
export type Command = { type: "Claim"; handle: string; userId: string } | { type: "Release"; handle: string; userId: string };
export type Event = AnyEvent<"HandleClaimed" | "HandleReleased">;

/** A handle is held by one user at a time, and free again once released. */
export const decider: Decider<State, Command, Event> = {
  initial: { userId: undefined },

  evolve(state, event) {
    switch (event.type) {
      case "HandleClaimed":
        return { userId: event.data.userId };
      case "HandleReleased":
        return { userId: undefined };
      default:
        unreachable(event);
        return state;
    }
  },

  decide(state, command) {
    const handle = normaliseHandle(command.handle);
    const { userId } = command;
    switch (command.type) {
      case "Claim":
        if (state.userId === userId) return [];
        if (state.userId !== undefined) throw new Refusal("CONFLICT", `the handle "${handle}" is taken`, { field: "handle" });
        return [{ type: "HandleClaimed", data: { handle, userId } }];
      case "Release":
        return state.userId === userId ? [{ type: "HandleReleased", data: { handle, userId } }] : [];
    }
  },
};
