import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Thread } from "../../client/operations.ts";
import { useTidings } from "../../client/react.ts";
import type { ClientError, InboxEntry, Message } from "../../client/types.ts";
import { useEntries } from "../parts/useEntries.ts";

const PAGE = 100;

type Found = {
  root: Message | undefined;
  /** Ascending. */
  replies: readonly Message[];
  /** There are more after those that were loaded. */
  hasMore: boolean;
  fault: ClientError | undefined;
  loadMore: () => Promise<void>;
};

/** A message and the answers to it: a hundred at first; what happens to them is told by entries. */
export function useThread(conversationId: string, seq: number): Found {
  const client = useTidings();
  const [bySeq, setBySeq] = useState<ReadonlyMap<number, Message>>(new Map());
  /** Where the next page begins; null: there is none; undefined: nothing is loaded yet. */
  const [next, setNext] = useState<string | null>();
  const [fault, setFault] = useState<ClientError>();
  const [round, setRound] = useState(0);
  /** What entries told since something was asked for: the answer may be older. */
  const told = useRef<readonly (readonly [number, Message])[]>([]);

  const load = useCallback(
    async (after: string | null, isMeant: () => boolean): Promise<void> => {
      told.current = [];
      try {
        const { node } = await client.request(Thread, { id: `${conversationId}:${seq}`, first: PAGE, after });
        if (node?.__typename !== "Message" || !isMeant()) return;
        const { __typename, replies, ...root } = node;
        const loaded = [root, ...replies.edges.map((edge) => edge.node)].map((one) => messageOf(conversationId, one));
        setBySeq((before) => new Map([...before, ...loaded.map((one) => [one.seq, one] as const), ...told.current]));
        setNext(replies.pageInfo.hasNextPage ? replies.pageInfo.endCursor : null);
        setFault(undefined);
      } catch (error) {
        if (isMeant()) setFault(error as ClientError);
        throw error;
      }
    },
    [client, conversationId, seq],
  );
  useEffect(() => {
    let isOver = false;
    // It is said by `fault`.
    load(null, () => !isOver).catch(() => {});
    return () => {
      isOver = true;
    };
  }, [load, round]);

  useEntries((entry) => {
    if (!entry) return setRound((before) => before + 1);
    const message = messageIn(entry);
    if (message?.conversation.id !== conversationId) return undefined;
    if (message.seq !== seq && message.replyTo?.seq !== seq) return undefined;
    const now = [message.seq, messageOf(conversationId, message)] as const;
    told.current = [...told.current, now];
    return setBySeq((before) => new Map([...before, now]));
  });

  return useMemo(() => {
    const replies = [...bySeq.values()].filter((one) => one.seq !== seq).sort((one, other) => one.seq - other.seq);
    const loadMore = async (): Promise<void> => {
      if (next != null) await load(next, () => true);
    };
    return { root: bySeq.get(seq), replies, hasMore: next != null, fault, loadMore };
  }, [bySeq, seq, next, fault, load]);
}

const messageIn = (entry: InboxEntry) =>
  entry.__typename === "MessageReceived" || entry.__typename === "MessageChanged" ? entry.message : undefined;

const messageOf = (conversationId: string, message: Omit<Message, "type" | "conversationId">): Message => ({
  ...message,
  type: "message",
  conversationId,
});
