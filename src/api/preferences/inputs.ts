import { z } from "zod";
import type { SetPreferencesInput } from "../../commands/commands.ts";
import { events } from "../../domain/events.ts";
import { conversationId } from "../../domain/ids.ts";
import type * as Api from "../generated.ts";
import { keyed, parsed } from "../inputs.ts";

const { nickname } = events.PreferencesChanged.shape;

/** Null is as if it were left out: there is nothing to take away from a yes or no. */
const choice = z
  .boolean()
  .nullish()
  .transform((value) => value ?? undefined);

const wanted = z.object({ ...keyed, conversationId, muted: choice, pinned: choice, hidden: choice, nickname });

export function setPreferencesInput(input: Api.SetPreferencesInput): SetPreferencesInput {
  const { muted, pinned, hidden, nickname: name, ...of } = parsed(wanted, input);
  return {
    ...of,
    ...(muted === undefined ? {} : { muted }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(hidden === undefined ? {} : { hidden }),
    ...(name === undefined ? {} : { nickname: name }),
  };
}
