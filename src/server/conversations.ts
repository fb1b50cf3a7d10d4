import { directMembers, streams } from "../domain/ids.ts";
import { Refusal } from "../domain/refusal.ts";
import type { EventStore } from "../ports/eventStore.ts";

/**
 * Throws NOT_FOUND if the log has no such conversation: a group that was created, or two users who registered. The rows are not
 * asked: what is wrong with them may be the reason for the question.
 */
export async function requireConversation(log: Pick<EventStore, "read">, id: string): Promise<void> {
  const needed = directMembers(id)?.map(streams.user) ?? [streams.group(id)];
  for (const stream of needed)
    if ((await log.read(stream, 0, "forwards", 1)).length === 0)
      throw new Refusal("NOT_FOUND", `there is no conversation ${id}`, { field: "conversationId" });
}
