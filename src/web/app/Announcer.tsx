import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useTidings, useWatched } from "../../client/react.ts";
import { useMe } from "./me.ts";
import { digestOf } from "../conversations/digest.ts";
import { useEntries } from "../parts/useEntries.ts";
import { isIn } from "./routes.ts";

/** So many lines stay: one that was said before is said again where it is a new line. */
const KEPT = 5;

type Said = { id: number; text: string };

/**
 * Says to those who do not see the page what arrives from others: the text in the open conversation, elsewhere only where. What
 * was missed is read, not said; what was refused of one's own is said too.
 */
export function Announcer() {
  const { t } = useTranslation();
  const me = useMe();
  const client = useTidings();
  const [path] = useLocation();
  const [lines, setLines] = useState<readonly Said[]>([]);
  const count = useRef(0);
  const say = useCallback((text: string): void => {
    const id = ++count.current;
    setLines((before) => [...before.slice(1 - KEPT), { id, text }]);
  }, []);
  useEntries((entry) => {
    if (entry?.__typename !== "MessageReceived" || client.connection.get().state !== "live") return;
    const { sender, conversation } = entry.message;
    if (sender.id === me.id) return;
    if (isIn(path, conversation.id)) return say(t("chat.arrived", { name: sender.name, text: digestOf(t, entry.message) }));
    const known = client.conversations.get().items.find(({ id }) => id === conversation.id);
    if (known?.membership?.muted) return undefined;
    return say(t("chat.arrivedElsewhere", { name: sender.name, title: known?.title ?? sender.name }));
  });
  const outbox = useWatched(client.outbox);
  const failed = outbox.filter(({ state }) => state === "failed").length;
  /** How many had been refused before. Undefined: what is there now was there before. */
  const known = useRef<number>(undefined);
  useEffect(() => {
    if (known.current !== undefined && failed > known.current) say(t("chat.notSent"));
    known.current = failed;
  }, [failed, say, t]);
  return (
    <div className="unseen" aria-live="polite" role="log">
      {lines.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
