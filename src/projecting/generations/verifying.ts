import { explained } from "../../ports/faults.ts";
import type { Journal } from "./state.ts";

/** What a verification found. `samples`: the first differences, a sentence each. */
export type Verification = { differences: number; samples: readonly string[]; summary: string };

/** Compares a generation with what it should be, and tells how far it is (0 to 1). */
export type Verify = (generation: string, progress: (fraction: number) => void, signal: AbortSignal) => Promise<Verification>;

export type VerifyingOptions = {
  verify: Verify;
  called: string;
  journal: Journal;
  info: (message: string) => void;
  warn: (message: string, error: unknown) => void;
};

/** Begins to compare the generation that is read now. It throws where one is being compared. */
export function verifying({ verify, called, journal, info, warn }: VerifyingOptions): (running: AbortSignal) => void {
  const { state, doing, tell, tellNowAndThen, activity, activityUnlessTroubled } = journal;
  return (running) => {
    if (doing.verifying) throw new Error(`${called} is being compared already`);
    doing.verifying = true;
    tell({ state: activity(), progress: 0, differences: undefined });
    void verify(state.generation, (progress) => tellNowAndThen({ progress }), running)
      .then(
        ({ differences, samples, summary }) => {
          doing.verifying = false;
          info(summary);
          for (const sample of samples) warn(`${called} differs from the views`, sample);
          tell({ differences });
        },
        (error: unknown) => {
          doing.verifying = false;
          warn(`the verification of ${called} failed`, error);
          tell({ lastError: explained(error) });
        },
      )
      .then(() => tell({ state: activityUnlessTroubled(), progress: undefined }));
  };
}
