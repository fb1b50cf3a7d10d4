import { useCallback, useEffect, useState } from "react";
import { useTidings } from "../../client/react.ts";
import { Members, type MembersQuery } from "../../client/operations.ts";
import { useEntries } from "../parts/useEntries.ts";
import type { Member } from "./context.ts";

const PAGE = 100;

type Known = { members: readonly Member[]; hasMore: boolean };
const NOBODY: Known = { members: [], hasMore: false };

/** The members of a conversation, a hundred at first, asked anew when entries say that they are others. */
export function useMembers(conversationId: string): Known & { loadMore: () => void } {
  const client = useTidings();
  const [known, setKnown] = useState(NOBODY);
  const [pages, setPages] = useState(1);
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    let isOver = false;
    const load = async (): Promise<void> => {
      const members: Member[] = [];
      let after: string | null = null;
      let hasMore = true;
      for (let page = 0; page < pages && hasMore; page++) {
        const { conversation }: MembersQuery = await client.request(Members, { conversationId, first: PAGE, after });
        if (!conversation) break;
        members.push(...conversation.members.edges.map(({ node }) => node));
        hasMore = conversation.members.pageInfo.hasNextPage;
        after = conversation.members.pageInfo.endCursor;
      }
      if (!isOver) setKnown({ members, hasMore });
    };
    // Where it cannot be asked now, it is once there is a connection.
    load().catch(() => {});
    return () => {
      isOver = true;
    };
  }, [client, conversationId, pages, round]);
  useEntries((entry) => {
    if (
      !entry ||
      (entry.__typename === "MembershipChanged" && entry.conversation.id === conversationId) ||
      (entry.__typename === "ConversationChanged" && entry.conversation.id === conversationId) ||
      entry.__typename === "FriendshipChanged"
    )
      again();
  });
  useEffect(() => {
    let before = client.connection.get().state;
    return client.connection.subscribe(() => {
      const { state } = client.connection.get();
      if (state === "live" && before !== "live") again();
      before = state;
    });
  }, [client, again]);
  return { ...known, loadMore: () => setPages((before) => before + 1) };
}
