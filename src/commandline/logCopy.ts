import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore, NewEvent, Position, RecordedEvent } from "../ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../ports/faults.ts";
import { backOff } from "../ports/backoff.ts";

/**
 * `comparing`: what the target holds already is passed over; `copying`: the rest is appended; `verifying`: what was appended is read back.
 * Every event of the log is compared once in each run.
 */
export type CopyPhase = "comparing" | "copying" | "verifying";

export type CopyOptions = {
  /** Told after every page or append, and where a phase begins: events from the log's beginning that the phase has dealt with. */
  onProgress?: (phase: CopyPhase, events: number) => void;
  /** Told when one of the logs cannot be used, once for each call that then is made again until it can: why. */
  onTrouble?: (why: string) => void;
  /** How long a log that is away is asked again: milliseconds. */
  patienceMs?: number;
};

export type Copied = { copied: number; thereAlready: number };

export type Source = Pick<EventStore, "origin" | "readAll">;
export type Target = Pick<EventStore, "origin" | "readAll" | "append">;

/** The target is no copy of the source, or of its beginning: it holds other events, or lacks some. */
export class LogsDiffer extends Error {
  override readonly name = "LogsDiffer";
}

const PATIENCE_MS = 5 * 60_000;
const PAGE = 500;
/** Bounds of one append: EventStoreDB takes 1 MiB. One event may be larger than that by itself. */
const APPEND_EVENTS = 256;
const APPEND_BYTES = 500_000;

const ELSEWHERE = "copy into an empty database, or give the copy an EVENTSTORE_PREFIX of its own";

/**
 * Copies a log into another one: every event in log order, with its id, revision, data and metadata; then reads both side by side. Run
 * again it passes over what is there. What the source gains meanwhile is copied too. Rejects with `LogsDiffer` where the target is no copy, with
 * an `Error` that says what to do where a log stays away.
 *
 * One append is in flight at a time, and the next one is made when it is acknowledged: that alone keeps the order of the source, which
 * projections rely on, whatever fails. The only condition that a log checks is the revision of the append's own stream. So of two appends to
 * different streams that are both under way the second can be stored without the first, or before it: where the connection breaks between
 * them and is made anew; where a server that starts, or comes to lead, refuses one and takes the next; where the deadline of one has passed;
 * and, with EventStoreDB's client, on every new connection (it sends the first append after those that were called next: seen). An
 * order once broken cannot be mended, as nothing in a log can be taken back. What is saved instead is appends: neighbours of one stream go
 * together. An append whose outcome is unknown is made again, the very same one, until it is known.
 */
export async function copyLog(source: Source, target: Target, options: CopyOptions = {}): Promise<Copied> {
  const { onProgress = () => {}, onTrouble = () => {}, patienceMs = PATIENCE_MS } = options;
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

  /** Compares the two logs after a place that both have got to. */
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
        const fault = differenceOf(mine, their);
        if (fault !== undefined) throw otherEvent(phase, at.events + index + 1, fault, mine, their);
      }
      ours.take(both);
      theirs.take(both);
      const [mine, their] = [one[both - 1] as RecordedEvent, other[both - 1] as RecordedEvent];
      at = { events: at.events + both, source: mine.position, target: their.position };
    }
  };

  /** Appends all of the source after a place. Gives how many events the target has then. */
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

/** A place that both logs have got to, and how many events lie before it. */
type Place = { events: number; source: Position; target: Position };

type Patiently = <T>(what: string, call: () => Awaitable<T>) => Promise<T>;

type Reading = {
  /** The events that come next; none at the log's end, as it was when it was read. */
  waiting(): Promise<RecordedEvent[]>;
  take(count: number): void;
};

/** Reads a log from a position to its end, a page ahead of who takes the events. */
function eventsOf(log: Source, after: Position, patiently: (call: () => Awaitable<Page>) => Promise<Page>): Reading {
  const read = (at: Position): Promise<Page> => {
    const page = patiently(() => log.readAll(at, PAGE));
    // Where nobody comes for it any more, its failure is nobody's.
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

/** Neighbours of one stream, as many as go into one append. */
async function* runsOf(reading: Reading): AsyncGenerator<Run> {
  let run: Run | undefined;
  let bytes = 0;
  const isFull = (size: number): boolean => run?.events.length === APPEND_EVENTS || bytes + size > APPEND_BYTES;
  // What was appended to wherever the stream ended may be in the log twice, and a server takes an id once in an append.
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

/** What it is that two events do not have in common, but for their positions, which belong to their logs. */
function differenceOf(one: RecordedEvent, other: RecordedEvent): string | undefined {
  if (one.id !== other.id) return "id";
  if (one.stream !== other.stream) return "stream";
  if (one.revision !== other.revision) return "revision";
  if (one.type !== other.type) return "type";
  if (JSON.stringify(one.data) !== JSON.stringify(other.data)) return "data";
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
