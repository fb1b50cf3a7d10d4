import type { Decider } from "../domain/decider.ts";
import type { Event as DomainEvent, EventType } from "../domain/events.ts";
import { parseEvent } from "../domain/recorded.ts";
import type { Position, RecordedEvent } from "../ports/eventStore.ts";

/** Where a stream holds the events of one command; they lie together. `position`: of the last one. */
export type Place = { first: number; last: number; position: Position };

/** A stream folded up to `revision` (-1: nothing yet). It is moved on in place, by one command at a time. */
export type StreamFold<State> = {
  readonly decider: unknown;
  state: State;
  revision: number;
  /** Of the event at `revision`. */
  position: Position | undefined;
  /** The commands that have been here, by the id of their first event. */
  readonly commands: Map<string, Place>;
  newest: { actorId: string; clientMutationId: string; place: Place } | undefined;
  /** About how many things are remembered: the events, and the items of the lists in them. */
  weight: number;
};

export const emptyFold = <State, Command, Event>(decider: Decider<State, Command, Event>): StreamFold<State> => ({
  decider,
  state: decider.initial,
  revision: -1,
  position: undefined,
  commands: new Map(),
  newest: undefined,
  weight: 1,
});

/** Takes the stream's next event in. One of a later version's type counts, but changes no state. Throws `Unreadable`, with nothing changed. */
export function foldIn<State, Command, Event extends DomainEvent>(
  fold: StreamFold<State>,
  decider: Decider<State, Command, Event>,
  event: RecordedEvent,
): void {
  const known = parseEvent(event);
  if (known && !isNothing(known)) fold.state = decider.evolve(fold.state, known as unknown as Event);
  fold.revision = event.revision;
  fold.position = event.position;
  fold.weight += weightOf(event.data);
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

/** Whether an event only says that a command was here. */
export const isNothing = ({ type }: { type: EventType }): boolean => type === "NothingChanged";

const weightOf = (data: unknown): number =>
  Object.values(data ?? {}).reduce((sum: number, member: unknown) => sum + (Array.isArray(member) ? member.length : 0), 1);
