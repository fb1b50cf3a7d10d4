import type { ReportRef } from "../../../projections/reports.ts";
import type { JoinRequestKey } from "../../commands/commands.ts";
import {
  circleId,
  conversationId,
  inviteId,
  deviceId,
  isUserId,
  parseFriendRequestId,
  parseFriendshipId,
  parseJoinRequestId,
  parseMemberId,
  parseMessageId,
  parseReportId,
  parseScheduleId,
  webhookId,
} from "../../domain/ids.ts";
import { badInput } from "../badInput.ts";

/** What an id names, judged only by its form. */
export type NodeId =
  | { kind: "user"; id: string }
  | { kind: "conversation"; id: string }
  | { kind: "message"; conversation: string; seq: number }
  | { kind: "member"; conversation: string; user: string }
  | { kind: "circle"; id: string }
  | { kind: "friendship"; users: [string, string] }
  | { kind: "friendRequest"; users: [string, string]; number: number }
  | ({ kind: "joinRequest" } & JoinRequestKey)
  | { kind: "invite"; id: string }
  | { kind: "report"; ref: ReportRef }
  | { kind: "scheduled"; user: string; id: string }
  | { kind: "webhook"; id: string }
  | { kind: "device"; id: string };

/** Throws BAD_INPUT for a text that is the id of nothing. `field`: the input that it is in. */
export function nodeArgument(id: string, field = "id"): NodeId {
  // First, because most ids are of users, and a schema takes long over what it finds wrong.
  if (isUserId(id)) return { kind: "user", id };
  if (conversationId.safeParse(id).success) return { kind: "conversation", id };
  const message = parseMessageId(id);
  if (message) return { kind: "message", ...message };
  const member = parseMemberId(id);
  if (member) return { kind: "member", ...member };
  if (circleId.safeParse(id).success) return { kind: "circle", id };
  const friends = parseFriendshipId(id);
  if (friends) return { kind: "friendship", users: friends };
  const request = parseFriendRequestId(id);
  if (request) return { kind: "friendRequest", ...request };
  const joining = parseJoinRequestId(id);
  if (joining) return { kind: "joinRequest", ...joining };
  if (inviteId.safeParse(id).success) return { kind: "invite", id };
  const report = parseReportId(id);
  if (report) return { kind: "report", ref: report };
  const scheduled = parseScheduleId(id);
  if (scheduled) return { kind: "scheduled", ...scheduled };
  if (webhookId.safeParse(id).success) return { kind: "webhook", id };
  if (deviceId.safeParse(id).success) return { kind: "device", id };
  throw badInput(
    field,
    "the id of a user, a conversation (g:… or d:…), a message (<conversation>:<seq>), a member (m:…), a friendship or a request (f:…), a request to join (j:…), an invitation (i:…), a report (r:…), a scheduled message (s:…), a webhook (w:…), or a device",
  );
}
