import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useTidings, useWatched } from "../../client/react.ts";
import { useMe } from "./me.ts";
import { digestOf } from "../conversations/digest.ts";
import { isIn } from "./routes.ts";

/** Says to those who do not see the page what arrives from others: the text in the open conversation, elsewhere only where. */
export function Announcer() {
  const { t } = useTranslation();
  const me = useMe();
  const client = useTidings();
  const [path] = useLocation();
  const { items } = useWatched(client.conversations);
  const { state } = useWatched(client.connection);
  const [said, setSaid] = useState("");
  /** The newest seq of each conversation that is known already. Undefined: what is there now was there before. */
  const known = useRef<Map<string, number>>(undefined);
  useEffect(() => {
    const before = known.current;
    known.current = new Map(items.map(({ id, lastSeq }) => [id, lastSeq]));
    // What was missed is read, not said.
    if (!before || state !== "live") return;
    for (const { id, title, lastSeq, lastMessage, membership } of items) {
      if (!lastMessage || lastMessage.sender.id === me.id || lastMessage.recalledAt) continue;
      if (lastSeq <= (before.get(id) ?? 0) || lastMessage.seq !== lastSeq) continue;
      const { name } = lastMessage.sender;
      if (isIn(path, id)) setSaid(t("chat.arrived", { name, text: digestOf(t, lastMessage) }));
      else if (!membership?.muted) setSaid(t("chat.arrivedElsewhere", { name, title }));
    }
  }, [items, state, me.id, path, t]);
  return (
    <p className="unseen" aria-live="polite" role="log">
      {said}
    </p>
  );
}
