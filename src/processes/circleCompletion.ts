import type { CircleReads, UnequalCircle } from "../../projections/circles.ts";
import type { CircleSteps } from "../commands/commands.ts";
import type { DueWork } from "./dueProcess.ts";

export type CircleCompletionOptions = { circles: Pick<CircleReads, "due">; commands: CircleSteps };

/**
 * Makes the conversation of a circle equal to it, where whoever put the circle did not come so far: a server ended in the middle,
 * or there was too much to do. Otherwise those who are in it no longer would have their rights until somebody puts it again.
 */
export function circleCompletion({ circles, commands }: CircleCompletionOptions): DueWork<UnequalCircle> {
  return {
    name: "circles",
    due: circles.due,
    turnOf: ({ circle }) => circle,
    act: async (put) => (await commands.completeCircle(put)).position,
  };
}
