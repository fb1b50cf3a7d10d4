import { z } from "zod";
import type { ScheduledRef, ScheduleMessageInput } from "../../commands/commands.ts";
import { parseScheduleId } from "../../domain/ids.ts";
import { time } from "../../domain/time.ts";
import { badInput } from "../badInput.ts";
import type * as Api from "../generated.ts";
import { keyed, parsed } from "../inputs.ts";
import { outgoing, requireOneTarget } from "../outgoing.ts";

const scheduling = z.object({ ...outgoing, sendAt: time });
const named = z.object({ ...keyed, id: z.string() });

export function scheduleMessageInput(input: Api.ScheduleMessageInput): ScheduleMessageInput {
  const given = parsed(scheduling, input);
  requireOneTarget(given);
  return given;
}

export function scheduledInput(input: Api.NodeInput): ScheduledRef & { clientMutationId: string } {
  const { clientMutationId, id } = parsed(named, input);
  const ref = parseScheduleId(id);
  if (!ref) throw badInput("id", "the id of a scheduled message (s:<user>:<UUID>)");
  return { clientMutationId, ...ref };
}
