import type { Done, FriendRequestDone, InviteDone, JoinDone, JoinRequestDone } from "../commands/commands.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Context } from "./context.ts";
import {
  circleEntity,
  conversationEntity,
  type ConversationPayloadEntity,
  type ConversationsPayloadEntity,
  friendRequestEntity,
  inviteEntity,
  joinRequestEntity,
  readAt,
  userEntity,
  type ViewerEntity,
} from "./entities.ts";

/** What mutations return: the changed object, read when the views have reached the cursor. */

export const userPayload = (id: string, { position }: Done) => ({ cursor: position, user: userEntity(id, position) });

export const conversationPayload = (id: string, { position }: Done): ConversationPayloadEntity => ({
  cursor: position,
  conversation: conversationEntity(id, position),
});

export const conversationsPayload = (ids: ReadonlySet<string>, { position }: Done): ConversationsPayloadEntity => ({
  cursor: position,
  conversations: [...ids].map((id) => conversationEntity(id, position)),
});

export const circlePayload = (id: string, { position }: Done) => ({ cursor: position, circle: circleEntity(id, position) });

export const friendRequestPayload = ({ position, users, number }: FriendRequestDone) => ({
  cursor: position,
  request: friendRequestEntity(users, number, { at: position }),
});

/** The viewer in a payload: all that they read there is as the mutation left it. */
export const viewerAt = (context: Context, cursor: Position): Awaitable<ViewerEntity> =>
  readAt(context, cursor, () => ({ userId: context.caller.userId }));
export const joinPayload = ({ position, conversationId, request }: JoinDone) => ({
  cursor: position,
  conversation: conversationEntity(conversationId, position),
  request: request ? joinRequestEntity(request, { at: position }) : null,
});

export const joinRequestPayload = ({ position, ...request }: JoinRequestDone) => ({
  cursor: position,
  request: joinRequestEntity(request, { at: position }),
});

export const invitePayload = ({ position, inviteId }: InviteDone) => ({
  cursor: position,
  invite: inviteEntity(inviteId, { at: position }),
});
