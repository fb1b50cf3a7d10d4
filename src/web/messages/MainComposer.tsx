import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { EditMessage } from "../../client/operations.ts";
import type { Message, MessageContent } from "../../client/types.ts";
import { newId } from "../app/me.ts";
import { digestOf } from "../conversations/digest.ts";
import { IconButton } from "../parts/IconButton.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useTidings, useWatched } from "../../client/react.ts";
import { AttachButton } from "./AttachButton.tsx";
import { Composer } from "./Composer.tsx";
import { useOpen } from "./context.ts";

/** What one writes is about another message. `text`: what it is to become, where the server refused that once. */
export type Change = { does: "reply" | "edit"; message: Message; text?: string };

type Props = {
  writing: RefObject<HTMLTextAreaElement | null>;
  change: Change | undefined;
  setChange: (change: Change | undefined) => void;
  editLast: () => void;
  focusMessages: () => void;
};

/** Where one writes new messages and edits those sent. What is not sent is kept as a draft. */
export function MainComposer({ writing, change, setChange, editLast, focusMessages }: Props) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const { handle, me, nameOf, toEnd } = useOpen();
  const draft = useWatched(handle.draft);
  const [text, setText] = useState(draft);
  const edit = change?.does === "edit" ? change : undefined;
  const edited = edit?.message;
  /** What this place made of the draft last. */
  const own = useRef(draft);
  // Another tab wrote, or a text was taken back.
  useEffect(() => {
    if (draft === own.current) return;
    own.current = draft;
    if (edited === undefined) setText(draft);
  }, [draft, edited]);
  // Before it is painted: nobody sees the one's text under the other's head.
  useLayoutEffect(() => {
    if (!edit) return undefined;
    setText(edit.text ?? edit.message.text ?? "");
    // Whatever ends it: what was edited is not what one answers another message with.
    return () => setText(handle.draft.get());
  }, [edit, handle]);
  useEffect(() => {
    if (matchMedia("(hover: hover)").matches) writing.current?.focus();
  }, [handle, writing]);

  const end = (): void => setChange(undefined);
  const drafted = (next: string): void => {
    own.current = next;
    handle.setDraft(next);
  };
  const wrote = (next: string): void => {
    setText(next);
    if (edited) return;
    drafted(next);
    handle.setTyping(next.trim() !== "");
  };
  const send = (words: string, mentions: string[]): void => {
    if (edited) {
      end();
      if (words === edited.text) return;
      const input = { clientMutationId: newId(), conversationId: handle.id, seq: edited.seq, text: words };
      void attempt(() => client.request(EditMessage, { input })).then((done) => {
        if (done !== undefined) return;
        // The text is not lost where the edit was refused.
        setChange({ does: "edit", message: edited, text: words });
      });
      return;
    }
    client.send(handle.id, {
      text: words,
      ...(mentions.length > 0 ? { mentions } : {}),
      ...(change ? { replyTo: change.message.seq } : {}),
    });
    setChange(undefined);
    setText("");
    drafted("");
    handle.setTyping(false);
    toEnd();
  };
  const sendFiles = (content: MessageContent): void => {
    client.send(handle.id, { ...content, ...(change ? { replyTo: change.message.seq } : {}) });
    setChange(undefined);
    toEnd();
  };
  const about = change?.message;
  return (
    <Composer
      label={t(edited ? "composer.editing" : "composer.write")}
      text={text}
      writing={writing}
      onText={wrote}
      onSend={send}
      onEscape={change ? end : focusMessages}
      onUp={editLast}
      onBlur={() => handle.setTyping(false)}
      attach={edited ? null : <AttachButton onSend={sendFiles} />}
      head={
        about ? (
          <div className="about">
            <div className="quote">
              <span className="quote-name">
                {edited
                  ? t("composer.editing")
                  : t("composer.replyingTo", {
                      name: about.sender.id === me ? t("app.you") : nameOf(about.sender),
                    })}
              </span>
              <span className="quote-text">{digestOf(t, about)}</span>
            </div>
            <IconButton icon="close" name={t(edited ? "composer.cancelEdit" : "composer.cancelReply")} onClick={end} />
          </div>
        ) : null
      }
    />
  );
}
