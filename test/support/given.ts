import { expect } from "vitest";
import type { Decider } from "../../src/domain/decider.ts";
import { Refusal, type RefusalCode } from "../../src/domain/refusal.ts";

/** What a decider makes of a command after these events: `given(group, created).when({ type: "Leave", … }).then(left)`. */
export function given<State, Command, Event>(decider: Decider<State, Command, Event>, ...past: Event[]) {
  const state = past.reduce(decider.evolve, decider.initial);
  return {
    state,
    when(command: Command) {
      const decide = () => decider.decide(state, command);
      return {
        /** Exactly these events happen. */
        then: (...events: Event[]): void => expect(decide()).toStrictEqual(events),
        /** It is so already. */
        nothing: (): void => expect(decide()).toStrictEqual([]),
        refused: (code: RefusalCode, more: { field?: string; saying?: RegExp } = {}): void => refusedWith(decide, code, more),
      };
    },
  };
}

/** Expects a refusal of this code, and of this field and wording where they are given. */
export function refusedWith(
  work: () => unknown,
  code: RefusalCode,
  { field, saying }: { field?: string; saying?: RegExp } = {},
): void {
  let thrown: unknown;
  try {
    work();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(Refusal);
  const refusal = thrown as Refusal;
  expect(refusal.code).toBe(code);
  if (field !== undefined) expect(refusal.field).toBe(field);
  if (saying) expect(refusal.message).toMatch(saying);
}
