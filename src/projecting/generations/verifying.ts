import { explained } from "../../ports/faults.ts";
import type { Journal } from "./state.ts";

/** The result of a verification. `samples`: the first differences, one sentence each. */
export type Verification = { differences: number; samples: readonly string[]; summary: string };

/** Compares a generation with the data that it should hold, and reports its progress (0 to 1). */
export type Verify = (generation: string, progress: (fraction: number) => void, signal: AbortSignal) => Promise<Verification>;

export type VerifyingOptions = {
  verify: Verify;
  called: string;
  journal: Journal;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
};

export type Verifying = {
  /** Begins to compare the generation that is read now. Throws if a comparison is under way. Ends when `running` is aborted. */
  begin(running: AbortSignal): void;
  /** Resolves once no comparison is under way. */
  ended(): Promise<void>;
};

/** Compares generations, one at a time. */
export function verifying({ verify, called, journal, info, warn }: VerifyingOptions): Verifying {
  const { state, doing, tell, tellNowAndThen, activity, activityUnlessTroubled } = journal;
  let current: Promise<void> | undefined;
  return {
    begin: (running) => {
      if (current) throw new Error(`${called} is being compared already`);
      const compared = verify(state.generation, (progress) => tellNowAndThen({ progress }), running).then(
        ({ differences, samples, summary }) => {
          info(summary);
          for (const sample of samples) warn(`${called} differs from what it was made from`, sample);
          return { differences, ...(state.state === "RETRYING" ? {} : { lastError: undefined }) };
        },
        (error: unknown) => {
          // The server shuts down, so that is no failure.
          if (running.aborted) return {};
          warn(`the verification of ${called} failed`, error);
          return { lastError: explained(error) };
        },
      );
      current = compared.then((found) => {
        current = undefined;
        doing.verifying = false;
        tell({ ...found, state: activityUnlessTroubled(), progress: undefined });
      });
      doing.verifying = true;
      tell({ state: activity(), progress: 0, differences: undefined });
    },
    ended: async () => {
      await current;
    },
  };
}
