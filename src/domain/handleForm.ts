import { type Decider, unreachable } from "./decider.ts";
import type { Event as AnyEvent } from "./events.ts";
import { Refusal } from "./refusal.ts";
import { isLonger } from "./text.ts";

const MAX_HANDLE = 64;
const RULE = "a handle is 1 to 64 letters, digits, dots, underscores and hyphens, and begins with a letter or digit";

/**
 * The one form of a handle, however it was typed: NFKC, trimmed, without a leading `@`, in lower case. It may have letters, marks
 * and numbers of every script, but no characters that show nothing: otherwise two handles that look the same could be different.
 * Else `Refusal` BAD_INPUT.
 */
export function normaliseHandle(text: string): string {
  const bare = text.normalize("NFKC").trim().replace(/^@/, "");
  // Lower case can fall apart again (İ). So it is done once more: the form of a form is itself.
  const handle = bare.toLowerCase().normalize("NFKC");
  const allowed = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u.test(handle) && !/\p{Default_Ignorable_Code_Point}/u.test(handle);
  if (!allowed || isLonger(handle, MAX_HANDLE)) throw new Refusal("BAD_INPUT", RULE, { field: "handle" });
  return handle;
}

/** Who holds the handle, or the look, and for which handle. */
export type State = { userId: string | undefined; handle?: string };
export type Event = AnyEvent<"HandleClaimed" | "HandleReleased">;

/** What `decider` in `handle.ts` folds: beside it, that file loads a table of characters, which takes a megabyte. */
export const folding: Pick<Decider<State, never, Event>, "initial" | "evolve"> = {
  initial: { userId: undefined },

  evolve(state, event) {
    switch (event.type) {
      case "HandleClaimed":
        return { userId: event.data.userId, handle: event.data.handle };
      case "HandleReleased":
        return { userId: undefined };
      default:
        unreachable(event);
        return state;
    }
  },
};
