import type { MembershipRow } from "../../projections/relationRows.ts";
import type { HeadRow } from "../../projections/timelines.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Context } from "./context.ts";

/** A conversation that the viewer has hidden, and where it stands. */
export type HiddenConversation = {
  id: string;
  hiddenAt: Position;
  membership: Pick<MembershipRow, "joinPosition"> | undefined;
  head: HeadRow | undefined;
};

/**
 * Which of these conversations are hidden still. One is shown again once a message was sent after it was hidden, or its user came
 * back to it. What an archive brings is no news, and shows nothing.
 */
export async function stillHidden(
  { services: { views } }: Context,
  asked: readonly HiddenConversation[],
): Promise<ReadonlySet<string>> {
  const hidden = new Set<string>();
  const withNews: (HiddenConversation & { head: HeadRow })[] = [];
  for (const conversation of asked) {
    const { id, hiddenAt, membership, head } = conversation;
    if (membership !== undefined && membership.joinPosition > hiddenAt) continue;
    if (head === undefined || head.position <= hiddenAt) hidden.add(id);
    else withNews.push({ ...conversation, head });
  }
  if (withNews.length === 0) return hidden;
  const sent = await views.readMarks.newestSent(withNews.map(({ id }) => id));
  // Only where the newest messages are out of an archive the one before them must be looked at.
  const older = withNews.flatMap(({ id, hiddenAt, head }, index) => {
    const seq = sent[index] ?? 0;
    return seq < head.seq ? [{ conversation: id, seq, hiddenAt }] : [];
  });
  const rows = await views.timelines.messages(older);
  for (const [index, { conversation, hiddenAt }] of older.entries())
    if ((rows[index]?.position ?? "") <= hiddenAt) hidden.add(conversation);
  return hidden;
}
