import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTidings } from "../../client/react.ts";
import { PinMessage, RecallMessage } from "../../client/operations.ts";
import type { Message } from "../../client/types.ts";
import { newId, useMe } from "../app/me.ts";
import { Confirm } from "../parts/Confirm.tsx";
import type { MenuItem } from "../parts/Menu.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useOpen } from "./context.ts";
import { ForwardDialog } from "./ForwardDialog.tsx";
import { ReceiptsDialog } from "./ReceiptsDialog.tsx";

type Shown = "recall" | "forward" | "receipts";

/** What one may do with a message, and the dialogs that this needs. */
export function useMessageActions(message: Message, isInThread: boolean): { items: MenuItem[]; dialogs: ReactNode } {
  const { t } = useTranslation();
  const me = useMe();
  const client = useTidings();
  const { attempt, say } = useNotices();
  const { conversation, isStaff, mayWrite, reply, edit, openThread } = useOpen();
  const [shown, setShown] = useState<Shown>();
  const { id, conversationId, seq, sender, text, recalledAt } = message;
  const isOwn = sender.id === me.id;
  const isThere = recalledAt === null && (text !== null || message.attachments.length > 0);
  const isDirect = conversation.kind === "DIRECT";
  const close = (): void => setShown(undefined);
  const input = { conversationId, seq };
  const only = (when: boolean, item: MenuItem): MenuItem[] => (when ? [item] : []);
  const items: MenuItem[] = [
    ...only(mayWrite && isThere, { label: t("action.reply"), icon: "reply", act: () => reply(message) }),
    ...only(!isInThread, { label: t("action.thread"), icon: "thread", act: () => openThread(seq) }),
    ...only(text !== null, {
      label: t("action.copy"),
      icon: "file",
      act: () => void attempt(() => navigator.clipboard.writeText(text ?? "")).then(() => say(t("app.copied"))),
    }),
    ...only(isThere, { label: t("action.forward"), icon: "send", act: () => setShown("forward") }),
    ...only(isThere && mayWrite && (isDirect || isStaff), {
      label: t("action.pin"),
      icon: "pin",
      act: () => void attempt(() => client.request(PinMessage, { input: { clientMutationId: newId(), ...input, on: true } })),
    }),
    ...only(isOwn && isThere, { label: t("action.receipts"), icon: "checks", act: () => setShown("receipts") }),
    ...only(isOwn && isThere && mayWrite && text !== null, { label: t("action.edit"), icon: "edit", act: () => edit(message) }),
    ...only(isThere && (isOwn || (isStaff && !isDirect)), {
      label: t("action.recall"),
      icon: "close",
      danger: true,
      act: () => setShown("recall"),
    }),
  ];
  const recall = (): void => {
    close();
    void attempt(() => client.request(RecallMessage, { input: { clientMutationId: newId(), ...input } }));
  };
  const dialogs =
    shown === "recall" ? (
      <Confirm question={t("action.reallyRecall")} yes={t("action.recall")} onYes={recall} onClose={close} />
    ) : shown === "forward" ? (
      <ForwardDialog message={message} onClose={close} />
    ) : shown === "receipts" ? (
      <ReceiptsDialog id={id} onClose={close} />
    ) : null;
  return { items, dialogs };
}
