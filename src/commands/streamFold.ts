import type { Decider } from "../domain/decider.ts";
import type { Event as DomainEvent, EventType } from "../domain/events.ts";
import { parseEvent } from "../domain/recorded.ts";
import { jsonBytes } from "../ports/byteCache.ts";
import type { Position, RecordedEvent } from "../ports/eventStore.ts";

/** The place of one command's events in a stream; they lie side by side. `position`: of the last event. */
export type Place = { first: number; last: number; position: Position };

/**
 * A stream folded up to `revision` (-1: nothing yet). One command at a time moves it on, in place. It remembers only the state
 * and the newest commands, however long the stream is.
 */
export type StreamFold<State> = {
  readonly decider: unknown;
  state: State;
  revision: number;
  /** The position of the event at `revision`. */
  position: Position | undefined;
  /**
   * The newest commands, oldest first, by the id of their first event. It holds all commands from the revision `commandsFrom` on.
   */
  readonly commands: Map<string, Place>;
  commandsFrom: number;
  newest: { actorId: string; clientMutationId: string; place: Place } | undefined;
};

export const emptyFold = <State, Command, Event>(decider: Decider<State, Command, Event>): StreamFold<State> => ({
  decider,
  state: decider.initial,
  revision: -1,
  position: undefined,
  commands: new Map(),
  commandsFrom: 0,
  newest: undefined,
});

/**
 * Takes in the stream's next event. An event of an unknown, later type counts, but changes no state. Throws `Unreadable`; nothing
 * is changed then.
 */
export function foldIn<State, Command, Event extends DomainEvent>(
  fold: StreamFold<State>,
  decider: Decider<State, Command, Event>,
  event: RecordedEvent,
): void {
  const known = parseEvent(event);
  if (known && !isNothing(known)) fold.state = decider.evolve(fold.state, known as unknown as Event);
  fold.revision = event.revision;
  fold.position = event.position;
  const { actorId, $causationId: clientMutationId } = event.metadata;
  if (fold.newest?.actorId === actorId && fold.newest.clientMutationId === clientMutationId) {
    fold.newest.place.last = event.revision;
    fold.newest.place.position = event.position;
    return;
  }
  const place = { first: event.revision, last: event.revision, position: event.position };
  fold.commands.set(event.id, place);
  fold.newest = { actorId, clientMutationId, place };
}

/** Whether an event says only that a command was handled. */
export const isNothing = ({ type }: { type: EventType }): boolean => type === "NothingChanged";

/** Continues from a state that was folded elsewhere. */
export function leap<State>(
  fold: StreamFold<State>,
  { state, revision, position }: { state: State; revision: number; position: Position },
): void {
  fold.state = state;
  fold.revision = revision;
  fold.position = position;
  fold.commands.clear();
  fold.commandsFrom = revision + 1;
  fold.newest = undefined;
}

/** Forgets the oldest commands. Keeps the newest `kept`. */
export function forgetCommands(fold: StreamFold<unknown>, kept: number): void {
  let excess = fold.commands.size - kept;
  for (const [id, { first }] of fold.commands) {
    fold.commandsFrom = first;
    if (excess-- <= 0) return;
    fold.commands.delete(id);
  }
}

/**
 * About how many bytes are taken by a fold (beside its state and its commands), by a command, and by an entry of a map in a
 * state.
 */
const FOLD_BYTES = 512;
const COMMAND_BYTES = 320;
const ITEM_BYTES = 160;

/** About how many bytes a fold takes in memory. */
export const bytesOf = ({ commands, state }: Pick<StreamFold<unknown>, "commands" | "state">): number =>
  FOLD_BYTES +
  commands.size * COMMAND_BYTES +
  Object.values(state ?? {}).reduce((sum: number, member: unknown) => sum + memberBytes(member), 0);

function memberBytes(member: unknown): number {
  const { size } = (typeof member === "object" && member !== null ? member : {}) as { size?: unknown };
  return typeof size === "number" ? size * ITEM_BYTES : jsonBytes(member);
}
