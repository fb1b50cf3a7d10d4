import type { Awaitable } from "../../ports/awaitable.ts";
import type { Context } from "../context.ts";
import { inviteSeen, joinRequestSeen } from "../joining.ts";
import { visibleMember } from "../memberEntities.ts";
import {
  conversationEntity,
  knownUser,
  type NodeEntity,
  openConversation,
  ownFriend,
  ownRequest,
  ownScheduled,
  visibleMessage,
} from "../entities.ts";
import { visibleCircle } from "../circleEntities.ts";
import { ownDevice } from "../ownDevices.ts";
import { webhookEntity } from "../webhookEntities.ts";
import { reportSeen } from "../reports.ts";
import type { NodeId } from "./ids.ts";

/** What an id names. Null if there is none that the viewer may see. */
export function nodeOf(context: Context, node: NodeId): Awaitable<NodeEntity | null> {
  switch (node.kind) {
    case "user":
      return userOrDevice(context, node.id);
    case "device":
      return ownDevice(context, node.id);
    case "conversation":
      return openConversation(context, node.id);
    case "message":
      return visibleMessage(context, conversationEntity(node.conversation), node.seq);
    case "member":
      return visibleMember(context, node.conversation, node.user);
    case "circle":
      return visibleCircle(context, node.id);
    case "friendship":
      return ownFriend(context, node.users);
    case "friendRequest":
      return ownRequest(context, node.users, node.number);
    case "joinRequest":
      return joinRequestSeen(context, node);
    case "invite":
      return inviteSeen(context, node.id);
    case "webhook":
      return context.caller.admin ? webhookEntity(context, node.id) : null;
    case "report":
      return reportSeen(context, node.ref);
    case "scheduled":
      return ownScheduled(context, node.user, node.id);
  }
}

/** Ids of users and of devices look alike; no device can be added with the id of a user. */
async function userOrDevice(context: Context, id: string): Promise<NodeEntity | null> {
  return (await knownUser(context, id)) ?? ownDevice(context, id);
}
