import { isDeepStrictEqual } from "node:util";
import type { Views } from "../../projections/views.ts";
import { type MessageRow, messageOf } from "../../projections/timelines.ts";
import type { EventData } from "../domain/events.ts";
import { streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { EventStore, NewEvent, Position, RecordedEvent } from "../ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../ports/faults.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { appending, newEvent, type Stamp } from "./append.ts";
import type { Backpressure } from "./backpressure.ts";
import { unavailable } from "./refusals.ts";

type MessageData = EventData<"MessageSent">;

/** A message to append: `id` is derived from who sends it and their clientMutationId, so that it is stored once. */
export type Outgoing = { id: string; data: MessageData; stamp: Stamp };

/** What became of it: its message as it is now, and where the log holds it. `repeated`: it was there before. */
export type Stored = { message: MessageRow; position: Position; repeated: boolean };

export type MessageLog = {
  /**
   * Stores a message, or returns the one that was stored under its id: before `authorise` is asked, which throws a `Refusal`, and is asked again where
   * the message waited long. Throws CONFLICT where the id has another content, RATE_LIMITED, UNAVAILABLE.
   */
  store(outgoing: Outgoing, authorise: () => Promise<unknown>): Promise<Stored>;
  /** Stores messages of one conversation in their order, with no question of rights: one outcome for each. */
  storeAll(outgoing: readonly Outgoing[]): Promise<PromiseSettledResult<Stored>[]>;
};

export type MessageLogOptions = {
  log: EventStore;
  views: Pick<Views, "timelines">;
  watermark: Watermark;
  backpressure: Omit<Backpressure, "held">;
  /** How long the rows are waited for that hold what was stored, before it is read from the log: milliseconds, 0 not at all. */
  rowsMs?: number;
  /** What the writers of conversations to which nobody is sending may take together. */
  idleBytes?: number;
  /** Milliseconds, for waiting times only. */
  clock?: () => number;
};

/**
 * Messages of one append at most, and their size in characters, each of which is up to six bytes of JSON: an append of EventStoreDB holds at most
 * 1 MiB.
 */
const BATCH_EVENTS = 256;
const BATCH_CHARACTERS = 150_000;
/**
 * How old a look-up, and the rights found with it, may be when its message is appended, and how long, longer than that, what was stored is remembered
 * in memory.
 */
const LOOKED_UP_MS = 3_000;
const REMEMBERED_MS = 10_000;
const ROWS_MS = 250;
const READ_PAGE = 500;
const IDLE_BYTES = 67_108_864;
/** Of a writer, and of each message that it remembers, about. */
const WRITER_BYTES = 3_072;
const KNOWN_BYTES = 320;
const CONFLICTS = 50;

/** What is remembered of a message that the log holds; `since` when, by the clock. */
type Known = { seq: number; position: Position; since: number };
/** `epoch` and `lookedUp`: of which loading of the writer, and when, the id was looked up. */
type Pending = {
  outgoing: Outgoing;
  /** None where there is no question of rights. */
  authorise: (() => Promise<unknown>) | undefined;
  epoch: number;
  lookedUp: number;
  settle: (stored: Stored) => void;
  fail: (error: unknown) => void;
};

/**
 * The message path. Each busy conversation has a small writer, which appends what arrived meanwhile in one go, at an explicit revision. Nothing is
 * loaded: an id is looked up in the rows of the timelines, and what the rows may lack is what the writer has read or appended itself since
 * it began. A conflict means that there is more, not in the rows yet or someone else's: the tail is read and the ids are looked for in it.
 */
export function messageLog(options: MessageLogOptions): MessageLog {
  const { idleBytes = IDLE_BYTES } = options;
  const idle = byteCache<Writer>(idleBytes, (writer) => WRITER_BYTES + writer.remembered() * KNOWN_BYTES);
  const busy = new Map<string, Writer>();

  const using = async <T>(conversation: string, use: (writer: Writer) => Promise<T>): Promise<T> => {
    // A writer in use must not be forgotten: a second one beside it would conflict with it for nothing.
    const writer = busy.get(conversation) ?? idle.get(conversation) ?? createWriter(conversation, options);
    busy.set(conversation, writer);
    writer.users++;
    try {
      return await use(writer);
    } finally {
      if (--writer.users === 0) {
        busy.delete(conversation);
        // It is weighed as it is now.
        idle.delete(conversation);
        idle.set(conversation, writer);
      }
    }
  };

  return {
    store: (outgoing, authorise) => using(outgoing.data.conversationId, (writer) => writer.store(outgoing, authorise)),
    storeAll: async (outgoing) => {
      const [first] = outgoing;
      return first ? using(first.data.conversationId, (writer) => writer.storeAll(outgoing)) : [];
    },
  };
}

/** `remembered`: how many messages. */
type Writer = MessageLog & { users: number; remembered(): number };

function createWriter(conversation: string, options: MessageLogOptions): Writer {
  const { log, views, watermark, backpressure, rowsMs = ROWS_MS, clock = () => performance.now() } = options;
  const appendEvents = appending(options);
  const stream = streams.conversation(conversation);
  /** Revision of the stream's last event; undefined before it was read, and after an append whose outcome stayed unknown. */
  let head: number | undefined;
  let epoch = 0;
  let loading: Promise<void> | undefined;
  /**
   * By id, every message above the head of the rows when this writer was loaded and up to `head`, but those that have been in the rows for longer
   * than any look-up is relied on.
   */
  const recent = new Map<string, Known>();
  const pending = new Map<string, { outgoing: Outgoing; promise: Promise<Stored> }>();
  let queue: Pending[] = [];
  let draining = false;

  const readOn = async (): Promise<void> => {
    for (;;) {
      const from = (head ?? -1) + 1;
      const page = await log.read(stream, from, "forwards", READ_PAGE);
      for (const { id, revision, position } of page) recent.set(id, { seq: revision + 1, position, since: clock() });
      head = from + page.length - 1;
      if (page.length < READ_PAGE) return;
    }
  };

  /**
   * The rows' head first, and only then ids in the rows: in this order nothing lies between the two. What the stream has above that head is not
   * read, for mostly there is nothing: an append at that head fails where there is, and then it is.
   */
  const load = (): Promise<void> => {
    loading ??= (async () => {
      try {
        const newest = await views.timelines.head(conversation);
        recent.clear();
        head = (newest?.seq ?? 0) - 1;
        epoch++;
      } finally {
        loading = undefined;
      }
    })();
    return loading;
  };

  const sameOrConflict = (outgoing: Outgoing, known: MessageData): void => {
    if (sameMessage(outgoing.data, known)) return;
    throw new Refusal("CONFLICT", "this clientMutationId was used for another message: use a new one", {
      field: "clientMutationId",
    });
  };

  /** The answer to a repeat: the message as it is now, which may have been edited or recalled since. */
  const repeated = async (outgoing: Outgoing, seq: number): Promise<Stored> => {
    const [event] = await log.read(stream, seq - 1, "forwards", 1);
    const parsed = event && parseEvent(event);
    if (parsed?.type !== "MessageSent") throw new Error(`${stream} has no message at revision ${seq - 1}`);
    sameOrConflict(outgoing, parsed.data);
    const row = await views.timelines.message(conversation, seq);
    return { message: row ?? messageOf(parsed), position: parsed.position, repeated: true };
  };

  const lookUp = (id: string): Awaitable<number | undefined> =>
    recent.get(id)?.seq ?? views.timelines.seqOfEvent(conversation, id);

  const joined = async (outgoing: Outgoing, other: { outgoing: Outgoing; promise: Promise<Stored> }): Promise<Stored> => {
    sameOrConflict(outgoing, other.outgoing.data);
    return { ...(await other.promise), repeated: true };
  };

  /** Asks for the right to send. The views may have learnt meanwhile both of the message and of the right that was lost since: gives its seq then. */
  const storedOrAllowed = async (outgoing: Outgoing, authorise: () => Promise<unknown>): Promise<number | undefined> => {
    try {
      await authorise();
      return undefined;
    } catch (error) {
      const seq = error instanceof Refusal ? await lookUp(outgoing.id) : undefined;
      if (seq === undefined) throw error;
      return seq;
    }
  };

  const store = async (outgoing: Outgoing, authorise: () => Promise<unknown>): Promise<Stored> => {
    if (head === undefined) await load();
    const lookedUp = clock();
    const ofEpoch = epoch;
    const seq = await lookUp(outgoing.id);
    if (seq !== undefined) return repeated(outgoing, seq);
    const sooner = pending.get(outgoing.id);
    if (sooner) return joined(outgoing, sooner);
    const since = await storedOrAllowed(outgoing, authorise);
    if (since !== undefined) return repeated(outgoing, since);
    return enqueue({ outgoing, authorise, epoch: ofEpoch, lookedUp });
  };

  const storeAll = async (all: readonly Outgoing[]): Promise<PromiseSettledResult<Stored>[]> => {
    if (head === undefined) await load();
    const lookedUp = clock();
    const ofEpoch = epoch;
    const seqs = await views.timelines.seqsOfEvents(
      conversation,
      all.map(({ id }) => id),
    );
    return Promise.allSettled(
      all.map((outgoing, index) => {
        const seq = recent.get(outgoing.id)?.seq ?? seqs[index];
        if (seq !== undefined) return repeated(outgoing, seq);
        return enqueue({ outgoing, authorise: undefined, epoch: ofEpoch, lookedUp });
      }),
    );
  };

  const enqueue = (item: Omit<Pending, "settle" | "fail">): Promise<Stored> => {
    const { outgoing } = item;
    // Someone may be sending the same.
    const other = pending.get(outgoing.id);
    if (other) return joined(outgoing, other);
    let leave: () => void;
    try {
      leave = backpressure.enter();
    } catch (error) {
      return Promise.reject(error);
    }
    const promise = new Promise<Stored>((settle, fail) => {
      queue.push({ ...item, settle, fail });
    }).finally(() => {
      leave();
      pending.delete(outgoing.id);
    });
    pending.set(outgoing.id, { outgoing, promise });
    if (!draining) drain().catch(failAll);
    return promise;
  };

  const drain = async (): Promise<void> => {
    draining = true;
    while (queue.length > 0) {
      try {
        await backpressure.ready();
      } catch (error) {
        // Nobody is to wait as long again for those before them.
        for (const item of queue.splice(0)) item.fail(error);
        break;
      }
      const batch = take();
      try {
        if (head === undefined) await load();
        await append(batch);
      } catch (error) {
        for (const item of batch) item.fail(error);
      }
      forget();
    }
    draining = false;
  };

  /** Whoever waits is not to wait for ever, and the next ones begin anew. */
  const failAll = (error: unknown): void => {
    draining = false;
    for (const item of queue.splice(0)) item.fail(error);
  };

  const take = (): Pending[] => {
    let characters = 0;
    let count = 0;
    for (const { outgoing } of queue) {
      characters += 1_000 + (outgoing.data.text?.length ?? 0) + outgoing.data.attachments.length * 3_000;
      if (count > 0 && (count === BATCH_EVENTS || characters > BATCH_CHARACTERS)) break;
      count++;
    }
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    return batch;
  };

  /** Leaves out what turns out to be stored already, answering it, and what its sender has lost the right to while it waited. */
  const sift = async (batch: readonly Pending[]): Promise<Pending[]> => {
    const isLeft = await Promise.all(
      batch.map(async (item) => {
        const { outgoing } = item;
        try {
          const now = clock();
          const isLate = now - item.lookedUp > LOOKED_UP_MS;
          let seq = isLate || item.epoch !== epoch ? await lookUp(outgoing.id) : recent.get(outgoing.id)?.seq;
          if (isLate && item.authorise) seq ??= await storedOrAllowed(outgoing, item.authorise);
          item.lookedUp = isLate ? now : item.lookedUp;
          if (seq === undefined) return true;
          item.settle(await repeated(outgoing, seq));
          return false;
        } catch (error) {
          item.fail(error);
          return false;
        }
      }),
    );
    return batch.filter((_, index) => isLeft[index]);
  };

  const append = async (all: readonly Pending[]): Promise<void> => {
    let batch = await sift(all);
    for (let conflicts = 0; batch.length > 0; conflicts++) {
      const expected = head ?? -1;
      const events = batch.map(({ outgoing }) => eventOf(outgoing));
      try {
        const { revision, position, positions } = await appendEvents(stream, events, expected);
        head = revision;
        // Before anything else can fail: what is stored must be found when it comes again.
        const since = clock();
        for (const [index, { id }] of events.entries()) recent.set(id, { seq: expected + 2 + index, position, since });
        if (positions) answer(batch, expected + 1, positions);
        // The next ones need not wait for it.
        else void answerAsStored(batch, expected + 1, position);
        return;
      } catch (error) {
        if (error instanceof Unavailable) {
          // Whether it is stored is found out by reading, before anything is appended again.
          if (error.outcome === "unknown") head = undefined;
          throw unavailable(error);
        }
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (conflicts >= CONFLICTS) {
          throw new Refusal("UNAVAILABLE", "too many write to this conversation at once: try again", { retryAfterMs: 500 });
        }
        await readOn();
        batch = await sift(batch);
      }
    }
  };

  const answer = (batch: readonly Pending[], from: number, positions: readonly Position[]): void => {
    for (const [index, { outgoing, settle }] of batch.entries()) {
      const position = positions[index] as Position;
      const message = messageOf({ data: outgoing.data, revision: from + index, position, at: outgoing.stamp.at });
      settle({ message, position, repeated: false });
    }
  };

  /**
   * Where the log does not tell each event's position, it is a server that others write to as well: these ids may have been there before, at these
   * very revisions, with what another node was sent under them. What was stored is in the rows a moment later, and in the log.
   */
  const answerAsStored = async (batch: readonly Pending[], from: number, last: Position): Promise<void> => {
    try {
      const there = rowsMs === 0 ? watermark.current() >= last : await watermark.reached(last, rowsMs);
      const rows: (MessageRow | undefined)[] = [];
      if (there) for (const index of batch.keys()) rows.push(await views.timelines.message(conversation, from + index + 1));
      const others = batch.flatMap((item, index) => {
        const row = rows[index];
        const { data, stamp } = item.outgoing;
        const isOwn =
          row !== undefined &&
          // An imported message's row does not tell when it was stored.
          data.imported === undefined &&
          isDeepStrictEqual(row, messageOf({ data, revision: from + index, position: row.position, at: stamp.at }));
        if (!isOwn) return [{ item, revision: from + index }];
        item.settle({ message: row, position: row.position, repeated: false });
        return [];
      });
      const [first] = others;
      if (!first) return;
      const stored = await readBack(first.revision, from + batch.length - first.revision);
      for (const { item, revision } of others) answerFrom(stored[revision - first.revision], item, revision);
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };

  const answerFrom = (event: RecordedEvent | undefined, { outgoing, settle, fail }: Pending, revision: number): void => {
    try {
      const parsed = event && parseEvent(event);
      if (parsed?.type !== "MessageSent") throw new Error(`${stream} has no message at revision ${revision}`);
      sameOrConflict(outgoing, parsed.data);
      settle({ message: messageOf(parsed), position: parsed.position, repeated: parsed.at !== outgoing.stamp.at });
    } catch (error) {
      fail(error);
    }
  };

  const readBack = async (from: number, count: number): Promise<RecordedEvent[]> => {
    try {
      return await log.read(stream, from, "forwards", count);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      throw unavailable(new Unavailable(error.message, "unknown", { cause: error }));
    }
  };

  const forget = (): void => {
    const oldest = clock() - REMEMBERED_MS;
    const inRows = watermark.current();
    // In the order of insertion, the oldest first.
    for (const [id, { since, position }] of recent) {
      if (since > oldest || position > inRows) return;
      recent.delete(id);
    }
  };

  return { users: 0, remembered: () => recent.size, store, storeAll };
}

const eventOf = ({ id, data, stamp }: Outgoing): NewEvent => newEvent(id, "MessageSent", data, stamp);

/** A line that was imported without a time of its own got the time of its import: another one the second time. */
function sameMessage(one: MessageData, other: MessageData): boolean {
  if (one.imported === undefined || other.imported === undefined) return isDeepStrictEqual(one, other);
  return isDeepStrictEqual({ ...one, imported: null }, { ...other, imported: null });
}
