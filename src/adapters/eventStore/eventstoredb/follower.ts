import type { AllStreamSubscription } from "@eventstore/db-client";
import { backOff } from "../../../ports/backoff.ts";
import type { Position, RecordedEvent } from "../../../ports/eventStore.ts";
import type { Record } from "./records.ts";

export type FollowerOptions = {
  /** Where it begins: after this. */
  from: Position;
  /** A catch-up subscription to the whole log. */
  subscribe(after: Position): AllStreamSubscription;
  /** A record's position, and its event where it is one of this log. */
  read(record: Record): { position: Position; event: RecordedEvent | undefined };
  /** Told of every record that came. */
  seen(position: Position, isEvent: boolean): void;
  /** The log's end as it is now. */
  end(): Promise<Position>;
  /** How long a subscription may be silent before it is looked whether it should be: milliseconds. */
  quietMs: number;
};

/** What a subscription brought and nobody took yet. */
export type Follower = {
  /** Whoever takes next has had everything up to here. */
  readonly base: Position;
  /** How far the subscription has come; equal to `base` where all of it was taken. */
  readonly reached: Position;
  /** Whether it holds so much that it takes no more of the server. */
  readonly full: boolean;
  /** Grows with every break of the subscription. */
  readonly breaks: number;
  /** Whether nothing more comes: nothing of it can be waited for then. */
  readonly closed: boolean;
  /** At most `limit` events, and where the next ones begin. */
  take(limit: number): { events: RecordedEvent[]; next: Position };
  /**
   * Resolves when there is an event after a position, when it was closed, or `signal` is aborted; a moment later where there are only records that
   * are no events of this log: others may write many, and they are to cost little.
   */
  beyond(position: Position, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when it holds so many events or has got to a position, when it was closed or broke, or `signal` is aborted: for pages worth their
   * price where there is much to read.
   */
  gathered(events: number, until: Position, signal: AbortSignal): Promise<void>;
  close(): void;
};

/** How long records that are no events of this log are gathered: milliseconds. */
const OTHERS_MS = 100;

/** Events kept ready: some pages of the runner's. A subscription whose reader is slow is read no further, and the server sends no more. */
const KEPT = 2_048;

/**
 * Follows the whole log. A subscription never comes back by itself: it is opened anew, with backoff, after the last event that came, so that
 * nothing is missed and nothing comes twice. It is unfiltered and every record counts: nothing rests on checkpoints, which run ahead of
 * the reader and do not come on an idle log, nor on `caughtUp`, which older servers do not send.
 */
export function follower({ from, subscribe, read, seen, end, quietMs }: FollowerOptions): Follower {
  let base = from;
  let reached = from;
  /** The last event of this log, or what stands for it: see `beyond`. */
  let own = from;
  let kept: RecordedEvent[] = [];
  let taken = 0;
  let breaks = 0;
  const stop = new AbortController();
  const waiting = new Set<() => void>();
  let room = (): void => {};

  let waking: NodeJS.Immediate | undefined;
  const wake = (): void => {
    waking = undefined;
    for (const go of [...waiting]) go();
  };
  /** Not at each event: what came with it in the same turn of the event loop is to be in the same page. */
  const wakeSoon = (): void => {
    if (waiting.size > 0) waking ??= setImmediate(wake);
  };
  const until = (condition: () => boolean, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const go = (): void => {
        if (!condition() && !signal.aborted && !stop.signal.aborted) return;
        waiting.delete(go);
        signal.removeEventListener("abort", go);
        resolve();
      };
      waiting.add(go);
      signal.addEventListener("abort", go);
      go();
    });

  let others: NodeJS.Timeout | undefined;
  const wakeForOthers = (): void => {
    others = undefined;
    own = reached;
    wake();
  };

  const follow = async (): Promise<void> => {
    const subscription = subscribe(reached);
    // It stays: an error after the loop has ended would end the process.
    subscription.on("error", () => {});
    const cancel = (): void => {
      void subscription.unsubscribe().catch(() => {});
      // What the client cancels it tells nobody, and the loop would wait for ever.
      subscription.destroy();
    };
    stop.signal.addEventListener("abort", cancel, { once: true });
    const watching = watch(cancel);
    try {
      for await (const { event: record } of subscription) {
        if (stop.signal.aborted) return;
        if (record === undefined) continue;
        const { position, event } = read(record);
        reached = position;
        seen(position, event !== undefined);
        if (event) {
          own = position;
          kept.push(event);
          wakeSoon();
        } else if (waiting.size > 0) others ??= setTimeout(wakeForOthers, OTHERS_MS);
        if (kept.length - taken < KEPT) continue;
        await new Promise<void>((resolve) => (room = resolve));
      }
    } finally {
      clearInterval(watching);
      stop.signal.removeEventListener("abort", cancel);
      cancel();
    }
  };

  /** Ends a subscription that is connected, says nothing, and has had time to say what the log holds. */
  const watch = (cancel: () => void): NodeJS.Timeout => {
    let last: Position | undefined;
    let owed = reached;
    const look = async (): Promise<void> => {
      if (reached === last && reached < owed && kept.length - taken < KEPT) return cancel();
      last = reached;
      owed = await end();
    };
    // A server that cannot be asked is told of by whoever reads.
    return setInterval(() => void look().catch(() => {}), quietMs).unref();
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !stop.signal.aborted; failures++) {
      const before = reached;
      try {
        await follow();
      } catch {
        // Whatever it was, it is tried again: whether the server can be reached is told by what is asked of it.
      }
      breaks++;
      wake();
      if (reached !== before) failures = 0;
      await backOff(failures, stop.signal);
    }
  };
  void run();

  return {
    get base() {
      return base;
    },
    get reached() {
      return reached;
    },
    get full() {
      return kept.length - taken >= KEPT;
    },
    get breaks() {
      return breaks;
    },
    get closed() {
      return stop.signal.aborted;
    },
    take(limit) {
      const events = kept.slice(taken, taken + limit);
      taken += events.length;
      if (taken === kept.length) {
        kept = [];
        taken = 0;
        base = reached;
      } else {
        base = events[events.length - 1]?.position ?? base;
        // Who takes more slowly than the server sends would never take the last one, and all that was taken would be kept.
        if (taken >= KEPT) {
          kept = kept.slice(taken);
          taken = 0;
        }
      }
      if (kept.length - taken < KEPT) room();
      return { events, next: base };
    },
    beyond(position, signal) {
      if (own <= position && reached > position) others ??= setTimeout(wakeForOthers, OTHERS_MS);
      return until(() => own > position, signal);
    },
    gathered(events, end, signal) {
      const broken = breaks;
      const enough = Math.min(events, KEPT);
      return until(() => kept.length - taken >= enough || reached >= end || breaks !== broken, signal);
    },
    close() {
      stop.abort();
      clearTimeout(others);
      clearImmediate(waking);
      room();
      wake();
    },
  };
}
