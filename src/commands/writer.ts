import { streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import { timelines } from "../../projections/timelines.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { EventStore, NewEvent, Position } from "../ports/eventStore.ts";
import { Unavailable, Withheld, WrongExpectedRevision } from "../ports/faults.ts";
import type { Blocked } from "../projecting/blocked.ts";
import { type AnswersOptions, answersOf, type Waiting } from "./answers.ts";
import { appending } from "./append.ts";
import type { Backpressure } from "./backpressure.ts";
import { eventOf, type Outgoing, sameOrConflict, type Stored } from "./outgoing.ts";
import { unavailable } from "./refusals.ts";

/**
 * Limits of one append: messages, and their size in characters. A character takes up to six bytes of JSON, which are eight where
 * they are sealed, and EventStoreDB accepts at most 1 MiB in an append.
 */
const BATCH_EVENTS = 256;
const BATCH_CHARACTERS = 120_000;
/**
 * LOOKED_UP_MS: how old a look-up, and the rights found with it, may be when its message is appended. REMEMBERED_MS: how long
 * stored messages are remembered in memory. It must be longer than LOOKED_UP_MS.
 */
const LOOKED_UP_MS = 3_000;
const REMEMBERED_MS = 10_000;
const READ_PAGE = 500;
const CONFLICTS = 50;

/** What is remembered of a message that the log holds. `since`: the time on the clock. */
type Known = { seq: number; position: Position; since: number };
/** `lookedUp`: when the id was looked up. `epoch`: which loading of the writer it was looked up in. */
type Pending = Waiting & {
  /** Undefined if no rights need to be checked. */
  authorise: (() => Awaitable<unknown>) | undefined;
  epoch: number;
  lookedUp: number;
};

export type MessageLog = {
  /**
   * Stores a message, or returns the one that was stored under its id. That is found out before `authorise` is called.
   * `authorise` throws a `Refusal`, and is called again if the message waited long. Throws CONFLICT if the id has another
   * content, RATE_LIMITED, UNAVAILABLE.
   */
  store(outgoing: Outgoing, authorise: () => Awaitable<unknown>): Promise<Stored>;
  /**
   * Stores messages of one conversation in their order. Returns one outcome for each. `authorise`: checks the rights, as for
   * `store`, and gives the messages with all that they hold; the given ones need only be known again. It is not called if all
   * are stored already. Without it no rights are checked. Rejects with its `Refusal`.
   */
  storeAll(
    outgoing: readonly Outgoing[],
    authorise?: () => Promise<readonly Outgoing[]>,
  ): Promise<PromiseSettledResult<Stored>[]>;
};

export type WriterOptions = AnswersOptions & {
  log: EventStore;
  backpressure: Omit<Backpressure, "held">;
  blocked?: Pick<Blocked, "check" | "isBlocked">;
  /** In milliseconds. Used for waiting times only. */
  clock?: () => number;
};

/** `remembered`: the number of remembered messages. `users`: how many calls use the writer now. */
export type Writer = MessageLog & { users: number; remembered(): number };

/**
 * The writer of one conversation. It appends everything that arrived meanwhile at once, at an explicit revision. It loads no
 * stream. It looks an id up in the rows of the timelines. What the rows may lack is in its own memory: it has read or appended
 * those messages itself since it began. A conflict means that the stream holds more messages: the rows lack them still, or
 * someone else wrote them. Then it reads the tail and looks for the ids there.
 */
export function createWriter(conversation: string, options: WriterOptions): Writer {
  const { log, views, watermark, backpressure, clock = () => performance.now() } = options;
  const appendEvents = appending(options);
  const answers = answersOf(conversation, options);
  const stream = streams.conversation(conversation);
  /**
   * The revision of the stream's last event. Undefined before the first load, and after an append whose outcome stayed unknown.
   */
  let head: number | undefined;
  let epoch = 0;
  let loading: Promise<void> | undefined;
  /**
   * Messages by id: every message between the rows' head at the time of loading and `head`. A message is removed once the rows
   * have held it for longer than any look-up is relied on.
   */
  const recent = new Map<string, Known>();
  /**
   * What is under way, by id, and what of it waits. Undefined if there is nothing. An empty list that is kept for the next
   * message is among the old objects by then: all that message's objects would be kept with it, until all garbage is collected.
   */
  let pending: Map<string, { outgoing: Outgoing; promise: Promise<Stored> }> | undefined;
  let queue: Pending[] | undefined;
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
   * Reads the rows' head first, and looks ids up in the rows only later. In this order, no message is missed between the two.
   * What the stream holds above that head is not read here, since mostly there is nothing. If there is something, an append at
   * that head fails, and then it is read.
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

  /**
   * Whether a look-up that begins now finds everything that was sent. Not while messages of the conversation are parked: then
   * they are not in the rows, and are forgotten here.
   */
  const isAllInRows = (): boolean => options.blocked?.isBlocked(timelines.name, conversation) !== true;

  const lookUp = (id: string): Awaitable<number | undefined> =>
    recent.get(id)?.seq ?? views.timelines.seqOfEvent(conversation, id);

  const joined = async (outgoing: Outgoing, other: { outgoing: Outgoing; promise: Promise<Stored> }): Promise<Stored> => {
    sameOrConflict(outgoing, other.outgoing.data);
    return { ...(await other.promise), repeated: true };
  };

  /**
   * Checks the right to send. Meanwhile the views may have learnt of both this message and a later loss of the right. Then it
   * returns the message's seq.
   */
  const storedOrAllowed = (outgoing: Outgoing, authorise: () => Awaitable<unknown>): Awaitable<number | undefined> => {
    const refused = async (error: unknown): Promise<number> => {
      const seq = error instanceof Refusal ? await lookUp(outgoing.id) : undefined;
      if (seq === undefined) throw error;
      return seq;
    };
    try {
      const allowed = authorise();
      return allowed instanceof Promise ? allowed.then(() => undefined, refused) : undefined;
    } catch (error) {
      return refused(error);
    }
  };

  /** What is at hand is not waited for: nearly always that is all but the append itself. */
  const store = (outgoing: Outgoing, authorise: () => Awaitable<unknown>): Promise<Stored> => {
    try {
      return head === undefined ? load().then(() => storeLoaded(outgoing, authorise)) : storeLoaded(outgoing, authorise);
    } catch (error) {
      return Promise.reject(error);
    }
  };

  const storeLoaded = (outgoing: Outgoing, authorise: () => Awaitable<unknown>): Promise<Stored> => {
    const lookedUp = clock();
    const ofEpoch = epoch;
    const isSure = isAllInRows();
    const allowed = (since: number | undefined): Promise<Stored> => {
      if (since !== undefined) return answers.repeated(outgoing, since);
      // Not sooner: who has no right to send there learns nothing of it.
      if (!isSure) throw unavailable(new Withheld("unknown"));
      return enqueue({ outgoing, authorise, epoch: ofEpoch, lookedUp });
    };
    const found = (seq: number | undefined): Promise<Stored> => {
      if (seq !== undefined) return answers.repeated(outgoing, seq);
      const sooner = pending?.get(outgoing.id);
      if (sooner) return joined(outgoing, sooner);
      const since = storedOrAllowed(outgoing, authorise);
      return since instanceof Promise ? since.then(allowed) : allowed(since);
    };
    const seq = lookUp(outgoing.id);
    return seq instanceof Promise ? seq.then(found) : found(seq);
  };

  const storeAll: MessageLog["storeAll"] = async (all, authorise) => {
    if (head === undefined) await load();
    const lookedUp = clock();
    const ofEpoch = epoch;
    const isSure = isAllInRows();
    const lookUpAll = async () => {
      const ids = all.map(({ id }) => id);
      const rows = await views.timelines.seqsOfEvents(conversation, ids);
      return ids.map((id, index) => recent.get(id)?.seq ?? rows[index]);
    };
    let seqs = await lookUpAll();
    const allowed = authorise && once(authorise);
    let whole = all;
    if (allowed && seqs.includes(undefined)) {
      // Some are stored: other input under their ids is a conflict, whoever may do what by now.
      await Promise.all(all.map(async (outgoing, index) => seqs[index] && answers.repeated(outgoing, seqs[index])));
      try {
        whole = await allowed();
      } catch (error) {
        // As in `storedOrAllowed`.
        if (error instanceof Refusal) seqs = await lookUpAll();
        if (!(error instanceof Refusal) || seqs.includes(undefined)) throw error;
      }
    }
    return Promise.allSettled(
      whole.map(async (outgoing, index) => {
        const seq = recent.get(outgoing.id)?.seq ?? seqs[index];
        if (seq !== undefined) return answers.repeated(outgoing, seq);
        if (!isSure) throw unavailable(new Withheld("unknown"));
        return enqueue({ outgoing, authorise: allowed, epoch: ofEpoch, lookedUp });
      }),
    );
  };

  const enqueue = (item: Omit<Pending, "settle" | "fail">): Promise<Stored> => {
    const { outgoing } = item;
    // Someone may be sending the same message.
    const other = pending?.get(outgoing.id);
    if (other) return joined(outgoing, other);
    let leave: () => void;
    try {
      leave = backpressure.enter();
    } catch (error) {
      return Promise.reject(error);
    }
    let isPending = true;
    const over = (): void => {
      if (!isPending) return;
      isPending = false;
      leave();
      if (pending !== undefined && pending.size > 1) pending.delete(outgoing.id);
      else pending = undefined;
    };
    const promise = new Promise<Stored>((resolve, reject) => {
      const settle = (stored: Stored): void => {
        over();
        resolve(stored);
      };
      const fail = (error: unknown): void => {
        over();
        reject(error);
      };
      const { authorise, epoch: ofEpoch, lookedUp } = item;
      (queue ??= []).push({ outgoing, authorise, epoch: ofEpoch, lookedUp, settle, fail });
    });
    (pending ??= new Map()).set(outgoing.id, { outgoing, promise });
    if (!draining) drain().catch(failAll);
    return promise;
  };

  const drain = async (): Promise<void> => {
    draining = true;
    while (queue !== undefined) {
      try {
        // What is sent in the same moment goes along, also where there is nothing to wait for.
        await backpressure.ready();
      } catch (error) {
        // Nobody should wait as long again because of those before them.
        failWaiting(error);
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

  /** Nobody should wait for ever. The next messages start afresh. */
  const failAll = (error: unknown): void => {
    draining = false;
    failWaiting(error);
  };

  const failWaiting = (error: unknown): void => {
    const waiting = queue ?? [];
    queue = undefined;
    for (const item of waiting) item.fail(error);
  };

  const take = (): Pending[] => {
    const whole = queue ?? [];
    let characters = 0;
    let count = 0;
    for (const { outgoing } of whole) {
      characters += 1_000 + (outgoing.data.text?.length ?? 0) + outgoing.data.attachments.length * 3_000;
      if (count > 0 && (count === BATCH_EVENTS || characters > BATCH_CHARACTERS)) break;
      count++;
    }
    if (count === whole.length) {
      queue = undefined;
      return whole;
    }
    queue = whole.slice(count);
    return whole.slice(0, count);
  };

  /**
   * Removes two kinds of messages from a batch: those that are stored already, which it answers, and those whose sender lost the
   * right to send while they waited.
   */
  const sift = (batch: readonly Pending[]): Awaitable<readonly Pending[]> => (batch.every(isPlain) ? batch : siftEach(batch));

  /** Whether nothing of a message needs to be looked up again. */
  const isPlain = (item: Pending): boolean =>
    item.epoch === epoch && clock() - item.lookedUp <= LOOKED_UP_MS && !recent.has(item.outgoing.id);

  const siftEach = async (batch: readonly Pending[]): Promise<readonly Pending[]> => {
    const isLeft = await Promise.all(
      batch.map(async (item) => {
        const { outgoing } = item;
        try {
          const now = clock();
          const isLate = now - item.lookedUp > LOOKED_UP_MS;
          const isAnew = isLate || item.epoch !== epoch;
          const isSure = !isAnew || isAllInRows();
          let seq = isAnew ? await lookUp(outgoing.id) : recent.get(outgoing.id)?.seq;
          if (isLate && item.authorise) seq ??= await storedOrAllowed(outgoing, item.authorise);
          item.lookedUp = isLate ? now : item.lookedUp;
          if (seq === undefined && !isSure) throw unavailable(new Withheld("unknown"));
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
    const sifted = sift(all);
    let batch = sifted instanceof Promise ? await sifted : sifted;
    for (let conflicts = 0; batch.length > 0; conflicts++) {
      const expected = head ?? -1;
      const events = batch.map(({ outgoing }) => eventOf(outgoing));
      try {
        const { revision, position, seen, positions = seen } = await appendEvents(stream, events, expected);
        head = revision;
        // Do this before anything else can fail: a stored message must be found when it is sent again.
        const since = clock();
        for (let index = 0; index < events.length; index++)
          recent.set((events[index] as NewEvent).id, { seq: expected + 2 + index, position, since });
        if (positions) answers.stored(batch, expected + 1, positions);
        // The next messages need not wait for it.
        else void answers.storedUpTo(batch, expected + 1, position);
        return;
      } catch (error) {
        if (error instanceof Unavailable) {
          // Before anything is appended again, a reading tells whether it is stored.
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
    // The order is that of insertion, the oldest first.
    for (const [id, { since, position }] of recent) {
      if (since > oldest || position > inRows) return;
      recent.delete(id);
    }
  };

  return { users: 0, remembered: () => recent.size, store, storeAll };
}

/** Work that is under way is not begun again: several messages that waited ask for the same rights at once. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let working: Promise<T> | undefined;
  return () =>
    (working ??= work().finally(() => {
      working = undefined;
    }));
}
