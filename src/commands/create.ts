import type { Views } from "../../projections/views.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { Blocked } from "../projecting/blocked.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { annotationCommands } from "./annotations.ts";
import { appending } from "./append.ts";
import { freshly } from "./authorise.ts";
import { archiveCommands } from "./archives.ts";
import { backpressureDefaults, createBackpressure } from "./backpressure.ts";
import { type Banned, nobodyBanned } from "./banned.ts";
import type {
  CircleSteps,
  Commands,
  ExpirySteps,
  FileSteps,
  ModerationSteps,
  PushSteps,
  SendingSteps,
  WebhookSteps,
} from "./commands.ts";
import { withCap } from "./caps.ts";
import { circleCommands } from "./circles.ts";
import type { CommandContext } from "./context.ts";
import { channelCommands } from "./channels.ts";
import { forwardCommands } from "./forwards.ts";
import { friendCap } from "./friendCap.ts";
import { friendCommands } from "./friends.ts";
import { groupCap } from "./groupCap.ts";
import { groupCommands } from "./groups.ts";
import { joiningCommands } from "./joining.ts";
import { createGrants, inForce } from "./grants.ts";
import { commandHandler } from "./handle.ts";
import { importCommands } from "./imports.ts";
import { judging, type RulesInForce } from "./judging.ts";
import { messageRate } from "./messageRate.ts";
import { messageCommands } from "./messages.ts";
import { moderationCommands } from "./moderation.ts";
import { nearness } from "./nearness.ts";
import { preferenceCommands } from "./preferences.ts";
import { pushTokenCommands } from "./pushTokens.ts";
import { readCommands } from "./reads.ts";
import { type Registered, registeredUsers } from "./registered.ts";
import { messageLog } from "./send.ts";
import { noSendHooks, type SendHooks } from "./sendHooks.ts";
import { scheduleCommands } from "./schedules.ts";
import { turns } from "./turns.ts";
import { typingCommands } from "./typing.ts";
import { uploadCommands, type UploadOptions } from "./uploads.ts";
import { userCommands } from "./users.ts";
import { webhookCommands } from "./webhooks.ts";

export type CommandOptions = {
  log: EventStore;
  views: Views;
  watermark: Watermark;
  registered?: Registered;
  /** Absent: nobody is. */
  banned?: Banned;
  friendCap: number;
  deviceCap: number;
  scheduledCap: number;
  editWindowMs: number;
  recallWindowMs: number;
  directMessages: "anyone" | "friends";
  addToGroups: "anyone" | "friends";
  groupCap: number;
  memberCap: number;
  now: () => Date;
  /** Keys under which nothing is done now. */
  blocked?: Pick<Blocked, "check" | "isBlocked" | "isAnyBlocked">;
  /** How many messages a user may send in a second; 0 is no limit, and then there is none of reports either. */
  messagesPerSecond: number;
  /** Throws BAD_INPUT for an address that webhooks may not lead to. Default: any is allowed. */
  webhookUrl?: (url: string) => Promise<void>;
  /** Absent: there are no rules. */
  rules?: RulesInForce;
  /** Absent: nobody is asked before messages are stored. */
  sendHooks?: SendHooks;
  /** See `CommandContext`. Default: any public host. */
  webPushHosts?: ReadonlySet<string>;
  /** Undefined: no files are kept, so nothing is uploaded. */
  uploads?: UploadOptions;
  /** How far behind the log the rows may be when they grant rights, in milliseconds. Infinity: any lag is allowed. */
  rightsLagMs: number;
  /** How long a command that takes rights away waits until that is in force, in milliseconds. */
  inForceMs?: number;
  /** See `AnswersOptions`. */
  rowsMs?: number;
};

export type AllCommands = Commands &
  SendingSteps &
  ExpirySteps &
  CircleSteps &
  FileSteps &
  ModerationSteps &
  WebhookSteps &
  PushSteps;

/** Makes all commands, on one log. */
export function createCommands(options: CommandOptions): AllCommands {
  const { log, views, watermark, deviceCap, scheduledCap, directMessages, addToGroups, memberCap } = options;
  const { now, rightsLagMs, inForceMs, rowsMs, editWindowMs, recallWindowMs } = options;
  const grants = createGrants();
  const backpressure = createBackpressure(watermark, backpressureDefaults);
  const fresh = freshly(log, watermark);
  const rows = { fresh, watermark };
  const blocked = options.blocked ?? { check: () => {}, isBlocked: () => false, isAnyBlocked: () => false };
  const uncapped = commandHandler({ log, folds: views.folds, backpressure, blocked });
  const ofGroups = withCap(uncapped, groupCap({ views }, options.groupCap), rows);
  const context: CommandContext = {
    log,
    views,
    watermark,
    backpressure,
    fresh,
    granted: freshly(log, watermark, nearness({ log, watermark, maxLagMs: rightsLagMs })),
    blocked,
    grants,
    inForce: inForce({ watermark, grants, ...(inForceMs === undefined ? {} : { timeoutMs: inForceMs }) }),
    append: appending({ log, backpressure, blocked }),
    handle: withCap(ofGroups, friendCap({ views }, options.friendCap), rows),
    messages: messageLog({ log, views, watermark, backpressure, blocked, ...(rowsMs === undefined ? {} : { rowsMs }) }),
    registered: options.registered ?? registeredUsers(views.directory),
    banned: options.banned ?? nobodyBanned,
    deviceCap,
    scheduledCap,
    editWindowMs,
    recallWindowMs,
    directMessages,
    addToGroups,
    memberCap,
    messageRate: messageRate(options.messagesPerSecond),
    limitsReports: options.messagesPerSecond > 0,
    judging: judging(options.rules, now, () => moderation.reportByRule),
    sendHooks: options.sendHooks ?? noSendHooks,
    webPushHosts: options.webPushHosts,
    uploads: options.uploads,
    webhookUrl: options.webhookUrl ?? (async () => {}),
    inUserTurn: turns(),
    now,
  };
  const moderation = moderationCommands(context);
  const groups = { ...groupCommands(context), ...joiningCommands(context) };
  return {
    ...userCommands(context),
    ...pushTokenCommands(context),
    ...friendCommands(context),
    ...groups,
    ...channelCommands(context, groups),
    ...messageCommands(context),
    ...forwardCommands(context),
    ...annotationCommands(context),
    ...moderation,
    ...scheduleCommands(context),
    ...uploadCommands(context),
    ...preferenceCommands(context),
    ...readCommands(context),
    ...circleCommands(context),
    ...typingCommands(context),
    ...importCommands(context),
    ...archiveCommands(context),
    ...webhookCommands(context),
  };
}
