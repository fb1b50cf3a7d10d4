import type { Views } from "../../projections/views.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { Blocked } from "../projecting/blocked.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { Fresh } from "./authorise.ts";
import type { Append, Stamp } from "./append.ts";
import type { Backpressure } from "./backpressure.ts";
import type { Banned } from "./banned.ts";
import type { Caller } from "./commands.ts";
import type { Grants, InForce } from "./grants.ts";
import type { Handle } from "./handle.ts";
import type { Judging } from "./judging.ts";
import type { MessageRate } from "./messageRate.ts";
import type { Registered } from "./registered.ts";
import type { SendHooks } from "./sendHooks.ts";
import type { UploadOptions } from "./uploads.ts";
import type { MessageLog } from "./writer.ts";

/** What all commands work with. */
export type CommandContext = {
  log: EventStore;
  views: Views;
  watermark: Watermark;
  backpressure: Backpressure;
  /** For facts that never cease to be true (who registered), and for checks that can only refuse. */
  fresh: Fresh;
  /** For rights: does not use rows that are too far behind. */
  granted: Fresh;
  /** Asked by commands that rely on rows which parked events would change. */
  blocked: Pick<Blocked, "isBlocked" | "isAnyBlocked">;
  /** Work that relies on rights found in the rows runs within `holding`. */
  grants: Grants;
  inForce: InForce;
  append: Append;
  handle: Handle;
  messages: MessageLog;
  registered: Registered;
  banned: Banned;
  /** How many messages of a user can wait for their time. */
  scheduledCap: number;
  /** For how long after it was sent its sender edits a message, in milliseconds; 0: for ever. */
  editWindowMs: number;
  /** The same for recalling it. Owner and administrators of a group recall at any time. */
  recallWindowMs: number;
  /** How many devices a user can have. */
  deviceCap: number;
  /** Who may write to whom. */
  directMessages: "anyone" | "friends";
  /** Who is added to a group without being asked. */
  addToGroups: "anyone" | "friends";
  messageRate: MessageRate;
  /** Whether a user may make only so many reports in a while. */
  limitsReports: boolean;
  /** What messages are held to. */
  judging: Judging;
  /** Who is asked before they are stored. */
  sendHooks: SendHooks;
  /** Hosts (`name` or `name:port`) that subscriptions of browsers may lead to. Undefined: any public one. */
  webPushHosts: ReadonlySet<string> | undefined;
  /** Undefined: no files are kept. */
  uploads: UploadOptions | undefined;
  /** What claims and releases handles of a user: one after the other, or one could release what another claims. */
  inUserTurn: <T>(userId: string, work: () => Promise<T>) => Promise<T>;
  /** How many members a group can have. */
  memberCap: number;
  /** Throws BAD_INPUT for an address that webhooks may not lead to. */
  webhookUrl: (url: string) => Promise<void>;
  now: () => Date;
};

/** Who does it, when, on what device, in which request. This goes into the metadata of every event. */
export function stamp(
  { now }: Pick<CommandContext, "now">,
  { userId, deviceId, correlationId }: Caller,
  { clientMutationId }: { clientMutationId: string },
): Stamp {
  const made: Stamp = { actorId: userId, clientMutationId, at: now().toISOString() };
  if (deviceId !== undefined) made.deviceId = deviceId;
  if (correlationId !== undefined) made.correlationId = correlationId;
  return made;
}
