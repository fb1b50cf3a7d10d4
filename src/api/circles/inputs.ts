import { z } from "zod";
import type { PutCircleInput } from "../../commands/commands.ts";
import { events } from "../../domain/events.ts";
import { circleIdOf } from "../../domain/ids.ts";
import type * as Api from "../generated.ts";
import { keyed, parsed, withUsual } from "../inputs.ts";

const { circleId, kind, name, memberIds } = events.CirclePut.shape;

const circle = z.object({
  ...keyed,
  id: z.string().transform(circleIdOf).pipe(circleId),
  kind,
  name,
  memberIds,
  withConversation: withUsual(z.boolean(), false),
});

export function putCircleInput(input: Api.PutCircleInput): PutCircleInput {
  const { id, ...given } = parsed(circle, input);
  return { circleId: id, ...given };
}
