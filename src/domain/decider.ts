/**
 * An aggregate: what happened (events) folds into a state, and the state decides what a command makes happen. Both functions are
 * pure: ids and times come in with the command.
 */
export type Decider<State, Command, Event> = {
  initial: State;
  /** Folds a fact into the state. It never rejects one. */
  evolve(state: State, event: Event): State;
  /** What happens; `[]` if it is so already. Throws a `Refusal`, and nothing else. */
  decide(state: State, command: Command): Event[];
};

/** The compiler's proof that no case is missing. An event of a later version of the code is ignored. */
export function unreachable(_never: never): void {}
