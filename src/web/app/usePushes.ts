import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useTidings, useWatched } from "../../client/react.ts";
import { arePushesOn, closeRead, pushObstacle, renewPushes } from "../settings/pushes.ts";
import type { Said } from "../worker/pushes.ts";
import { useMe } from "./me.ts";

/** How long the list has not changed when what is read is taken away, in milliseconds. */
const REST_MS = 300;

/** What pushes need of an open page: it opens what was clicked on, and takes away what is read. */
export function usePushes(): void {
  const { t } = useTranslation();
  const client = useTidings();
  const { id } = useMe();
  const [, navigate] = useLocation();

  useEffect(() => {
    const renew = (): void => {
      // What goes wrong is tried again at the next start.
      renewPushes(client, id, t("settings.thisBrowser")).catch(() => undefined);
    };
    renew();
    if (pushObstacle() === "unsupported") return undefined;
    const told = ({ data }: MessageEvent<Said>): void => {
      if (data.type === "renew") renew();
      else navigate(data.path);
    };
    navigator.serviceWorker.addEventListener("message", told);
    return () => navigator.serviceWorker.removeEventListener("message", told);
  }, [client, id, navigate, t]);

  const { items } = useWatched(client.conversations);
  const { total } = useWatched(client.unread);
  useEffect(() => {
    if (!arePushesOn(id)) return undefined;
    const timer = setTimeout(() => {
      const read = new Map(items.map(({ id: conversation, readSeq }) => [conversation, readSeq]));
      closeRead((conversation, seq) => seq <= (read.get(conversation) ?? -1)).catch(() => undefined);
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [items, id]);
  useEffect(() => {
    if (!arePushesOn(id) || !("setAppBadge" in navigator)) return;
    navigator.setAppBadge(total).catch(() => undefined);
  }, [total, id]);
}
