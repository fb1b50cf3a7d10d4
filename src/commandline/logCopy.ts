import { isDeepStrictEqual } from "node:util";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore, NewEvent, Position, RecordedEvent } from "../ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../ports/faults.ts";
import { backOff } from "../ports/backoff.ts";

/**
 * `comparing`: skips what the target already holds. `copying`: appends the rest. `verifying`: reads back what was appended.
 * Each run compares every event of the log once.
 */
export type CopyPhase = "comparing" | "copying" | "verifying";

export type CopyOptions = {
  /**
   * Called after every page or append, and at the start of each phase. `events`: how many events from the log's beginning the
   * phase has handled.
   */
  onProgress?: (phase: CopyPhase, events: number) => void;
  /** Called with the reason when a log cannot be used: once for each call, which is then retried. */
  onTrouble?: (why: string) => void;
  /** In milliseconds. How long to retry a log that is away. */
  patienceMs?: number;
  /** The members of data may be in another order in the copy: what is sealed comes after what is not. */
  anyOrder?: boolean;
};

export type Copied = { copied: number; thereAlready: number };

export type Source = Pick<EventStore, "origin" | "readAll">;
export type Target = Pick<EventStore, "origin" | "readAll" | "append">;

/** The target is not a copy of the source or of its beginning: it holds other events, or lacks some. */
export class LogsDiffer extends Error {
  override readonly name = "LogsDiffer";
}

const PATIENCE_MS = 5 * 60_000;
const PAGE = 500;
/** Limits of one append. EventStoreDB accepts 1 MiB. A single event may be larger than our limit. */
const APPEND_EVENTS = 256;
const APPEND_BYTES = 500_000;

const ELSEWHERE = "copy into an empty database, or give the copy an EVENTSTORE_PREFIX of its own";

/**
 * Copies a log into another one: every event in log order, with its id, revision, data and metadata. Then reads both side by
 * side. A second run skips what is already there. Events that the source gains meanwhile are copied too. Rejects with
 * `LogsDiffer` if the target is not a copy, and with an `Error` that says what to do if a log stays away.
 *
 * Only one append is in flight at a time, and the next one follows when it is acknowledged. Nothing else keeps the order of
 * the source, which projections rely on, through every failure. A log only checks the revision of the append's own stream. So
 * with two appends to different streams in flight, the second can be stored without the first, or before it. This happens
 * when the connection breaks between them and is made again, when a server that starts or becomes the leader refuses one and
 * accepts the next, and when one passes its deadline. With EventStoreDB's client it was seen on every new connection: the
 * client sends the first append after those that were called next. A broken order cannot be repaired, because nothing in a
 * log can be taken back.
 *
 * To save appends, adjacent events of one stream go together. An append with an unknown outcome is repeated unchanged until
 * its outcome is known.
 */
export async function copyLog(source: Source, target: Target, options: CopyOptions = {}): Promise<Copied> {
  const { onProgress = () => {}, onTrouble = () => {}, patienceMs = PATIENCE_MS, anyOrder = false } = options;
  const done = new AbortController();
  const patiently: Patiently = async (what, call) => {
    const began = performance.now();
    for (let attempt = 0; ; attempt++) {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof Unavailable) || done.signal.aborted) throw error;
        if (performance.now() - began >= patienceMs) throw gaveUp(what, patienceMs, error);
        if (attempt === 0) onTrouble(`${what} cannot be used now: ${error.message}`);
        await backOff(attempt, done.signal);
      }
    }
  };

  /** Compares the two logs after a place that both have reached. */
  const compare = async (from: Place, phase: CopyPhase): Promise<Place & { longer: "source" | "target" | undefined }> => {
    const ours = eventsOf(source, from.source, (call) => patiently("the log that is copied", call));
    const theirs = eventsOf(target, from.target, (call) => patiently("the target", call));
    let at = from;
    for (;;) {
      onProgress(phase, at.events);
      const [one, other] = await Promise.all([ours.waiting(), theirs.waiting()]);
      const both = Math.min(one.length, other.length);
      if (both === 0) return { ...at, longer: one[0] ? "source" : other[0] ? "target" : undefined };
      for (let index = 0; index < both; index++) {
        const [mine, their] = [one[index] as RecordedEvent, other[index] as RecordedEvent];
        const fault = differenceOf(mine, their, anyOrder);
        if (fault !== undefined) throw otherEvent(phase, at.events + index + 1, fault, mine, their);
      }
      ours.take(both);
      theirs.take(both);
      const [mine, their] = [one[both - 1] as RecordedEvent, other[both - 1] as RecordedEvent];
      at = { events: at.events + both, source: mine.position, target: their.position };
    }
  };

  /** Appends all of the source after a place. Returns how many events the target then has. */
  const append = async ({ source: after, events }: Place): Promise<number> => {
    let there = events;
    onProgress("copying", there);
    const reading = eventsOf(source, after, (call) => patiently("the log that is copied", call));
    for await (const run of runsOf(reading)) {
      await patiently("the target", () => appendRun(target, run));
      there += run.events.length;
      onProgress("copying", there);
    }
    return there;
  };

  try {
    let met = await compare({ events: 0, source: source.origin, target: target.origin }, "comparing");
    const thereAlready = met.events;
    if (met.longer === "target") throw holdsMore(thereAlready);
    while (met.longer === "source") {
      const there = await append(met);
      met = await compare(met, "verifying");
      if (met.events < there) throw isMissing(met.events + 1);
      if (met.longer === "target") throw holdsMore(met.events);
    }
    return { copied: met.events - thereAlready, thereAlready };
  } finally {
    done.abort();
  }
}

/** A place that both logs have reached, and the number of events before it. */
type Place = { events: number; source: Position; target: Position };

type Patiently = <T>(what: string, call: () => Awaitable<T>) => Promise<T>;

type Reading = {
  /** The next events. Empty at the log's end, as it was at the time of reading. */
  waiting(): Promise<RecordedEvent[]>;
  take(count: number): void;
};

/** Reads a log from a position to its end, one page ahead of the consumer. */
function eventsOf(log: Source, after: Position, patiently: (call: () => Awaitable<Page>) => Promise<Page>): Reading {
  const read = (at: Position): Promise<Page> => {
    const page = patiently(() => log.readAll(at, PAGE));
    // If nobody awaits this page any more, nobody needs to handle its failure.
    page.catch(() => {});
    return page;
  };
  let ahead: Promise<Page> | undefined = read(after);
  let events: RecordedEvent[] = [];
  return {
    async waiting() {
      while (events.length === 0 && ahead) {
        const page = await ahead;
        events = page.events;
        ahead = page.isTail ? undefined : read(page.next);
      }
      return events;
    },
    take: (count) => void (events = events.slice(count)),
  };
}

type Page = Awaited<ReturnType<EventStore["readAll"]>>;

type Run = { stream: string; expected: number; events: NewEvent[] };

/** Adjacent events of one stream, as many as fit into one append. */
async function* runsOf(reading: Reading): AsyncGenerator<Run> {
  let run: Run | undefined;
  let bytes = 0;
  const isFull = (size: number): boolean => run?.events.length === APPEND_EVENTS || bytes + size > APPEND_BYTES;
  // Appends without an expected revision can have stored an event twice. A server accepts an id only once in an append.
  const isThere = (id: string): boolean => run?.events.some((event) => event.id === id) === true;
  for (let page = await reading.waiting(); page.length > 0; page = await reading.waiting()) {
    for (const { stream, revision, id, type, data, metadata } of page) {
      const event = { id, type, data, metadata };
      const size = Buffer.byteLength(JSON.stringify(event));
      if (run && (run.stream !== stream || isFull(size) || isThere(id))) {
        yield run;
        run = undefined;
      }
      if (!run) {
        run = { stream, expected: revision - 1, events: [] };
        bytes = 0;
      }
      run.events.push(event);
      bytes += size;
    }
    reading.take(page.length);
  }
  if (run) yield run;
}

async function appendRun(target: Target, { stream, expected, events }: Run): Promise<void> {
  try {
    await target.append(stream, events, expected);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    if (error instanceof WrongExpectedRevision)
      throw new LogsDiffer(`the target has other events in the stream ${stream} (${error.message}): ${ELSEWHERE}`, {
        cause: error,
      });
    const [first] = events;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${events.length} events of the stream ${stream}, from ${first?.id} on, cannot be stored: ${why}`, {
      cause: error,
    });
  }
}

/** The first property in which two events differ. Positions are not compared, since each log has its own. */
function differenceOf(one: RecordedEvent, other: RecordedEvent, anyOrder: boolean): string | undefined {
  if (one.id !== other.id) return "id";
  if (one.stream !== other.stream) return "stream";
  if (one.revision !== other.revision) return "revision";
  if (one.type !== other.type) return "type";
  const isSame = JSON.stringify(one.data) === JSON.stringify(other.data) || (anyOrder && isDeepStrictEqual(one.data, other.data));
  if (!isSame) return "data";
  if (JSON.stringify(one.metadata) !== JSON.stringify(other.metadata)) return "metadata";
  return undefined;
}

const inWords = ({ id, type, stream, revision, position }: RecordedEvent): string =>
  `${type} ${id} (revision ${revision} of ${stream}, position ${position})`;

function otherEvent(phase: CopyPhase, number: number, fault: string, mine: RecordedEvent, their: RecordedEvent): LogsDiffer {
  const what = phase === "comparing" ? "the target has other events than the log" : "the copy is not equal to the log";
  return new LogsDiffer(
    `${what}: event ${number} differs in its ${fault}. It is ${inWords(mine)}; there it is ${inWords(their)}: ${ELSEWHERE}`,
  );
}

const holdsMore = (events: number): LogsDiffer =>
  new LogsDiffer(
    `the target has all ${events} events of the log and more: a server has written there since, or another log was there before. ` +
      `If it is not the copy that a server runs on already, ${ELSEWHERE}`,
  );

const isMissing = (number: number): LogsDiffer =>
  new LogsDiffer(
    `the copy is not equal to the log: it ends before event ${number}, which it acknowledged. Run this again once the server is sound`,
  );

const gaveUp = (what: string, patienceMs: number, error: Unavailable): Error =>
  new Error(
    `${what} could not be used for ${Math.round(patienceMs / 1_000)} s (${error.message}). ` +
      "What is copied stays: run this again once the server is back, and it continues from there",
    { cause: error },
  );
