import type { Done, FriendRequestDone } from "../commands/commands.ts";
import { conversationEntity, friendRequestEntity, userEntity } from "./entities.ts";

/** What mutations return: the changed object, read when the views have reached the cursor. */

export const userPayload = (id: string, { position }: Done) => ({ cursor: position, user: userEntity(id, position) });

export const conversationPayload = (id: string, { position }: Done) => ({
  cursor: position,
  conversation: conversationEntity(id, position),
});

export const friendRequestPayload = ({ position, users, number }: FriendRequestDone) => ({
  cursor: position,
  request: friendRequestEntity(users, number, { at: position }),
});
