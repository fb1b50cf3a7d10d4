import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { explained } from "../parts/explained.ts";
import { IconButton } from "../parts/IconButton.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useFocusBack } from "../parts/useFocusBack.ts";
import { useTidings, useWatched } from "../../client/react.ts";
import { Composer } from "./Composer.tsx";
import { useOpen } from "./context.ts";
import { MessageRow } from "./MessageRow.tsx";
import { OutgoingRow } from "./OutgoingRow.tsx";
import { useThread } from "./useThread.ts";

/** A message, and what was answered to it. */
export function ThreadPanel({ seq, onClose }: { seq: number; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const { handle, mayWrite } = useOpen();
  const { root, replies, hasMore, fault, loadMore } = useThread(handle.id, seq);
  const outbox = useWatched(client.outbox);
  const [text, setText] = useState("");
  const panel = useRef<HTMLElement>(null);
  const writing = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);
  useFocusBack(panel);
  useEffect(() => writing.current?.focus(), []);
  const onItsWay = outbox.filter(
    ({ conversationId, content, id }) =>
      conversationId === handle.id && content.replyTo === seq && !replies.some(({ clientMutationId }) => clientMutationId === id),
  );
  const count = replies.length + onItsWay.length;
  useEffect(() => {
    // In newer browsers it gives a promise, which is no clean-up.
    void end.current?.scrollIntoView({ block: "end" });
  }, [count]);
  return (
    <aside ref={panel} className="panel" aria-label={t("thread.title")}>
      <header className="panel-head">
        <h2>{t("thread.title")}</h2>
        <IconButton icon="close" name={t("app.close")} onClick={onClose} />
      </header>
      <div className="panel-body thread" tabIndex={0} role="region" aria-label={t("chat.messages")}>
        {fault && !root ? <p role="alert">{fault.code === "NOT_FOUND" ? t("app.notFound") : explained(t, fault)}</p> : null}
        {root ? <MessageRow rowKey="root" message={root} isFirst isInThread /> : null}
        {replies.length > 0 ? <p className="thread-count muted">{t("chat.replies", { count: replies.length })}</p> : null}
        {replies.map((reply) => (
          <MessageRow key={reply.seq} rowKey={`reply ${reply.seq}`} message={reply} isFirst isInThread />
        ))}
        {hasMore ? (
          <button type="button" className="button" onClick={() => void attempt(loadMore)}>
            {t("app.showMore")}
          </button>
        ) : null}
        {onItsWay.map((item) => (
          <OutgoingRow key={item.id} rowKey={`thread ${item.id}`} message={item} />
        ))}
        <div ref={end} />
      </div>
      {mayWrite ? (
        <Composer
          label={t("thread.reply")}
          text={text}
          writing={writing}
          onText={setText}
          onEscape={onClose}
          onSend={(words, mentions) => {
            client.send(handle.id, { text: words, replyTo: seq, ...(mentions.length > 0 ? { mentions } : {}) });
            setText("");
          }}
        />
      ) : null}
    </aside>
  );
}
