import { once } from "node:events";
import { linked } from "./patience.ts";

/** Work that can be made to stand still. */
export type Halting = {
  /**
   * Works again and again until `signal` is aborted, but for the time in which it is halted. `work` ends once the signal that it
   * is given is aborted.
   */
  run(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Resolves once nothing of the work is under way, and until `resume` nothing is. */
  halt(): Promise<void>;
  resume(): void;
};

export function halting(): Halting {
  /** The present turn: from one resume to the next halt. */
  let turn: AbortController | undefined;
  let isHalted = false;
  /** Whether nothing is under way, and who waits for that. */
  let isStill = true;
  let waiting: (() => void)[] = [];
  let resumed = (): void => {};

  const standStill = (): void => {
    isStill = true;
    for (const tell of waiting) tell();
    waiting = [];
  };

  return {
    run: async (work, signal) => {
      try {
        while (!signal.aborted) {
          if (!isHalted) {
            turn = linked(signal);
            isStill = false;
            await work(turn.signal);
          }
          // It may have been resumed meanwhile: whoever halted it has gone.
          if (!isHalted || signal.aborted) continue;
          const wait = linked(signal);
          const ended = once(wait.signal, "abort");
          resumed = () => wait.abort();
          standStill();
          await ended;
        }
      } finally {
        standStill();
      }
    },
    halt: async () => {
      isHalted = true;
      turn?.abort();
      if (!isStill) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    resume: () => {
      isHalted = false;
      resumed();
    },
  };
}
