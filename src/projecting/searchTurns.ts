import { Refusal } from "../domain/refusal.ts";
import { explained, TookTooLong, Unavailable } from "../ports/faults.ts";
import type { EntryPage, EntryQuery, SearchPage, SearchQuery } from "../ports/searchIndex.ts";

export type SearchTurnLimits = {
  /** Searches under way at a time. */
  lanes: number;
  /** That one user may have waiting at a time. */
  waitingEach: number;
  /** That may wait at a time. */
  waiting: number;
  /** Milliseconds that one may wait. */
  waitMs: number;
};

/** What users ask of an index, `by` whom. Rejects with a `Refusal`: RATE_LIMITED or UNAVAILABLE. */
export type SearchTurns = {
  messages(query: SearchQuery, by: string): Promise<SearchPage>;
  entries(query: EntryQuery, by: string): Promise<EntryPage>;
};

type Asked = {
  messages(query: SearchQuery): Promise<SearchPage>;
  entries(query: EntryQuery): Promise<EntryPage>;
};

/** What an engine had to do for a user's searches counts half after so long: milliseconds. Where it does not tell, it is how long they took. */
const HALF_LIFE_MS = 10_000;
/** Whose searches were more work than that, lately, leaves one lane to others: milliseconds. */
const MUCH_MS = 1_000;
const RETRY_MS = 1_000;
const RETRY_LATER_MS = 5_000;

type Job = { run: () => void; refuse: (refusal: Refusal) => void };
/** `used`: milliseconds of work that searches were, as of `at`. */
type User = { used: number; at: number; isRunning: boolean; waiting: Job[] };

/**
 * Lets users search in turns: one search of each at a time, first of whom whose searches were the least work lately; and one lane is never held by those whose were
 * much. So nobody's worst queries keep another's from being answered. What waits is bounded, by user and over all. `now`: milliseconds of a clock that only
 * goes forward; `away` is told once of an index that fails, until it answers again.
 */
export function searchTurns(
  asked: Asked,
  { lanes, waitingEach, waiting: most, waitMs }: SearchTurnLimits,
  away: (error: unknown) => void = () => {},
  now: () => number = () => performance.now(),
): SearchTurns {
  const users = new Map<string, User>();
  let running = 0;
  let ofMuch = 0;
  let waiting = 0;
  let isAway = false;

  const usedBy = (user: User): number => {
    const time = now();
    user.used *= 0.5 ** ((time - user.at) / HALF_LIFE_MS);
    user.at = time;
    return user.used;
  };
  const hasMuch = (user: User): boolean => lanes > 1 && usedBy(user) > MUCH_MS;

  /** Whose turn it is: of those who may, who used the least. */
  const next = (): User | undefined => {
    let least: User | undefined;
    for (const user of users.values()) {
      if (user.isRunning || user.waiting.length === 0 || (hasMuch(user) && ofMuch >= lanes - 1)) continue;
      if (least === undefined || usedBy(user) < usedBy(least)) least = user;
    }
    return least;
  };
  const goOn = (): void => {
    while (running < lanes) {
      const job = next()?.waiting.shift();
      if (job === undefined) return;
      waiting--;
      job.run();
    }
  };

  /** Users whose searches are over and were next to no work lately are forgotten. */
  const forget = (): void => {
    for (const [by, user] of users) if (!user.isRunning && user.waiting.length === 0 && usedBy(user) < 1) users.delete(by);
  };
  /** Makes room for somebody whose searches are less work, where there is none. */
  const makesRoom = (own: User): boolean => {
    if (waiting < most) return true;
    let worst: User | undefined;
    for (const user of users.values())
      if (user.waiting.length > 0 && (worst === undefined || usedBy(user) > usedBy(worst))) worst = user;
    if (worst === undefined || usedBy(worst) <= usedBy(own)) return false;
    waiting--;
    worst.waiting.pop()?.refuse(tooMany());
    return true;
  };

  const userOf = (by: string): User => {
    if (users.size > most) forget();
    const user = users.get(by) ?? { used: 0, at: now(), isRunning: false, waiting: [] };
    users.set(by, user);
    return user;
  };

  const performed = async <T extends { workMs?: number }>(user: User, work: () => Promise<T>): Promise<T> => {
    const began = now();
    const isMuch = hasMuch(user);
    user.isRunning = true;
    running++;
    if (isMuch) ofMuch++;
    let workMs: number | undefined;
    try {
      const answer = await work();
      ({ workMs } = answer);
      isAway = false;
      return answer;
    } catch (error) {
      throw refusalOf(error);
    } finally {
      usedBy(user);
      user.used += workMs ?? now() - began;
      user.isRunning = false;
      running--;
      if (isMuch) ofMuch--;
      goOn();
    }
  };
  const refusalOf = (error: unknown): unknown => {
    if (error instanceof TookTooLong) return tooLong();
    if (!(error instanceof Unavailable)) return error;
    if (!isAway) away(error);
    isAway = true;
    return new Refusal("UNAVAILABLE", "search is away: try again", {
      retryAfterMs: RETRY_MS,
      cause: new Error(explained(error)),
    });
  };

  const inTurn = <T extends { workMs?: number }>(by: string, work: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const user = userOf(by);
      if (user.waiting.length >= waitingEach) return reject(tooMuch());
      if (!makesRoom(user)) return reject(tooMany());
      const job: Job = {
        run: () => {
          clearTimeout(timer);
          performed(user, work).then(resolve, reject);
        },
        refuse: (refusal) => {
          clearTimeout(timer);
          reject(refusal);
        },
      };
      const timer = setTimeout(() => {
        user.waiting.splice(user.waiting.indexOf(job), 1);
        waiting--;
        reject(hasMuch(user) ? tooMuch() : tooMany());
      }, waitMs);
      user.waiting.push(job);
      waiting++;
      goOn();
    });

  return {
    messages: (query, by) => inTurn(by, () => asked.messages(query)),
    entries: (query, by) => inTurn(by, () => asked.entries(query)),
  };
}

const tooMuch = () =>
  new Refusal("RATE_LIMITED", "you search for too much at a time: wait for what is under way", { retryAfterMs: RETRY_LATER_MS });
const tooMany = () => new Refusal("UNAVAILABLE", "too many search at the moment: try again", { retryAfterMs: RETRY_MS });
const tooLong = () =>
  new Refusal("UNAVAILABLE", "this search takes too long: name a conversation, a sender or a time, or fewer or rarer words", {
    retryAfterMs: RETRY_LATER_MS,
  });
