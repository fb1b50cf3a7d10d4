import { setImmediate as nextTurn } from "node:timers/promises";
import { onlyOf, type Position, type RecordedEvent } from "../../ports/eventStore.ts";
import { Unavailable } from "../../ports/faults.ts";
import type { FoldedLog, FoldedStore, Projection } from "../projection.ts";
import { createRunner } from "../runner.ts";

/** Events that are folded before others have a turn. */
const PAGE_EVENTS = 64;

/** A part of a log, as one that is folded: it may be shown bit by bit. */
export type Shown = FoldedLog & {
  /** Shows the events up to a place among them (exclusive). */
  show(count: number): void;
};

/** Events in the order of the log, as a log that holds only these. At first it shows all of them. */
export function logOf(events: readonly RecordedEvent[]): Shown {
  let shown = events.length;
  const placeAfter = (position: Position): number => {
    let [from, to] = [0, shown];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((events[middle] as RecordedEvent).position <= position) from = middle + 1;
      else to = middle;
    }
    return from;
  };
  return {
    origin: "",
    show: (count) => void (shown = count),
    read: (stream, from, direction, limit) => {
      const own = events.slice(0, shown).filter((event) => event.stream === stream);
      if (direction === "forwards") return own.filter(({ revision }) => revision >= from).slice(0, limit);
      return own
        .reverse()
        .filter(({ revision }) => revision <= from)
        .slice(0, limit);
    },
    readAll: async (after, limit, types) => {
      await nextTurn();
      const from = placeAfter(after);
      const page = events.slice(from, Math.min(shown, from + limit));
      return onlyOf(types, { events: page, next: page[page.length - 1]?.position ?? after, isTail: from + limit >= shown });
    },
    // It does not grow.
    changed: (_, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
    end: () => events[shown - 1]?.position ?? "",
  };
}

export type FoldingOptions = {
  log: FoldedLog;
  store: FoldedStore;
  projections: readonly Projection[];
  /** Default: 64. */
  pageEvents?: number;
};

/**
 * Folds what a log shows through projections, with their own handlers and as a server does it. Each call goes on from the one
 * before. Rejects with `Unavailable` if an event cannot be handled: what is shown then would be wrong.
 */
export function foldingInto({
  log,
  store,
  projections,
  pageEvents = PAGE_EVENTS,
}: FoldingOptions): (signal: AbortSignal) => Promise<void> {
  let fault: string | undefined;
  const runner = createRunner({
    log,
    store,
    projections,
    pageEvents,
    pause: async () => {},
    warn: (_, error) => void (fault ??= String(error)),
  });
  return async (signal) => {
    await runner.catchUp(signal);
    signal.throwIfAborted();
    if (Object.values(runner.state().parked).every((count) => count === 0)) return;
    throw new Unavailable("an event of the conversation's history cannot be handled", "nothing", {
      cause: new Error(fault ?? "it is parked"),
    });
  };
}
