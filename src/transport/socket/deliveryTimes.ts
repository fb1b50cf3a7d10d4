import { type Durations, durations } from "../../ports/durations.ts";

/** How long it took from what happened to the frame that tells of it. */
export type DeliveryTimes = {
  /** Called after a delivery was put into an outbox. `at`: when what it tells of happened, in milliseconds since 1970. */
  gathered(at: number): void;
  readonly durations: Durations;
};

/** The deliveries of one turn of the event loop are counted together, once their frames are written. */
export function deliveryTimes(now: () => number = Date.now): DeliveryTimes {
  const counted = durations();
  /** Moments and how many deliveries tell of each, in turn. One event goes to thousands, one after the other. */
  let waiting: number[] = [];

  const written = (): void => {
    const done = waiting;
    waiting = [];
    const end = now();
    for (let index = 0; index < done.length; index += 2) {
      // Clocks of several servers differ a little.
      const ms = Math.max(0, end - (done[index] as number));
      counted.add(ms / 1_000, done[index + 1]);
    }
  };

  return {
    gathered(at) {
      const { length } = waiting;
      if (length > 0 && waiting[length - 2] === at) waiting[length - 1] = (waiting[length - 1] as number) + 1;
      // The outboxes write their frames in the same phase of the event loop, and asked for it before.
      else if (waiting.push(at, 1) === 2) setImmediate(written);
    },
    durations: counted,
  };
}
