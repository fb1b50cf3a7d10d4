import { useCallback, useEffect, useState } from "react";
import { useTidings } from "../../client/react.ts";
import { Members } from "../../client/operations.ts";
import type { Member } from "./context.ts";

/** How far others have read is not told by itself: it is asked for, as long as somebody looks. */
const ASK_MS = 8_000;
const SOON_MS = 700;
const FIRST = 100;

/** The first members of a conversation, with how far each has read. Asked again now and then, and soon after `stamp` changes. */
export function useMembers(conversationId: string, stamp: unknown): { members: readonly Member[]; reload: () => void } {
  const client = useTidings();
  const [members, setMembers] = useState<readonly Member[]>([]);
  const reload = useCallback(() => {
    if (document.visibilityState === "hidden") return;
    client.request(Members, { conversationId, first: FIRST }).then(
      ({ conversation }) => setMembers(conversation?.members.edges.map(({ node }) => node) ?? []),
      // It is asked again.
      () => {},
    );
  }, [client, conversationId]);
  useEffect(() => {
    reload();
    const timer = setInterval(reload, ASK_MS);
    document.addEventListener("visibilitychange", reload);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", reload);
    };
  }, [reload]);
  useEffect(() => {
    const timer = setTimeout(reload, SOON_MS);
    return () => clearTimeout(timer);
  }, [reload, stamp]);
  return { members, reload };
}
