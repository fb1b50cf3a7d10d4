import { type Ref, useImperativeHandle, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTidings } from "../../client/react.ts";
import { PinMessage, React as ReactTo, RecallMessage } from "../../client/operations.ts";
import type { Message } from "../../client/types.ts";
import { newId } from "../app/me.ts";
import { Confirm } from "../parts/Confirm.tsx";
import { Menu, type MenuItem, type MenuPlace } from "../parts/Menu.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useOpen } from "./context.ts";
import { QUICK } from "./emoji.ts";
import { ForwardDialog } from "./ForwardDialog.tsx";
import { ReceiptsDialog } from "./ReceiptsDialog.tsx";

export type ActionsControls = { menu(message: Message, at: MenuPlace, isInThread: boolean): void };
type Shown =
  | { is: "menu"; message: Message; at: MenuPlace; isInThread: boolean }
  | { is: "recall" | "forward" | "receipts"; message: Message };

/**
 * What one may do with a message: its menu, and the dialogs that this needs. There is one for all messages, so that it stays when
 * the message it is about leaves the screen.
 */
export function MessageActions({ controls }: { controls: Ref<ActionsControls> }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const { mayWrite } = useOpen();
  const [shown, setShown] = useState<Shown>();
  useImperativeHandle(
    controls,
    () => ({ menu: (message, at, isInThread) => setShown({ is: "menu", message, at, isInThread }) }),
    [],
  );
  const react = useReact();
  const items = useItems(shown, (is, message) => setShown({ is, message }));
  if (!shown) return null;
  const close = (): void => setShown(undefined);
  const { message } = shown;
  switch (shown.is) {
    case "menu":
      return (
        <Menu
          label={t("action.menu")}
          at={shown.at}
          items={items}
          // What an item opens stays open.
          onClose={() => setShown((now) => (now === shown ? undefined : now))}
          head={
            mayWrite && isThere(message) ? (
              <div className="quick" role="group" aria-label={t("action.react")}>
                {QUICK.map((emoji) => (
                  <button
                    key={emoji}
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    aria-label={t("chat.reactWith", { emoji })}
                    onClick={() => {
                      close();
                      react(message, emoji, !message.reactions.some((given) => given.emoji === emoji && given.byViewer));
                    }}
                  >
                    {emoji}
                  </button>
                ))}
              </div>
            ) : undefined
          }
        />
      );
    case "recall":
      return (
        <Confirm
          question={t("action.reallyRecall")}
          yes={t("action.recall")}
          onClose={close}
          onYes={() => {
            close();
            const { conversationId, seq } = message;
            void attempt(() => client.request(RecallMessage, { input: { clientMutationId: newId(), conversationId, seq } }));
          }}
        />
      );
    case "forward":
      return <ForwardDialog message={message} onClose={close} />;
    default:
      return <ReceiptsDialog id={message.id} onClose={close} />;
  }
}

/** It was not recalled, and has not expired. */
export const isThere = ({ recalledAt, text, attachments }: Message): boolean =>
  recalledAt === null && (text !== null || attachments.length > 0);

function useItems(shown: Shown | undefined, ask: (is: "recall" | "forward" | "receipts", message: Message) => void): MenuItem[] {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt, say } = useNotices();
  const { me, isDirect, isStaff, mayWrite, pins, reply, edit, openThread } = useOpen();
  if (shown?.is !== "menu") return [];
  const { message, isInThread } = shown;
  const { conversationId, seq, sender, text } = message;
  const isOwn = sender.id === me;
  const isHere = isThere(message);
  const isPinned = pins.some((pin) => pin.seq === seq);
  const only = (when: boolean, item: MenuItem): MenuItem[] => (when ? [item] : []);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text ?? "");
    say(t("app.copied"));
  };
  const pin = (): void =>
    void attempt(() => client.request(PinMessage, { input: { clientMutationId: newId(), conversationId, seq, on: !isPinned } }));
  return [
    ...only(mayWrite && isHere, { label: t("action.reply"), icon: "reply", act: () => reply(message) }),
    ...only(!isInThread, { label: t("action.thread"), icon: "thread", act: () => openThread(seq) }),
    ...only(text !== null, { label: t("action.copy"), icon: "file", act: () => void attempt(copy) }),
    ...only(isHere, { label: t("action.forward"), icon: "send", act: () => ask("forward", message) }),
    ...only((isHere || isPinned) && mayWrite && (isDirect || isStaff), {
      label: t(isPinned ? "action.unpin" : "action.pin"),
      icon: "pin",
      act: pin,
    }),
    ...only(isOwn && isHere, { label: t("action.receipts"), icon: "checks", act: () => ask("receipts", message) }),
    ...only(isOwn && isHere && mayWrite && text !== null, { label: t("action.edit"), icon: "edit", act: () => edit(message) }),
    ...only(isHere && (isOwn || (isStaff && !isDirect)), {
      label: t("action.recall"),
      icon: "close",
      danger: true,
      act: () => ask("recall", message),
    }),
  ];
}

/** Adds a reaction to a message, or takes it away. */
export function useReact(): (message: Message, emoji: string, on: boolean) => void {
  const client = useTidings();
  const { attempt } = useNotices();
  return ({ conversationId, seq }, emoji, on) =>
    void attempt(() => client.request(ReactTo, { input: { clientMutationId: newId(), conversationId, seq, emoji, on } }));
}
