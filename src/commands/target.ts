import { directConversationOf } from "../domain/ids.ts";
import type { Caller } from "./commands.ts";

/** Exactly one of the two is given. */
export type Target = { conversationId: string | null; userId: string | null };

/** Where a message goes, and the input that says so. */
export function targetOf({ userId: by }: Caller, { conversationId, userId }: Target): { conversationId: string; field: string } {
  if (userId !== null) return { conversationId: directConversationOf(by, userId), field: "userId" };
  return { conversationId: conversationId ?? "", field: "conversationId" };
}
