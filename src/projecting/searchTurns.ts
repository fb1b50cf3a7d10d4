import { Refusal } from "../domain/refusal.ts";
import { explained, TookTooLong, Unavailable } from "../ports/faults.ts";
import type { EntryPage, EntryQuery, SearchPage, SearchQuery } from "../ports/searchIndex.ts";

export type SearchTurnLimits = {
  /** How many searches run at a time. */
  lanes: number;
  /** How many searches of one user may wait at a time. */
  waitingEach: number;
  /** How many searches may wait at a time, of all users. */
  waiting: number;
  /** How long a search may wait, in milliseconds. */
  waitMs: number;
};

/** What users ask of an index. `by`: the user. Rejects with a `Refusal`: RATE_LIMITED or UNAVAILABLE. */
export type SearchTurns = {
  messages(query: SearchQuery, by: string): Promise<SearchPage>;
  entries(query: EntryQuery, by: string): Promise<EntryPage>;
};

type Asked = {
  messages(query: SearchQuery): Promise<SearchPage>;
  entries(query: EntryQuery): Promise<EntryPage>;
};

/**
 * The work of a user's searches counts half after this time, in milliseconds. If the engine does not report its work, the time of
 * the search counts.
 */
const HALF_LIFE_MS = 10_000;
/** In milliseconds of work. Users whose recent searches took more than this leave one lane to others. */
const MUCH_MS = 1_000;
const RETRY_MS = 1_000;
const RETRY_LATER_MS = 5_000;

type Job = { run: () => void; refuse: (refusal: Refusal) => void };
/** `used`: how much work the user's searches were, in milliseconds, as of the time `at`. */
type User = { used: number; at: number; isRunning: boolean; waiting: Job[] };

/**
 * Lets users search in turns, so that one user's worst queries do not block the answers to others. Each user has one search
 * running at a time. Users whose recent searches were the least work go first. One lane is kept free of users whose searches were
 * much work. The number of waiting searches is limited, for each user and in total. `now`: milliseconds of a clock that only goes
 * forward. `away` is called once when the index fails, and again only after it has answered in between.
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

  /** The user whose turn it is: among those who may search, the one with the least work. */
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

  /** Forgets users without a search under way or waiting, whose recent searches were next to no work. */
  const forget = (): void => {
    for (const [by, user] of users) if (!user.isRunning && user.waiting.length === 0 && usedBy(user) < 1) users.delete(by);
  };
  /**
   * Makes room if none is left: refuses a waiting search of the user with the most work, if that is not this user. Returns
   * whether there is room.
   */
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
