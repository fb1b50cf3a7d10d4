import type { Awaitable } from "./awaitable.ts";

/**
 * A place in the one log: opaque outside the adapter, `<log id>.<place>`. The text order of the positions of one log is log
 * order. Every event has its own.
 */
export type Position = string;

/** What goes with every event. `at` is the command's time (ISO 8601, UTC, milliseconds): the log's own time is never read. */
export type Metadata = {
  $correlationId: string;
  $causationId: string;
  actorId: string;
  deviceId?: string;
  at: string;
  /** The version of the event's shape, 1 at first: what an upcaster goes by. */
  schema: number;
  /** A fact that comes from an archive: it happened `at` this time, elsewhere, and nobody is told of it. */
  imported?: { at: string };
};

/** An event as it is appended. `id` is a UUID. `data` is plain JSON. */
export type NewEvent = { id: string; type: string; data: unknown; metadata: Metadata };

/** An event as it was recorded: `revision` counts from 0 within its stream. */
export type RecordedEvent = NewEvent & { stream: string; revision: number; position: Position };

/** An event that can be looked up again, to see whether what was folded up to it was folded from what the log holds now. */
export type Anchor = Pick<RecordedEvent, "position" | "stream" | "revision" | "id">;

/** What a stream must look like for an append to be done: the revision of its last event, -1 for an empty stream, or "any". */
export type ExpectedRevision = number | "any";

/**
 * The revision and position of the last event appended. `positions` has those of all of them, if the log says that this call
 * stored them. It is absent if the log found them there, or may have. `seen` has them if the log has shown, after this call
 * began, that exactly these events are there: stored by this call, or by another one at that moment with the same content.
 */
export type Appended = {
  revision: number;
  position: Position;
  positions?: readonly Position[];
  seen?: readonly Position[];
};

export type LogPage = {
  events: RecordedEvent[];
  /** Where the next page begins; equal to `after` where there was nothing. */
  next: Position;
  /** Whether this page reached the end of the log, as it was when it was read. */
  isTail: boolean;
  /** The events of other types than those asked for: how many, and the newest of them. Absent: there are none. */
  skipped?: { count: number; newest: Anchor };
};

/** What a log says of itself, for operators. */
export type LogStatus = {
  kind: "sqlite" | "eventstoredb";
  reachable: boolean;
  version?: string;
  /** `host:port` of the node that takes appends, where there are several. */
  leader?: string;
  /** A sentence: what is wrong, or how the nodes are. */
  detail?: string;
  /** On disk. */
  bytes?: number;
};

/** The log: the one place where facts are. Errors: `WrongExpectedRevision`, `Unavailable` (ports/faults.ts). */
export type EventStore = {
  /** Every position of this log begins with it. */
  readonly id: string;
  /** Before the first event. */
  readonly origin: Position;
  /**
   * Stores all of `events` or none. They are durable once it resolves. The very same call again (ids, explicit revision) returns
   * the first result and stores nothing, however late. `events` has at least one.
   */
  append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<Appended>;
  /**
   * At most `limit` events of a stream, from the revision `from` on (inclusive), which may be beyond either end. An empty array
   * if there are none.
   */
  read(stream: string, from: number, direction: "forwards" | "backwards", limit: number): Awaitable<RecordedEvent[]>;
  /**
   * The next at most `limit` events of the whole log after a position. `types`: events of other types count, and are checked, but
   * only these are returned. So a reader that needs few of them need not wait until all are parsed.
   */
  readAll(after: Position, limit: number, types?: ReadonlySet<string>): Awaitable<LogPage>;
  /** Resolves once the log holds an event after `after`, or `signal` is aborted. */
  changed(after: Position, signal: AbortSignal): Promise<void>;
  /**
   * The position of the newest event, or the origin if there is none: at least everything that was acknowledged before the call.
   */
  end(): Awaitable<Position>;
  /**
   * The id that the log has now. It differs from `id`, or is undefined, if something else was put in the log's place since it was
   * opened.
   */
  idNow(): Awaitable<string | undefined>;
  /** Asks the log how it is, now. Never rejects: a log that cannot be asked is not reachable, and `detail` says why. */
  status(): Promise<LogStatus>;
};

/** A page with the events of these types only, made from one with all of them. */
export function onlyOf(types: ReadonlySet<string> | undefined, page: LogPage): LogPage {
  if (types === undefined) return page;
  const events = page.events.filter(({ type }) => types.has(type));
  const newest = page.events.findLast(({ type }) => !types.has(type));
  if (!newest) return page;
  const { position, stream, revision, id } = newest;
  return { ...page, events, skipped: { count: page.events.length - events.length, newest: { position, stream, revision, id } } };
}

/** Whether a text has the shape of a position of any log. */
export const isPosition = (text: string): boolean => /^[a-z0-9]{8}\.[0-9a-z]{11,40}$/.test(text);

/** Whether a well-formed position belongs to the log of this id. */
export const isOfLog = (position: Position, logId: string): boolean => position.startsWith(`${logId}.`);

/** The later of two positions of one log, of which there may be only one. */
export const laterOf = (position: Position, other: Position | undefined): Position =>
  other !== undefined && other > position ? other : position;

/** How many digits of a position's place a number holds without loss. */
const DIGITS = 10;

/** About how much of a log is before a position: 0 to 1 of what is before another position of the same log. For display only. */
export function fractionOf(position: Position, of: Position): number {
  const [digits, most] = [position, of].map((each) => each.slice(each.indexOf(".") + 1).replace(/^0+(?=.)/, "")) as [
    string,
    string,
  ];
  const length = Math.max(digits.length, most.length);
  const [done, all] = [digits, most].map((each) => Number.parseInt(each.padStart(length, "0").slice(0, DIGITS), 36)) as [
    number,
    number,
  ];
  return all === 0 ? 1 : Math.min(1, done / all);
}
