import { setTimeout as delay } from "node:timers/promises";
import { backOff } from "../ports/backoff.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";

/** For so long slices may stand still while others go on, before the log is asked; in milliseconds. */
const STOOD_MS = 1_000;
/** How long the log may take to answer then, in milliseconds. */
const ANSWER_MS = 1_500;

export type StrandedOptions = {
  log: Pick<EventStore, "end">;
  /** Called when the log cannot be read here, and (undefined) when it can be again. */
  changed: (error: unknown) => void;
  /** In milliseconds. Default: `performance.now`. */
  now?: () => number;
};

export type Stranded = {
  /** Takes in how far each slice is, by its index, and which of them are held here. */
  look(slices: readonly (Position | undefined)[], held: ReadonlySet<number>): void;
  /** Whether others can read the log, and this process cannot. */
  is(): boolean;
};

/**
 * Finds out that this process alone cannot read the log: slices that others hold go on, those that it holds stand still behind
 * them, and the log gives no answer here. Nothing is asked of the log as long as all go on, and where it is away for everybody,
 * each keeps what it has. Ends with `signal`.
 */
export function createStranded(options: StrandedOptions, signal: AbortSignal): Stranded {
  const { log, changed, now = () => performance.now() } = options;
  /** Where a slice that is held here was seen last, and when it came there. */
  const own = new Map<number, { position: Position; since: number }>();
  let furthest = "";
  let furthestAt = -Infinity;
  let isStranded = false;
  let isAsking = false;

  const answered = async (): Promise<void> => {
    const late = new AbortController();
    const silence = delay(ANSWER_MS, undefined, { signal: late.signal, ref: false }).then((): never => {
      throw new Unavailable(`the log did not answer within ${ANSWER_MS} ms`);
    });
    const end = (async () => log.end())();
    // Whichever comes later is heard by nobody.
    silence.catch(() => undefined);
    end.catch(() => undefined);
    await Promise.race([end, silence]).finally(() => late.abort());
  };

  /** Asks until there is an answer. */
  const ask = async (): Promise<void> => {
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await answered();
        if (isStranded) {
          isStranded = false;
          changed(undefined);
        }
        return;
      } catch (error) {
        if (!isStranded) {
          isStranded = true;
          changed(error);
        }
        await backOff(Math.min(attempt, 4), signal);
      }
    }
  };

  return {
    look: (slices, held) => {
      const at = now();
      for (const [index, position = ""] of slices.entries()) {
        if (!held.has(index)) {
          own.delete(index);
          if (position > furthest) [furthest, furthestAt] = [position, at];
        } else if (own.get(index)?.position !== position) own.set(index, { position, since: at });
      }
      // Of an earlier division.
      for (const index of own.keys()) if (index >= slices.length) own.delete(index);
      const isLeft = [...own.values()].some(({ position, since }) => position < furthest && furthestAt - since >= STOOD_MS);
      if (!isLeft || isAsking) return;
      isAsking = true;
      void ask().finally(() => {
        isAsking = false;
        // It is looked again for as long, before it is asked again.
        own.clear();
      });
    },
    is: () => isStranded,
  };
}
