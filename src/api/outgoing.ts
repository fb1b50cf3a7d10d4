import { z } from "zod";
import { attachment, MAX_ATTACHMENTS, messageKind } from "../domain/events.ts";
import { conversationId, userId } from "../domain/ids.ts";
import { badInput } from "./badInput.ts";
import { keyed, optional, withUsual } from "./inputs.ts";

/** What a message holds and where it goes, in whatever way it is sent. */
export const outgoing = {
  ...keyed,
  conversationId: optional(conversationId),
  userId: optional(userId),
  kind: withUsual(messageKind, "TEXT"),
  // Blank texts count as absent. The message itself checks lengths and what each kind needs.
  topic: optional(z.string()),
  text: optional(z.string()),
  attachments: withUsual(
    z
      .array(attachment.extend({ width: optional(attachment.shape.width), height: optional(attachment.shape.height) }))
      .max(MAX_ATTACHMENTS),
    [],
  ),
};

/** Throws BAD_INPUT unless exactly one of the two is given. */
export function requireOneTarget(input: { conversationId: string | null; userId: string | null }): void {
  if ((input.conversationId === null) !== (input.userId === null)) return;
  throw badInput(input.userId === null ? "conversationId" : "userId", "give one of conversationId and userId");
}
