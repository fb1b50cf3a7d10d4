import { setTimeout as delay } from "node:timers/promises";
import { type Due, dueLists } from "../../projections/dueLists.ts";
import { turns } from "../commands/turns.ts";
import { Refusal } from "../domain/refusal.ts";
import { backoffMs } from "../ports/backoff.ts";
import type { Position } from "../ports/eventStore.ts";
import { explained, inFull, Unavailable, Withheld } from "../ports/faults.ts";
import type { Watermark } from "../projecting/watermark.ts";

/** What is done when its time has come. */
export type DueWork<T> = {
  /** What it is, for operators. */
  name: string;
  /** The next at most `limit` items of a list, earliest first, after a place. */
  due(list: string, limit: number, after?: string): Promise<Due<T>[]>;
  /** What has the same turn is done one after the other, in the order of its time. */
  turnOf(item: T): string;
  /**
   * Does it, or finds it done: whatever happens in between, doing it again changes nothing. Resolves to the place of the log from
   * which on the lists no longer have it; undefined if they have lost it already.
   */
  act(item: T): Promise<Position | undefined>;
};

/** How a process is now, for operators. */
export type ProcessState = {
  name: string;
  /** By how much the oldest thing was late that is due and not done, in milliseconds; 0 if there was none. */
  lateMs: number;
  /** How many things were done since the start. */
  done: number;
  /** Why something that is due is not done. */
  trouble?: string;
};

export type Process = {
  /** One look at everything that is due. Resolves to how long to wait for the next look, in milliseconds. */
  look(stop: AbortSignal): Promise<number>;
  /** Looks again and again until it is told to stop. Never rejects. */
  run(stop: AbortSignal): Promise<void>;
  state(): ProcessState;
};

export type ProcessOptions = {
  watermark: Watermark;
  /** Resolves once the views are read. Before, they are not asked in vain, which is no trouble. Default: they are read. */
  opened?: Promise<unknown>;
  /** Nothing is done before the views have got here: what they lack may be done already. */
  begun: Position;
  now: () => Date;
  warn: (message: string, detail: string) => void;
  /** Whether it is this server's turn. It spares work: what two do at once is done once. Default: it always is. */
  isMine?: () => boolean;
  /** How often it looks at least, in milliseconds. Something that is due before all that was known is late by no more. */
  lookMs?: number;
};

const LOOK_MS = 1_000;
/** Items of one list that are done at the same time. The lists are gone through at the same time, too. */
const PAGE = 16;
/**
 * How long a look waits for the views to show what it did, in milliseconds. What they don't show then is found done at the next
 * look.
 */
const SHOWN_MS = 5_000;
/** The most items that are left alone for a while because of a fault of their own. */
const FAULTY_MAX = 10_000;

/** Whether a server behind is away, so that nothing else can be done either. */
const isPassing = (error: unknown): boolean =>
  !isOfOneKey(error) && (error instanceof Unavailable || (error instanceof Refusal && error.code === "UNAVAILABLE"));
/** Whether it is the fault of one key alone. */
const isOfOneKey = (error: unknown): boolean =>
  error instanceof Withheld || (error instanceof Refusal && error.cause instanceof Withheld);
/** Why something was not done, for operators: a refusal for want of a server tells clients what to do, and not why. */
const reasonOf = (error: unknown): string =>
  explained(error instanceof Refusal && error.cause instanceof Unavailable ? error.cause : error);
/** Whether there is too much of something: of one user's, mostly, so that others need not wait. */
const isTooMuch = (error: unknown): boolean => error instanceof Refusal && error.code === "RATE_LIMITED";

/**
 * Does what is due, in the order of its time, and remembers nothing: what is to be done stands in rows, so that a restart, or
 * another server, goes on where this one stopped.
 */
export function dueProcess<T>(work: DueWork<T>, options: ProcessOptions): Process {
  const { watermark, opened, begun, now, warn, isMine = () => true, lookMs = LOOK_MS } = options;
  let state: ProcessState = { name: work.name, lateMs: 0, done: 0 };
  /** How often a look in a row met something that passes. */
  let attempts = 0;
  /** Items with a fault of their own, and when to try them again (milliseconds since 1970). */
  let faulty = new Map<string, { attempts: number; again: number; error: unknown }>();
  const inTurn = turns();

  type Look = {
    /** When it began, and the same as items have it. */
    began: number;
    until: string;
    stop: AbortSignal;
    faulty: typeof faulty;
    reached: Position | undefined;
    /** The earliest time that is not over. */
    next: string | undefined;
    /** The time of the earliest thing that is due and not done. */
    oldest: string | undefined;
    trouble: unknown;
    isAway: boolean;
  };

  const earlier = (one: string | undefined, other: string): string => (one !== undefined && one < other ? one : other);

  /** Operators are told as soon as something fails: the rest of a look may take long then. */
  const report = ({ oldest, trouble }: Look): void => {
    state = {
      name: work.name,
      done: state.done,
      lateMs: oldest === undefined ? 0 : Math.max(0, now().getTime() - Date.parse(oldest)),
      ...(trouble === undefined ? {} : { trouble: reasonOf(trouble) }),
    };
  };

  const tryOne = async (look: Look, list: string, { key, at, item }: Due<T>): Promise<void> => {
    // What had to wait for its turn meanwhile waits for the next look: so it keeps its place, and nobody is asked in vain.
    if (look.isAway) {
      look.oldest = earlier(look.oldest, at);
      return;
    }
    const name = `${list} ${key}`;
    const before = faulty.get(name);
    if (before && before.again > look.began) {
      look.faulty.set(name, before);
      look.trouble ??= before.error;
      look.oldest = earlier(look.oldest, at);
      return;
    }
    try {
      const position = await work.act(item);
      state.done++;
      if (position !== undefined && position > (look.reached ?? "")) look.reached = position;
    } catch (error) {
      look.trouble = error;
      look.oldest = earlier(look.oldest, at);
      if (isPassing(error)) {
        look.isAway = true;
        report(look);
        return;
      }
      const tried = (before?.attempts ?? 0) + 1;
      if (tried === 1 && !isTooMuch(error))
        warn(`${work.name}: something that is due cannot be done; trying again`, inFull(error));
      if (look.faulty.size < FAULTY_MAX) look.faulty.set(name, { attempts: tried, again: look.began + backoffMs(tried), error });
    }
  };

  /** Stops early where a server behind is away: it would be asked in vain for everything else. */
  const through = async (look: Look, list: string): Promise<void> => {
    for (let after: string | undefined; !look.stop.aborted && !look.isAway;) {
      const page = await work.due(list, PAGE, after);
      const isDue = page.filter(({ at }) => at <= look.until);
      await Promise.all(isDue.map((due) => inTurn(work.turnOf(due.item), () => tryOne(look, list, due))));
      const coming = page[isDue.length];
      if (coming) look.next = earlier(look.next, coming.at);
      after = page[page.length - 1]?.key;
      if (isDue.length < PAGE || after === undefined) return;
    }
  };

  const look = async (stop: AbortSignal): Promise<number> => {
    const at = now();
    const looking: Look = {
      began: at.getTime(),
      until: at.toISOString(),
      stop,
      faulty: new Map(),
      reached: undefined,
      next: undefined,
      oldest: undefined,
      trouble: undefined,
      isAway: false,
    };
    const faults = await Promise.allSettled(dueLists.map((list) => through(looking, list)));
    for (const fault of faults) {
      if (fault.status === "fulfilled") continue;
      // The rows could not be read.
      if (!isPassing(fault.reason) && attempts === 0) warn(`${work.name}: what is due cannot be read`, inFull(fault.reason));
      looking.trouble = fault.reason;
      looking.isAway = true;
    }
    report(looking);
    const { isAway, next, reached } = looking;
    // What a look did not come to keeps its pause.
    const left = isAway && faulty.size < FAULTY_MAX ? faulty : [];
    faulty = new Map([...left, ...looking.faulty]);
    // What was done is still in the rows until the views have got there.
    if (reached !== undefined && !stop.aborted) await watermark.reached(reached, SHOWN_MS);
    attempts = isAway ? attempts + 1 : 0;
    if (isAway) return backoffMs(attempts);
    return next === undefined ? lookMs : Math.max(0, Math.min(lookMs, Date.parse(next) - now().getTime()));
  };

  const wait = async (ms: number, stop: AbortSignal): Promise<void> => {
    await delay(ms, undefined, { signal: stop }).catch(() => {});
  };

  const aborted = (stop: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (stop.aborted) resolve();
      else stop.addEventListener("abort", () => resolve(), { once: true });
    });

  const unexpected = (error: unknown): number => {
    warn(`${work.name}: a look at what is due failed; trying again`, inFull(error));
    return lookMs;
  };

  /** Another server does it. */
  const rests = (): number => {
    state = { name: work.name, lateMs: 0, done: state.done };
    return lookMs;
  };

  return {
    look,
    state: () => state,
    run: async (stop) => {
      await Promise.race([opened, aborted(stop)]);
      while (!stop.aborted && watermark.current() < begun)
        await Promise.race([watermark.reached(begun, lookMs), wait(lookMs, stop)]);
      while (!stop.aborted) await wait(isMine() ? await look(stop).catch(unexpected) : rests(), stop);
    },
  };
}
