import { backOff } from "../../../ports/backoff.ts";
import type { Position, RecordedEvent } from "../../../ports/eventStore.ts";
import type { Record } from "./records.ts";

/** A subscription: records, some at a time, as long as nobody ends it. */
export type Subscription = AsyncIterable<readonly Record[]> & {
  on(name: "error" | "close", listener: () => void): unknown;
  cancel(): void;
  destroy(): unknown;
  /** Called instead of `cancel` if it says nothing though there is something to say. */
  doubt?(): void;
};

export type FollowerOptions = {
  /** It follows the log after this position. */
  from: Position;
  /** Opens a catch-up subscription to the whole log. */
  subscribe(after: Position): Promise<Subscription>;
  /** Gives a record's position, and its event if the record belongs to this log. */
  read(record: Record): { position: Position; event: RecordedEvent | undefined };
  /** Called for every record that arrives. */
  seen(position: Position, isEvent: boolean): void;
  /** The log's present end. */
  end(): Promise<Position>;
  /** How long a subscription may be silent before its silence is checked, in milliseconds. */
  quietMs: number;
};

/** Holds what a subscription has brought and nobody has taken yet. */
export type Follower = {
  /** Everything up to here has been taken. */
  readonly base: Position;
  /** How far the subscription has come. Equal to `base` if everything was taken. */
  readonly reached: Position;
  /** Whether it holds so much that it accepts no more from the server. */
  readonly full: boolean;
  /** How many times the subscription has broken. */
  readonly breaks: number;
  /** Whether it was closed. Then nothing more comes. */
  readonly closed: boolean;
  /** Ends its subscription, which says nothing though there is something to say. */
  doubt(): void;
  /** Takes at most `limit` events. `next`: where the next ones begin. */
  take(limit: number): { events: RecordedEvent[]; next: Position };
  /**
   * Resolves when there is an event after a position, when the follower was closed, or when `signal` is aborted. Records that are
   * no events of this log also resolve it, but a moment later: others may write many of them, and they should cost little.
   */
  beyond(position: Position, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when it holds so many events or has reached a position, when it was closed or broke, or when `signal` is aborted.
   * When there is much to read, this makes pages large enough to be worth their cost.
   */
  gathered(events: number, until: Position, signal: AbortSignal): Promise<void>;
  close(): void;
};

/** How long records that are no events of this log are collected, in milliseconds. */
const OTHERS_MS = 100;

/**
 * How many events are kept ready: some pages of the runner. If the reader is slow, the subscription pauses, and the server sends
 * no more.
 */
const KEPT = 2_048;

/**
 * Follows the whole log. A broken subscription does not recover by itself. It is opened again, with backoff, after the last event
 * that arrived. So no event is missed and none comes twice. The subscription is unfiltered, and every record counts. It does not
 * rely on checkpoints, which run ahead of the reader and do not come on an idle log. Nor does it rely on `caughtUp`, which older
 * servers do not send.
 */
export function follower({ from, subscribe, read, seen, end, quietMs }: FollowerOptions): Follower {
  let base = from;
  let reached = from;
  /** The position of the last event of this log, or of the records that stand for it: see `beyond`. */
  let own = from;
  let kept: RecordedEvent[] = [];
  let taken = 0;
  let breaks = 0;
  const stop = new AbortController();
  const waiting = new Set<() => void>();
  let room = (): void => {};
  let current: Subscription | undefined;

  let waking: NodeJS.Immediate | undefined;
  const wake = (): void => {
    waking = undefined;
    for (const go of [...waiting]) go();
  };
  /** Not at each event: events of the same turn of the event loop should be in the same page. */
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

  const take = (record: Record): void => {
    const { position, event } = read(record);
    // A subscription may begin a little before the place that was asked for.
    if (position <= reached) return;
    reached = position;
    seen(position, event !== undefined);
    if (event) {
      own = position;
      kept.push(event);
      wakeSoon();
    } else if (waiting.size > 0) others ??= setTimeout(wakeForOthers, OTHERS_MS);
  };

  const doubt = (): void => {
    current?.doubt?.();
    current?.cancel();
    current?.destroy();
  };

  const follow = async (): Promise<void> => {
    const subscription = await subscribe(reached);
    current = subscription;
    // This listener stays: an unhandled error after the loop would end the process.
    subscription.on("error", () => {});
    const cancel = (): void => {
      subscription.cancel();
      // After a cancel, nothing need come any more. The loop would wait for ever.
      subscription.destroy();
    };
    if (stop.signal.aborted) return cancel();
    stop.signal.addEventListener("abort", cancel, { once: true });
    const watching = watch();
    try {
      for await (const records of subscription) {
        if (stop.signal.aborted) return;
        for (const record of records) take(record);
        if (kept.length - taken < KEPT) continue;
        await new Promise<void>((resolve) => (room = resolve));
      }
    } finally {
      current = undefined;
      clearInterval(watching);
      stop.signal.removeEventListener("abort", cancel);
      cancel();
    }
  };

  /** Ends a subscription that is connected but silent, if it had enough time to send what the log holds. */
  const watch = (): NodeJS.Timeout => {
    let last: Position | undefined;
    let owed = reached;
    const look = async (): Promise<void> => {
      if (reached === last && reached < owed && kept.length - taken < KEPT) return doubt();
      last = reached;
      owed = await end();
    };
    // Whoever reads reports a server that cannot be asked.
    return setInterval(() => void look().catch(() => {}), quietMs).unref();
  };

  const run = async (): Promise<void> => {
    for (let failures = 0; !stop.signal.aborted; failures++) {
      const before = reached;
      try {
        await follow();
      } catch {
        // Any fault leads to another attempt. Other calls report whether the server can be reached.
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
    doubt,
    take(limit) {
      const events = kept.slice(taken, taken + limit);
      taken += events.length;
      if (taken === kept.length) {
        kept = [];
        taken = 0;
        base = reached;
      } else {
        base = events[events.length - 1]?.position ?? base;
        // A reader that is slower than the server would never take the last event. Then all taken events would be kept.
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
