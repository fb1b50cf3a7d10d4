import type { Done } from "../commands/commands.ts";
import { conversationEntity, userEntity } from "./entities.ts";

/*
 * What mutations answer: what they changed, as it is once the views have got to the cursor.
 */

export const userPayload = (id: string, { position }: Done) => ({ cursor: position, user: userEntity(id, position) });

export const conversationPayload = (id: string, { position }: Done) => ({
  cursor: position,
  conversation: conversationEntity(id, position),
});
