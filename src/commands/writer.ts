import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../ports/faults.ts";
import { type AnswersOptions, answersOf, type Waiting } from "./answers.ts";
import { appending } from "./append.ts";
import type { Backpressure } from "./backpressure.ts";
import { eventOf, type Outgoing, sameOrConflict, type Stored } from "./outgoing.ts";
import { unavailable } from "./refusals.ts";

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
const READ_PAGE = 500;
const CONFLICTS = 50;

/** What is remembered of a message that the log holds; `since` when, by the clock. */
type Known = { seq: number; position: Position; since: number };
/** `epoch` and `lookedUp`: of which loading of the writer, and when, the id was looked up. */
type Pending = Waiting & {
  /** None where there is no question of rights. */
  authorise: (() => Promise<unknown>) | undefined;
  epoch: number;
  lookedUp: number;
};

export type MessageLog = {
  /**
   * Stores a message, or returns the one that was stored under its id: before `authorise` is asked, which throws a `Refusal`, and is asked again where
   * the message waited long. Throws CONFLICT where the id has another content, RATE_LIMITED, UNAVAILABLE.
   */
  store(outgoing: Outgoing, authorise: () => Promise<unknown>): Promise<Stored>;
  /** Stores messages of one conversation in their order, with no question of rights: one outcome for each. */
  storeAll(outgoing: readonly Outgoing[]): Promise<PromiseSettledResult<Stored>[]>;
};

export type WriterOptions = AnswersOptions & {
  log: EventStore;
  backpressure: Omit<Backpressure, "held">;
  /** Milliseconds, for waiting times only. */
  clock?: () => number;
};

/** `remembered`: how many messages. */
export type Writer = MessageLog & { users: number; remembered(): number };

/**
 * Appends what arrived meanwhile for one conversation in one go, at an explicit revision. Nothing is loaded: an id is looked up in the
 * rows of the timelines, and what the rows may lack is what the writer has read or appended itself since it began. A conflict means that
 * there is more, not in the rows yet or someone else's: the tail is read and the ids are looked for in it.
 */
export function createWriter(conversation: string, options: WriterOptions): Writer {
  const { log, views, watermark, backpressure, clock = () => performance.now() } = options;
  const appendEvents = appending(options);
  const answers = answersOf(conversation, options);
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
    if (seq !== undefined) return answers.repeated(outgoing, seq);
    const sooner = pending.get(outgoing.id);
    if (sooner) return joined(outgoing, sooner);
    const since = await storedOrAllowed(outgoing, authorise);
    if (since !== undefined) return answers.repeated(outgoing, since);
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
        if (seq !== undefined) return answers.repeated(outgoing, seq);
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
          item.settle(await answers.repeated(outgoing, seq));
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
        if (positions) answers.stored(batch, expected + 1, positions);
        // The next ones need not wait for it.
        else void answers.storedUpTo(batch, expected + 1, position);
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
