import { useTranslation } from "react-i18next";
import { useTidings } from "../../client/react.ts";
import { CreateInvite, Invites, RevokeInvite } from "../../client/operations.ts";
import { newId } from "../app/me.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useAsked } from "../parts/useAsked.ts";
import { CodeCard } from "./CodeCard.tsx";

/** The newest invitation as a link and a QR code; new ones are made, old ones revoked. */
export function InviteDialog({ conversationId, onClose }: { conversationId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const { answer, again } = useAsked(Invites, { conversationId });
  const [invite] = answer?.conversation?.invites ?? [];
  const make = (): void =>
    void attempt(() => client.request(CreateInvite, { input: { clientMutationId: newId(), conversationId } })).then(again);
  const revoke = (code: string): void =>
    void attempt(() => client.request(RevokeInvite, { input: { clientMutationId: newId(), conversationId, code } })).then(again);
  return (
    <Dialog title={t("group.inviteLink")} onClose={onClose}>
      {!answer ? <p className="muted">{t("app.loading")}</p> : null}
      {invite ? <CodeCard code={invite.code} hint={t("group.inviteHint")} /> : null}
      {invite?.usesLeft != null ? <p className="muted">{t("group.usesLeft", { count: invite.usesLeft })}</p> : null}
      <div className="dialog-end">
        {invite ? (
          <button type="button" className="button button-danger" onClick={() => revoke(invite.code)}>
            {t("group.revoke")}
          </button>
        ) : null}
        {answer ? (
          <button type="button" className={invite ? "button" : "button button-main"} onClick={make}>
            {t("group.newInvite")}
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}
