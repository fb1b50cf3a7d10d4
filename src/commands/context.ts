import type { Views } from "../../projections/views.ts";
import { Refusal } from "../domain/refusal.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { Fresh } from "./authorise.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Caller } from "./commands.ts";
import type { Handle } from "./handle.ts";
import type { MessageLog } from "./send.ts";

/** What commands work with. */
export type CommandContext = {
  log: EventStore;
  views: Views;
  watermark: Watermark;
  backpressure: Backpressure;
  fresh: Fresh;
  handle: Handle;
  messages: MessageLog;
  /** Members a group has at most. */
  memberCap: number;
  now: () => Date;
};

/** Who does it, when, on what device: what goes into every event's metadata. */
export const stamp = (
  { now }: Pick<CommandContext, "now">,
  caller: Caller,
  { clientMutationId }: { clientMutationId: string },
) => ({
  actorId: caller.userId,
  clientMutationId,
  at: now().toISOString(),
  ...(caller.deviceId === undefined ? {} : { deviceId: caller.deviceId }),
});

/** Throws NOT_FOUND where the caller never registered. */
export async function requireRegistered({ views }: Pick<CommandContext, "views">, caller: Caller): Promise<void> {
  if (await views.directory.user(caller.userId)) return;
  throw new Refusal("NOT_FOUND", "you have not registered yet: call the mutation register first");
}

/** Throws NOT_FOUND, with the ids, where there are not all of these users. */
export async function requireUsers(
  { views }: Pick<CommandContext, "views">,
  ids: readonly string[],
  field: string,
): Promise<void> {
  if (ids.length === 0) return;
  const rows = await views.directory.users(ids);
  const missing = ids.filter((_, index) => rows[index] === undefined);
  if (missing.length === 0) return;
  throw new Refusal("NOT_FOUND", `there is no user ${missing.slice(0, 10).join(", ")}${missing.length > 10 ? " …" : ""}`, {
    field,
  });
}
