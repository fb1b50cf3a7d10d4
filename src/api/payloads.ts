import type { Done } from "../commands/commands.ts";
import { conversationEntity, userEntity } from "./entities.ts";

/** What mutations return: the changed object, read when the views have reached the cursor. */

export const userPayload = (id: string, { position }: Done) => ({ cursor: position, user: userEntity(id, position) });

export const conversationPayload = (id: string, { position }: Done) => ({
  cursor: position,
  conversation: conversationEntity(id, position),
});
