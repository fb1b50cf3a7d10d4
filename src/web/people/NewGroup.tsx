import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useTidings } from "../../client/react.ts";
import { CreateConversation, type JoinPolicy } from "../../client/operations.ts";
import { newId } from "../app/me.ts";
import { routes } from "../app/routes.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { CheckField, Field, SelectField } from "../parts/Field.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { FriendPicker } from "./FriendPicker.tsx";

export const POLICIES: readonly JoinPolicy[] = ["APPROVAL", "OPEN", "INVITE"];

export function NewGroup({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const [, go] = useLocation();
  const [id] = useState(newId);
  const [title, setTitle] = useState("");
  const [members, setMembers] = useState<ReadonlySet<string>>(new Set());
  const [joinPolicy, setJoinPolicy] = useState<JoinPolicy>("APPROVAL");
  const [isPublic, setPublic] = useState(false);
  const [historyVisible, setHistoryVisible] = useState(false);
  const [busy, setBusy] = useState(false);
  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const input = {
      clientMutationId: id,
      kind: "GROUP" as const,
      title: title.trim(),
      memberIds: [...members],
      joinPolicy,
      public: isPublic,
      historyVisible,
    };
    const made = await attempt(() => client.request(CreateConversation, { input }));
    setBusy(false);
    if (!made?.createConversation) return;
    onClose();
    go(routes.conversation(made.createConversation.conversation.id));
  };
  return (
    <Dialog title={t("group.new")} onClose={onClose}>
      <form onSubmit={(event) => void create(event)}>
        <Field
          label={t("group.title")}
          value={title}
          required
          maxLength={128}
          onChange={(event) => setTitle(event.target.value)}
        />
        <FriendPicker picked={members} onPicked={setMembers} />
        <SelectField
          label={t("group.policy")}
          value={joinPolicy}
          onChange={(event) => setJoinPolicy(event.target.value as JoinPolicy)}
        >
          {POLICIES.map((policy) => (
            <option key={policy} value={policy}>
              {t(`group.${policy}`)}
            </option>
          ))}
        </SelectField>
        <CheckField label={t("group.public")} checked={isPublic} onChange={(event) => setPublic(event.target.checked)} />
        <CheckField
          label={t("group.historyVisible")}
          checked={historyVisible}
          onChange={(event) => setHistoryVisible(event.target.checked)}
        />
        <div className="dialog-end">
          <button type="button" className="button" onClick={onClose}>
            {t("app.cancel")}
          </button>
          <button type="submit" className="button button-main" disabled={busy || title.trim() === ""}>
            {t("group.create")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
