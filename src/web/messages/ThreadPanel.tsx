import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Thread } from "../../client/operations.ts";
import type { Message } from "../../client/types.ts";
import { IconButton } from "../parts/IconButton.tsx";
import { useAsked } from "../parts/useAsked.ts";
import { useTidings, useWatched } from "../../client/react.ts";
import { Composer } from "./Composer.tsx";
import { useOpen } from "./context.ts";
import { messagesOf } from "./entries.ts";
import { MessageRow } from "./MessageRow.tsx";
import { OutgoingRow } from "./OutgoingRow.tsx";

const FIRST = 100;

/** A message, and what was answered to it. */
export function ThreadPanel({ seq, onClose }: { seq: number; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { handle, mayWrite } = useOpen();
  const { items } = useWatched(handle.messages);
  const { answer, again } = useAsked(Thread, { id: `${handle.id}:${seq}`, first: FIRST });
  const [text, setText] = useState("");
  const writing = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const live = useMemo(() => messagesOf(items), [items]);
  const answers = live.filter(({ replyTo }) => replyTo?.seq === seq);
  const newest = answers.at(-1)?.seq ?? 0;
  useEffect(again, [again, newest]);
  useEffect(() => writing.current?.focus(), []);
  const onItsWay = items.filter((item) => item.type === "outgoing" && item.content.replyTo === seq);

  // What is loaded in the conversation is newer than what was asked for.
  const node = answer?.node?.__typename === "Message" ? answer.node : undefined;
  const fetched = node ? [node, ...node.replies.edges.map((edge) => edge.node)] : [];
  const bySeq = new Map<number, Message>(fetched.map((one) => [one.seq, { ...one, type: "message", conversationId: handle.id }]));
  for (const one of live) if (one.seq === seq || one.replyTo?.seq === seq) bySeq.set(one.seq, one);
  const [root, ...replies] = [...bySeq.values()].sort((one, other) => one.seq - other.seq);
  const count = replies.length + onItsWay.length;
  useEffect(() => {
    // In newer browsers it gives a promise, which is no clean-up.
    void end.current?.scrollIntoView({ block: "end" });
  }, [count]);
  return (
    <aside className="panel" aria-label={t("thread.title")}>
      <header className="panel-head">
        <h2>{t("thread.title")}</h2>
        <IconButton icon="close" name={t("app.close")} onClick={onClose} />
      </header>
      <div className="panel-body thread" tabIndex={0} role="region" aria-label={t("chat.messages")}>
        {root?.seq === seq ? <MessageRow rowKey="root" message={root} isFirst isInThread /> : null}
        {replies.length > 0 ? <p className="thread-count muted">{t("chat.replies", { count: replies.length })}</p> : null}
        {replies.map((reply) => (
          <MessageRow key={reply.seq} rowKey={`reply ${reply.seq}`} message={reply} isFirst isInThread />
        ))}
        {onItsWay.map((item) =>
          item.type === "outgoing" ? <OutgoingRow key={item.id} rowKey={`thread ${item.id}`} message={item} /> : null,
        )}
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
