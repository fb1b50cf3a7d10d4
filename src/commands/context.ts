import type { Views } from "../../projections/views.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { Fresh } from "./authorise.ts";
import type { Append, Stamp } from "./append.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Caller } from "./commands.ts";
import type { Grants, InForce } from "./grants.ts";
import type { Handle } from "./handle.ts";
import type { Registered } from "./registered.ts";
import type { MessageLog } from "./writer.ts";

/** What commands work with. */
export type CommandContext = {
  log: EventStore;
  views: Views;
  watermark: Watermark;
  backpressure: Backpressure;
  /** For what never ceases to be so (who registered), or is only refused by it. */
  fresh: Fresh;
  /** For rights: not on rows that are too far behind. */
  granted: Fresh;
  /** What rests on rights of the rows is done within `holding`. */
  grants: Grants;
  inForce: InForce;
  append: Append;
  handle: Handle;
  messages: MessageLog;
  registered: Registered;
  /** Members a group has at most. */
  memberCap: number;
  now: () => Date;
};

/** Who does it, when, on what device, in which request: what goes into every event's metadata. */
export function stamp(
  { now }: Pick<CommandContext, "now">,
  { userId, deviceId, correlationId }: Caller,
  { clientMutationId }: { clientMutationId: string },
): Stamp {
  return {
    actorId: userId,
    clientMutationId,
    at: now().toISOString(),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
}
