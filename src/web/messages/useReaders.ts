import { useCallback, useEffect, useState } from "react";
import { MemberReads } from "../../client/operations.ts";
import { useTidings, useWatched } from "../../client/react.ts";
import type { ConversationHandle } from "../../client/types.ts";
import { usePartOf } from "../parts/usePartOf.ts";

/** How far others have read is told by nothing: it is asked for, as long as there is something that not all have read. */
const ASK_MS = 5_000;
const SOON_MS = 700;
const FIRST = 100;

/** By how many of the first hundred members, but for the viewer, each message was read. */
export function useReaders(handle: ConversationHandle, me: string): (seq: number) => number {
  const client = useTidings();
  const ownSeq = usePartOf(handle.messages, ({ items }) => {
    const own = items.findLast((item) => item.type === "message" && item.sender.id === me);
    return own?.type === "message" ? own.seq : 0;
  });
  const conversation = useWatched(handle.conversation);
  const [reads, setReads] = useState<readonly number[]>([]);
  const membership = conversation?.membership?.id;
  const isReadByAll = reads.length > 0 && reads.every((seq) => seq >= ownSeq);
  const isWaiting = ownSeq > 0 && !isReadByAll;
  const ask = useCallback(() => {
    if (document.visibilityState === "hidden") return;
    client.request(MemberReads, { conversationId: handle.id, first: FIRST }).then(
      ({ conversation: found }) => {
        const others = found?.members.edges.flatMap(({ node }) => (node.id === membership ? [] : [node.readSeq])) ?? [];
        setReads((before) => (before.join() === others.join() ? before : others));
      },
      // It is asked again.
      () => {},
    );
  }, [client, handle.id, membership]);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setInterval(ask, ASK_MS);
    document.addEventListener("visibilitychange", ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", ask);
    };
  }, [isWaiting, ask]);
  // Who writes has read; and who is there reads soon.
  const lastSeq = conversation?.lastSeq;
  const typing = useWatched(handle.typing);
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(ask, SOON_MS);
    return () => clearTimeout(timer);
  }, [isWaiting, ask, ownSeq, lastSeq, typing]);
  return useCallback((seq: number) => reads.filter((read) => read >= seq).length, [reads]);
}
