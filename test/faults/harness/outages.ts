import { until } from "../../support/until.ts";
import type { Random } from "../../support/random.ts";

export type OutagesOptions = {
  /** About how many sends there will be. */
  sends: number;
  /** How many outages, at any time between the first sends and the last. */
  count: number;
  /** So many sends have to be in flight when one begins. */
  inFlight: number;
  rng: Random;
  /** Makes the nth, from 1. Resolves once it is over. */
  happen: (nth: number) => Promise<void>;
};

/** Outages that come while sends go on, one after the other. */
export type Outages = {
  /**
   * Runs a send: at once, or, where an outage lasts so long that its share of the sends is used up, with few others at a time.
   */
  pass<T>(send: () => Promise<T>): Promise<T>;
  /** A send was acknowledged. */
  acknowledged(): void;
  /** How many there were. */
  readonly happened: number;
  /** Whether there is none to come: all happened, or one failed. */
  readonly areOver: boolean;
  /** Resolves once they are over; rejects with what one failed with. */
  readonly over: Promise<void>;
};

/** Sends at a time that go on in an outage whose share of them is used up: there is never none. */
const TRICKLE = 2;

export function createOutages({ sends, count, inFlight, rng, happen }: OutagesOptions): Outages {
  const points = Array.from({ length: count }, () => rng.int(Math.ceil(sends * 0.03), Math.floor(sends * 0.97))).sort(
    (a, b) => a - b,
  );
  const share = Math.ceil(sends / (2 * count + 2));
  const waiting: (() => void)[] = [];
  let acknowledgements = 0;
  let passing = 0;
  let happened = 0;
  /** Acknowledgements before the outage of now. */
  let before: number | undefined;
  let failed = false;
  let settle!: () => void;
  let fail!: (error: unknown) => void;
  const over = new Promise<void>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  // Whoever waits for something else must not be ended by it.
  over.catch(() => undefined);
  if (count === 0) settle();

  const isSlow = () => before !== undefined && acknowledgements - before > share;

  const begin = async (): Promise<void> => {
    before = acknowledgements;
    await until("sends are in flight", () => passing >= inFlight);
    await happen(++happened);
  };

  const next = (): void => {
    if (before !== undefined || failed || acknowledgements < (points[0] ?? Number.POSITIVE_INFINITY)) return;
    points.shift();
    begin()
      .then(
        () => {
          if (points.length === 0) settle();
        },
        (error: unknown) => {
          failed = true;
          fail(error);
        },
      )
      .finally(() => {
        before = undefined;
        for (const go of waiting.splice(0)) go();
        next();
      });
  };

  return {
    pass: async (send) => {
      while (isSlow() && passing >= TRICKLE) await new Promise<void>((go) => waiting.push(go));
      passing++;
      try {
        return await send();
      } finally {
        passing--;
        waiting.shift()?.();
      }
    },
    acknowledged: () => {
      acknowledgements++;
      next();
    },
    get happened() {
      return happened;
    },
    get areOver() {
      return failed || (points.length === 0 && before === undefined);
    },
    over,
  };
}
