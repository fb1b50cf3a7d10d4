import { type EventData, type EventType, events } from "./events.ts";
import type { streams } from "./ids.ts";
import { SEALED } from "./personal.ts";
import { usualMessage } from "./usualMessage.ts";

/**
 * An event of the log, parsed: what folds and projections are given. `at`: the command's time, ISO 8601. `imported`: it comes
 * from an archive, `at` is when it happened there, and nobody is told of it.
 */
export type Recorded<T extends EventType = EventType> = {
  [K in T]: {
    type: K;
    data: EventData<K>;
    id: string;
    stream: string;
    revision: number;
    position: string;
    actorId: string;
    at: string;
    imported?: true;
  };
}[T];

type Stored = {
  id: string;
  stream: string;
  revision: number;
  position: string;
  type: string;
  data: unknown;
  metadata: { actorId: string; at: string; schema: number; imported?: { at: string } };
};

/**
 * What an older shape becomes, by `<type>@<schema>`: takes the data, and returns the data of the next schema. The schema counts
 * for all types together: a type that is not named has the same shape in both. Upcasters are pure, like everything that is
 * folded.
 */
export type Upcasters = Readonly<Record<string, (data: unknown) => unknown>>;

/** None yet: every event is of schema 1. */
const upcasters: Upcasters = {};

/** The newest shape of each type's data: what `metadata.schema` is written with. */
export const SCHEMA = 1;

/** A fact whose data this version of the code cannot read. It is parked, never skipped. */
export class Unreadable extends Error {
  override readonly name = "Unreadable";
}

type Shapes = Readonly<Record<string, { safeParse(data: unknown): { success: boolean; data?: unknown; error?: Error } }>>;
/** By type: the data as its shape would give it, found in less time. Undefined: the shape is to be asked. */
type Quick = Readonly<Record<string, (data: unknown) => unknown>>;
type Parsed = Omit<Stored, "metadata"> & { actorId: string; at: string; imported?: true };

/** What was not opened where the log is read. */
const isSealed = (data: unknown): boolean =>
  typeof data === "object" && data !== null && (data as Record<string, unknown>)[SEALED] !== undefined;

/**
 * Makes what brings a stored event to the newest shape and parses it: null for a type that `shapes` do not know (a later
 * version's, on which nothing here depends). It throws `Unreadable` for a known type whose data cannot be upcast or parsed.
 */
export function eventParser(
  shapes: Shapes,
  upcasters: Upcasters,
  newest: number,
  quick: Quick = {},
): (stored: Stored) => Parsed | null {
  const upcast = ({ type, position, data: stored, metadata: { schema } }: Stored): unknown => {
    let data = stored;
    try {
      for (let version = schema; version < newest; version++) data = upcasters[`${type}@${version}`]?.(data) ?? data;
    } catch (error) {
      throw new Unreadable(`${type} at ${position} is of schema ${schema}: ${String(error)}`, { cause: error });
    }
    return data;
  };
  return (stored) => {
    const { type, id, stream, revision, position, metadata } = stored;
    const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
    if (!shape) return null;
    // Its members that are not sealed may look like all of another event.
    if (isSealed(stored.data)) throw new Unreadable(`${type} at ${position} is sealed: its key is not there, or it was changed`);
    const upcasted = upcast(stored);
    let data = Object.hasOwn(quick, type) ? quick[type]?.(upcasted) : undefined;
    if (data === undefined) {
      const parsed = shape.safeParse(upcasted);
      if (!parsed.success) throw new Unreadable(`${type} at ${position}: ${parsed.error?.message}`);
      ({ data } = parsed);
    }
    const { actorId, at, imported } = metadata;
    if (imported !== undefined) return { type, data, id, stream, revision, position, actorId, at: imported.at, imported: true };
    return { type, data, id, stream, revision, position, actorId, at };
  };
}

/**
 * A stored event, brought to the newest shape and parsed: the one place where that is done. Whoever reads the log asks this:
 * folds of commands, the runner that follows the log, and every replay. So they cannot differ. Null for a type that this code
 * does not know. Throws `Unreadable` for a known type whose data does not parse.
 */
export const parseEvent = eventParser(events, upcasters, SCHEMA, { MessageSent: usualMessage }) as (
  stored: Stored,
) => Recorded | null;

/** The kinds of streams that this code knows. */
type StreamKind = keyof typeof streams;

/** The routing key of each kind of stream, from its name and what follows the kind. A new kind does not compile without one. */
const KEYS: { readonly [Kind in StreamKind]: (rest: string, stream: string) => string } = {
  settings: () => "*",
  user: (rest) => rest,
  friendship: (rest) => rest,
  group: (rest) => rest,
  subscription: (rest) => rest.slice(0, rest.indexOf("~")),
  conversation: (rest) => rest,
  annotation: (rest) => rest.slice(0, rest.lastIndexOf(":")),
  // No user's id has a colon, and no rule's name.
  report: (rest) => rest.slice(0, rest.lastIndexOf(":")),
  ban: (rest) => rest,
  reader: (rest) => rest.slice(rest.indexOf("~") + 1),
  schedule: (rest) => rest,
  uploads: (rest) => rest,
  pushtoken: (rest) => rest,
  preferences: (rest) => rest.slice(rest.indexOf("~") + 1),
  circle: (rest) => rest,
  handle: (_rest, stream) => stream,
  webhooks: (_rest, stream) => stream,
  key: (_rest, stream) => stream,
};

/** A stream of a kind that this code does not know: what its events belong to cannot be told. */
export class UnknownStream extends Error {
  override readonly name = "UnknownStream";
}

/**
 * What the events of a stream belong to: their conversation, else their user; a handle's is the handle, a setting's is all ("*").
 * What a projection reads and writes while it handles an event lies under this key, so that the work can be divided by it. It
 * follows from the stream's name alone, so that even an event that cannot be read has one. Throws `UnknownStream`: a key that is
 * made up would put what belongs together into two slices.
 */
export function routingKey(stream: string): string {
  const dash = stream.indexOf("-");
  const kind = dash < 0 ? stream : stream.slice(0, dash);
  if (!Object.hasOwn(KEYS, kind))
    throw new UnknownStream(`the stream ${stream} is of no known kind: ${Object.keys(KEYS).join(", ")}`);
  return KEYS[kind as StreamKind](stream.slice(dash + 1), stream);
}
