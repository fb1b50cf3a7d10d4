import type { Open } from "../../src/ports/awaitable.ts";
import type { Appended, EventStore, ExpectedRevision, NewEvent, Position, RecordedEvent } from "../../src/ports/eventStore.ts";
import { isOfLog, isPosition, onlyOf } from "../../src/ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../../src/ports/faults.ts";
import { frozen } from "./frozen.ts";

/**
 * What goes wrong with an append: it meets a conflict although nobody was faster, it stores nothing, or it leaves unknown whether
 * it stored the events, which it did ("unknown, stored") or did not ("unknown, lost").
 */
export type AppendFault = "conflict" | "nothing" | "unknown, stored" | "unknown, lost";

export type MemoryLog = Open<EventStore> & {
  /** What goes wrong with the next appends, one each. */
  failAppends(...faults: AppendFault[]): void;
  /** So many of the next stream reads find the log away, after so many that do not. */
  failReads(times: number, after?: number): void;
  /** Runs once, as the next append arrives: someone who is faster. */
  beforeAppend(work: () => Promise<unknown>): void;
  /** Every stream read and append that was asked for, in order. */
  readonly calls: (
    { op: "read"; stream: string; from: number } | { op: "append"; stream: string; ids: string[]; expected: ExpectedRevision }
  )[];
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A log in memory, as the port describes it, whose faults are made to measure. `alone`: one that a single process writes to,
 * which tells each event's position with an append.
 */
export function memoryLog(id = "memory00", { alone = false } = {}): MemoryLog {
  const all: RecordedEvent[] = [];
  const streams = new Map<string, RecordedEvent[]>();
  const waiting = new Set<() => void>();
  const calls: MemoryLog["calls"] = [];
  const faults: AppendFault[] = [];
  let failingReads = { times: 0, after: 0 };
  let first: (() => Promise<unknown>) | undefined;

  const positionOf = (place: number): Position => `${id}.${place.toString(36).padStart(11, "0")}`;
  const placeOf = (position: Position): number => {
    if (!isPosition(position) || !isOfLog(position, id)) throw new RangeError(`${position} is no position of this log`);
    return Number.parseInt(position.slice(id.length + 1), 36);
  };
  const store = (stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Appended => {
    const kept = streams.get(stream) ?? [];
    const head = kept.length - 1;
    const end = kept.length;
    const from = expected === "any" ? firstOf(kept, events) : expected + 1;
    const there = kept.slice(from, from + events.length);
    const repeated = there.length === events.length && there.every((event, index) => event.id === events[index]?.id);
    if (!repeated && expected !== "any" && expected !== head) throw new WrongExpectedRevision(stream, expected, head);
    const recorded = repeated ? there : events.map((event, index) => record(stream, end + index, event));
    if (!repeated) {
      kept.push(...recorded);
      streams.set(stream, kept);
      for (const wake of [...waiting]) wake();
    }
    const last = recorded[recorded.length - 1];
    const appended = { revision: last?.revision ?? head, position: last?.position ?? positionOf(all.length) };
    return alone ? { ...appended, positions: recorded.map(({ position }) => position) } : appended;
  };

  /** Every reader is given the same event, and finds out if it changes it. */
  const record = (stream: string, revision: number, { id: eventId, type, data, metadata }: NewEvent): RecordedEvent => {
    const event = frozen({ id: eventId, type, data, metadata, stream, revision, position: positionOf(all.length + 1) });
    all.push(event);
    return event;
  };

  return {
    id,
    origin: positionOf(0),
    calls,
    failAppends: (...more) => void faults.push(...more),
    failReads: (times, after = 0) => void (failingReads = { times, after }),
    beforeAppend: (work) => void (first = work),

    async append(stream, given, expected) {
      // As it is now: the caller may change it before it is stored.
      const events = JSON.parse(JSON.stringify(given)) as NewEvent[];
      if (events.length === 0) throw new TypeError("an append has at least one event");
      const malformed = events.find((event) => !UUID.test(event.id));
      if (malformed) throw new TypeError(`${malformed.id} is no UUID`);
      const work = first;
      first = undefined;
      await work?.();
      calls.push({ op: "append", stream, ids: events.map((event) => event.id), expected });
      const fault = faults.shift();
      if (fault === "conflict") throw new WrongExpectedRevision(stream, Number(expected), (streams.get(stream)?.length ?? 0) - 1);
      if (fault === "nothing") throw new Unavailable("the log is away");
      if (fault === "unknown, lost") throw new Unavailable("the log does not answer", "unknown");
      const appended = store(stream, events, expected);
      if (fault === "unknown, stored") throw new Unavailable("the log does not answer", "unknown");
      return appended;
    },

    async read(stream, from, direction, limit) {
      calls.push({ op: "read", stream, from });
      if (failingReads.after > 0) failingReads.after--;
      else if (failingReads.times > 0) {
        failingReads.times--;
        throw new Unavailable("the log is away");
      }
      const kept = streams.get(stream) ?? [];
      const page =
        direction === "forwards"
          ? kept.slice(Math.max(0, from)).slice(0, limit)
          : kept
              .slice(0, Math.max(0, from + 1))
              .reverse()
              .slice(0, limit);
      return page;
    },

    readAll(after, limit, types) {
      const place = placeOf(after);
      const events = all.slice(place, place + limit);
      const next = events.at(-1)?.position ?? after;
      return onlyOf(types, { events, next, isTail: place + events.length >= all.length });
    },

    changed(after, signal) {
      const place = placeOf(after);
      return new Promise((resolve) => {
        const look = () => {
          if (all.length <= place && !signal.aborted) return;
          waiting.delete(look);
          signal.removeEventListener("abort", look);
          resolve();
        };
        waiting.add(look);
        signal.addEventListener("abort", look);
        look();
      });
    },

    end: () => positionOf(all.length),
    idNow: () => id,
    status: async () => ({ kind: "sqlite", reachable: true }),
    close: async () => {
      for (const wake of [...waiting]) wake();
    },
  };
}

/** Where a stream holds these very events; beyond its end where it does not. */
function firstOf(kept: readonly RecordedEvent[], events: readonly NewEvent[]): number {
  const first = events[0]?.id;
  const at = kept.findIndex(({ id }) => id === first);
  return at < 0 ? kept.length : at;
}
