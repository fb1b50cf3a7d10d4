import { setTimeout as delay } from "node:timers/promises";
import { backOff } from "../../ports/backoff.ts";
import { CheckpointMoved, explained } from "../../ports/faults.ts";
import type { Journal } from "./state.ts";

/** How long at most this server waits while another one folds into the same generation, in milliseconds. */
const STANDBY_MS = 500;

export type Patience = {
  /** Tries with backoff until the work succeeds, or until the signal is aborted. */
  persist(work: () => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Waits after a fault, before the next attempt. `attempt`: how many attempts have failed in a row. */
  recover(error: unknown, attempt: number, signal: AbortSignal): Promise<void>;
};

export type PatienceOptions = { called: string; journal: Journal; warn: (message: string, error: unknown) => void };

/** How a keeper handles faults. A store that is away comes back. That another server was faster is no fault. */
export function patience({ called, journal, warn }: PatienceOptions): Patience {
  const recover = async (error: unknown, attempt: number, signal: AbortSignal): Promise<void> => {
    if (error instanceof CheckpointMoved) return standBy(signal);
    warn(`${called} cannot go on; trying again`, error);
    journal.tell({ state: "RETRYING", lastError: explained(error) });
    await backOff(attempt, signal);
  };

  return {
    recover,
    persist: async (work, signal) => {
      for (let attempt = 0; !signal.aborted; attempt++) {
        try {
          return await work();
        } catch (error) {
          await recover(error, attempt, signal);
        }
      }
    },
  };
}

/** Another server folds into the same generation, and one is enough. This server takes over when the other one ends. */
const standBy = (signal: AbortSignal): Promise<void> =>
  delay(STANDBY_MS * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});

/** A controller that is aborted together with `signal`. It can also be aborted alone, before that. */
export function linked(signal: AbortSignal): AbortController {
  const controller = new AbortController();
  signal.addEventListener("abort", () => controller.abort(), { once: true, signal: controller.signal });
  if (signal.aborted) controller.abort();
  return controller;
}
