import { useTranslation } from "react-i18next";
import { PersonById } from "../../client/operations.ts";
import { useMe } from "../app/me.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { explained } from "../parts/explained.ts";
import { useAsked } from "../parts/useAsked.ts";
import { useEntries } from "../parts/useEntries.ts";
import { PersonCard } from "./PersonCard.tsx";

/** Who somebody is, and how one stands to them. */
export function PersonDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const { answer, fault, again } = useAsked(PersonById, { id });
  const user = answer?.user;
  useEntries((entry) => {
    if (!entry || entry.__typename === "FriendshipChanged" || entry.__typename === "FriendRequestChanged") again();
  });
  return (
    <Dialog title={t("people.profile", { name: user?.name ?? "…" })} onClose={onClose}>
      {fault ? <p role="alert">{explained(t, fault)}</p> : null}
      {answer && !user ? <p role="alert">{t("app.notFound")}</p> : null}
      {user ? <PersonCard key={user.id} person={user} isMe={user.id === me.id} onChanged={again} onLeave={onClose} /> : null}
    </Dialog>
  );
}
