import unhomoglyph from "unhomoglyph";
import type { Decider } from "./decider.ts";
import { type Event, folding, normaliseHandle, type State } from "./handleForm.ts";
import { Refusal } from "./refusal.ts";

const ASCII = /^\p{ASCII}*$/u;

/**
 * What a handle in its normal form looks like. Two users never hold handles with the same look. The look is the skeleton of
 * Unicode's UTS 39, of the release that `unhomoglyph` is pinned to, because looks name streams. Here all forms of a sigma are
 * one, a dot over an `i` is not a second dot, and a repeated mark counts once. Handles with only ASCII characters look like
 * themselves: `user1` and `userl` have always been two.
 */
export function lookOf(handle: string): string {
  if (ASCII.test(handle)) return handle;
  const alike = [...handle.replaceAll("ς", "σ").normalize("NFD")].map((character) => {
    if (ASCII.test(character)) return character;
    const look = unhomoglyph(character);
    // The table says that `m` itself looks like `rn`.
    return look === "rn" ? "m" : look;
  });
  return alike
    .join("")
    .toLowerCase()
    .normalize("NFD")
    .replace(/(?<=\p{Soft_Dotted}\p{M}*)\u0307/gu, "")
    .replace(/(\p{M})\1+/gu, "$1")
    .normalize("NFC");
}

/** Names for the server itself, and for everyone in a group: no user may have them. */
const RESERVED: ReadonlySet<string> = new Set(["all", "everyone", "here", "admin", "system"]);

export type Command = { type: "Claim"; handle: string; userId: string } | { type: "Release"; handle: string; userId: string };

/** A handle, or a look, is held by one user at a time, and free again once released. */
export const decider: Decider<State, Command, Event> = {
  ...folding,

  decide(state, command) {
    const handle = normaliseHandle(command.handle);
    const { userId } = command;
    switch (command.type) {
      case "Claim":
        if (state.userId === userId && state.handle === handle) return [];
        if (RESERVED.has(lookOf(handle)))
          throw new Refusal("BAD_INPUT", `the handle "${handle}" is reserved: choose another`, { field: "handle" });
        // A user who holds it for a handle that looks the same may take this one.
        if (state.userId !== undefined && state.userId !== userId)
          throw new Refusal("CONFLICT", `the handle "${handle}" is taken, or looks like one that is taken`, { field: "handle" });
        return [{ type: "HandleClaimed", data: { handle, userId } }];
      case "Release":
        return state.userId === userId ? [{ type: "HandleReleased", data: { handle, userId } }] : [];
    }
  },
};
