import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useTidings } from "../../client/react.ts";
import { Join } from "../../client/operations.ts";
import type { ConversationState } from "../../client/types.ts";
import { newId } from "../app/me.ts";
import { isIn, routes } from "../app/routes.ts";
import { useNotices } from "../parts/Notices.tsx";

type Props = { conversation: Pick<ConversationState, "id" | "kind" | "joinPolicy" | "membership" | "public"> };

/** Opens a group that one is in or may read; else joins it, or asks to. */
export function JoinButton({ conversation: { id, kind, joinPolicy, membership, public: isPublic } }: Props) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt, say } = useNotices();
  const [, go] = useLocation();
  const [isAsked, setAsked] = useState(false);
  const join = async (): Promise<void> => {
    const done = await attempt(() => client.request(Join, { input: { clientMutationId: newId(), id } }));
    if (!done?.join) return;
    if (done.join.request === null) return go(routes.conversation(id));
    setAsked(true);
    say(t("people.joinSent"));
  };
  const open = (
    <button type="button" className="button" onClick={() => go(routes.conversation(id))}>
      {t("people.open")}
    </button>
  );
  if (membership) return open;
  const label = kind === "CHANNEL" ? t("people.follow") : joinPolicy === "OPEN" ? t("people.join") : t("people.askToJoin");
  return (
    <>
      {isPublic && !isIn(location.pathname, id) ? open : null}
      {joinPolicy === "INVITE" && kind !== "CHANNEL" ? null : (
        <button type="button" className="button button-main" disabled={isAsked} onClick={() => void join()}>
          {label}
        </button>
      )}
    </>
  );
}
