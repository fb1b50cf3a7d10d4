import type { LRUCache } from "lru-cache";
import type { Views } from "../../projections/views.ts";
import { Refusal } from "../domain/refusal.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { Fresh } from "./authorise.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Caller } from "./commands.ts";
import type { Grants, InForce } from "./grants.ts";
import type { Handle } from "./handle.ts";
import type { MessageLog } from "./send.ts";

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
  handle: Handle;
  messages: MessageLog;
  /** Users who are known to have registered: nobody ceases to be one. */
  registered: LRUCache<string, true>;
  /** Members a group has at most. */
  memberCap: number;
  now: () => Date;
};

/** Of the users who are known to have registered; the rows are asked for others. */
const USERS_BYTES = 16_777_216;

export const knownUsers = (): LRUCache<string, true> => byteCache<true>(USERS_BYTES);

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

export async function isRegistered(
  { views, registered }: Pick<CommandContext, "views" | "registered">,
  userId: string,
): Promise<boolean> {
  if (registered.get(userId)) return true;
  if (!(await views.directory.user(userId))) return false;
  registered.set(userId, true);
  return true;
}

/** Throws NOT_FOUND where the caller never registered. */
export async function requireRegistered(context: Pick<CommandContext, "views" | "registered">, caller: Caller): Promise<void> {
  if (await isRegistered(context, caller.userId)) return;
  throw new Refusal("NOT_FOUND", "you have not registered yet: call the mutation register first");
}

/** Throws NOT_FOUND, with the ids, where there are not all of these users. */
export async function requireUsers(
  { views, registered }: Pick<CommandContext, "views" | "registered">,
  ids: readonly string[],
  field: string,
): Promise<void> {
  const unknown = ids.filter((id) => !registered.get(id));
  if (unknown.length === 0) return;
  const rows = await views.directory.users(unknown);
  const missing = unknown.filter((_, index) => rows[index] === undefined);
  if (missing.length > 0)
    throw new Refusal("NOT_FOUND", `there is no user ${missing.slice(0, 10).join(", ")}${missing.length > 10 ? " …" : ""}`, {
      field,
    });
  for (const id of unknown) registered.set(id, true);
}
