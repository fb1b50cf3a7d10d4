import { annotations } from "../../projections/annotations.ts";
import { directory } from "../../projections/directory.ts";
import { preferences } from "../../projections/preferences.ts";
import { readMarks } from "../../projections/readMarks.ts";
import { receipts } from "../../projections/receipts.ts";
import { relations } from "../../projections/relations.ts";
import { threads } from "../../projections/threads.ts";
import { timelines } from "../../projections/timelines.ts";
import { readViews, type Views } from "../../projections/views.ts";
import { isChannel } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { foldingInto, logOf } from "../projecting/past/folded.ts";
import { type Gone, historyOf } from "../projecting/past/history.ts";
import { memoryRows } from "../projecting/past/memoryRows.ts";
import { TooLong } from "../projecting/past/tooLong.ts";

/** What a conversation's events are folded through: all that is shown of it. */
const PROJECTIONS = [directory, relations, timelines, readMarks, preferences, annotations, threads, receipts];

/** `events`, `streams`: that are read; `historyBytes`: of these; `bytes`: of rows; `ms`: of time, with the wait for a turn. */
export type PastLimits = {
  events: number;
  streams: number;
  historyBytes: number;
  bytes: number;
  ms: number;
  /** So many are folded at a time, and so many wait for their turn; so many of both are one user's at most. */
  atOnce: number;
  waiting: number;
  ofOne: number;
};

/** The price of `conversation(at:)` in the schema says as many rows as events. */
const LIMITS: PastLimits = {
  events: 20_000,
  streams: 50_000,
  historyBytes: 67_108_864,
  bytes: 33_554_432,
  ms: 10_000,
  atOnce: 2,
  waiting: 16,
  ofOne: 4,
};

/** A conversation as it stood: its rows, by the usual read functions, and what of its messages is gone by now. */
export type Past = { views: Views; gone: ReadonlyMap<number, Gone> };

/**
 * A conversation as it stood at a time (ISO 8601), whoever asks. Rejects with a `Refusal` if its history is too long, if it takes
 * too long, or if too many ask at once.
 */
export type Pasts = (user: string, conversation: string, at: string) => Promise<Past>;

export type PastsOptions = {
  log: Pick<EventStore, "read">;
  views: { relations: Pick<Views["relations"], "everIn"> };
  limits?: Partial<PastLimits>;
};

/** Members of a channel that are listed at a time. */
const PAGE = 1_000;

/** Folds conversations as they stood, into memory. Nothing of it is kept. */
export function createPasts({ log, views, limits: given = {} }: PastsOptions): Pasts {
  const limits = { ...LIMITS, ...given };
  const inTurn = turnsOf(limits);

  const followersOf = (conversation: string, signal: AbortSignal) => async (): Promise<string[]> => {
    const found: string[] = [];
    for (let after: string | undefined; ;) {
      signal.throwIfAborted();
      const page = await views.relations.everIn(conversation, after, PAGE);
      found.push(...page);
      if (found.length > limits.streams) throw new TooLong(`more than ${limits.streams} people are or were in it`);
      after = page[page.length - 1];
      if (page.length < PAGE) return found;
    }
  };

  const folded = async (conversation: string, until: string, signal: AbortSignal): Promise<Past> => {
    const { events, gone } = await historyOf({
      log,
      conversation,
      until,
      preferences: true,
      ...(isChannel(conversation) ? { followers: followersOf(conversation, signal) } : {}),
      mostEvents: limits.events,
      mostBytes: limits.historyBytes,
      mostStreams: limits.streams,
      signal,
    });
    const store = memoryRows(limits.bytes);
    await foldingInto({ log: logOf(events), store, projections: PROJECTIONS })(signal);
    return { views: readViews(store), gone };
  };

  return async (user, conversation, at) => {
    const signal = AbortSignal.timeout(limits.ms);
    try {
      return await inTurn(user, signal, () => folded(conversation, at, signal));
    } catch (error) {
      if (error instanceof TooLong)
        throw new Refusal(
          "LIMIT_EXCEEDED",
          `the conversation's history is too long to be shown as it stood then: ${error.message}. Give an earlier time; an operator has tidings show`,
          { field: "at" },
        );
      if (signal.aborted)
        throw new Refusal(
          "UNAVAILABLE",
          "it takes too long to find how the conversation stood then: try again, or give an earlier time",
          {
            retryAfterMs: limits.ms,
          },
        );
      throw error;
    }
  };
}

const tooMany = (): Refusal =>
  new Refusal("RATE_LIMITED", "too many ask how conversations stood at a time: try again", { retryAfterMs: 1_000 });

/** Does some work for a user when it is its turn. Rejects if others wait already, or if the signal is aborted before. */
function turnsOf({ atOnce, waiting: most, ofOne }: PastLimits) {
  const own = new Map<string, number>();
  const waiting = new Set<() => void>();
  let running = 0;

  /** Resolves once there is a place: whoever ends hands theirs over. */
  const placed = async (signal: AbortSignal): Promise<void> => {
    if (running < atOnce) return void (running += 1);
    if (waiting.size >= most) throw tooMany();
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        waiting.delete(go);
        reject(signal.reason as Error);
      };
      waiting.add(go);
      signal.addEventListener("abort", giveUp, { once: true });
    });
  };
  const left = (): void => {
    const [next] = waiting;
    if (next === undefined) return void (running -= 1);
    waiting.delete(next);
    next();
  };

  return async <T>(user: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    const asked = own.get(user) ?? 0;
    if (asked >= ofOne) throw tooMany();
    own.set(user, asked + 1);
    try {
      await placed(signal);
      try {
        return await work();
      } finally {
        left();
      }
    } finally {
      const others = (own.get(user) ?? 1) - 1;
      if (others === 0) own.delete(user);
      else own.set(user, others);
    }
  };
}
