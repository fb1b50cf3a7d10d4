import { type KeyboardEvent, memo, type MouseEvent, useContext, useDeferredValue } from "react";
import type { Message } from "../../client/types.ts";
import { digestOf } from "../conversations/digest.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Icon } from "../parts/Icon.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import { Markup } from "../parts/Markup.tsx";
import { Moment } from "../parts/Moment.tsx";
import { clock } from "../texts/dates.ts";
import { Attachments } from "./Attachments.tsx";
import { ReadersContext, useAround } from "./context.ts";
import { isOnlyEmoji } from "./emoji.ts";
import { isThere, useReact } from "./MessageActions.tsx";

type Props = { rowKey: string; message: Message; isFirst: boolean; isFlashed?: boolean; isInThread?: boolean };

/** A message that the server has. With the focus on it, Enter opens what one can do with it. */
export const MessageRow = memo(function MessageRow({ rowKey, message, isFirst, isFlashed = false, isInThread = false }: Props) {
  const { t, language, me, isDirect, mayWrite, nameOf, menu, reply, openThread, jump } = useAround();
  const { seq, sender, text, recalledAt, editedAt, replyTo, forwardedFrom, reactions, replyCount, sentAt } = message;
  const isOwn = sender.id === me;
  const name = isOwn ? t("app.you") : nameOf(sender);
  const isGone = !isThere(message);
  const keyed = (event: KeyboardEvent<HTMLElement>): void => {
    // What is with a key of the system's is the browser's.
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " " || event.key === "ContextMenu")
      menu(message, event.currentTarget.getBoundingClientRect(), isInThread);
    else if (event.key === "r" && mayWrite && !isGone) reply(message);
    else return;
    event.preventDefault();
  };
  const pointed = (event: MouseEvent<HTMLElement>): void => {
    if ((event.target as HTMLElement).closest("a, img")) return;
    event.preventDefault();
    const { clientX, clientY } = event;
    menu(message, { left: clientX, right: clientX, top: clientY, bottom: clientY }, isInThread);
  };
  return (
    <article
      className="message"
      data-key={rowKey}
      data-seq={seq}
      data-own={isOwn}
      data-flash={isFlashed}
      tabIndex={-1}
      aria-label={`${name}, ${clock(language, new Date(sentAt))}`}
      onKeyDown={keyed}
      onContextMenu={pointed}
    >
      {!isDirect && !isOwn ? (
        <span className="message-avatar">
          {isFirst ? <Avatar id={sender.id} name={name} url={sender.avatarUrl} size={32} /> : null}
        </span>
      ) : null}
      <div className="message-body">
        {!isDirect && !isOwn && isFirst ? <p className="message-name">{name}</p> : null}
        <div className="bubble" data-gone={isGone} data-big={!isGone && text !== null && isOnlyEmoji(text)}>
          {forwardedFrom ? (
            <p className="bubble-note">
              <Icon name="reply" size={14} /> {t("chat.forwarded", { name: forwardedFrom.sender.name })}
            </p>
          ) : null}
          {replyTo && !isInThread && !isGone ? (
            <button type="button" className="quote" onClick={() => jump(replyTo.seq)}>
              <span className="quote-name">{replyTo.sender.id === me ? t("app.you") : nameOf(replyTo.sender)}</span>
              <span className="quote-text">{digestOf(t, replyTo)}</span>
            </button>
          ) : null}
          {isGone ? (
            <p className="bubble-text">
              {t(recalledAt === null ? "chat.expired" : isOwn ? "chat.recalledOwn" : "chat.recalled")}
            </p>
          ) : (
            <>
              <Attachments message={message} />
              {text === null ? null : (
                <p className="bubble-text" dir="auto">
                  <Markup text={text} mentioned={message.mentions.map(nameOf)} />
                </p>
              )}
            </>
          )}
          <p className="bubble-meta">
            {editedAt && !isGone ? <span>{t("chat.edited")}</span> : null}
            <Moment at={sentAt} language={language} />
            {isOwn && !isGone ? <Receipt seq={seq} /> : null}
          </p>
        </div>
        {reactions.length > 0 ? <Reactions message={message} /> : null}
        {replyCount > 0 && !isInThread ? (
          <button type="button" className="thread-link" onClick={() => openThread(seq)}>
            <Icon name="thread" size={14} /> {t("chat.replies", { count: replyCount })}
          </button>
        ) : null}
      </div>
      <div className="message-tools" data-both={mayWrite && !isGone}>
        <Tools message={message} isInThread={isInThread} />
      </div>
    </article>
  );
});

/** They come a moment after the rest: a turn of the wheel draws dozens of rows, in which nobody looks for them yet. */
const Tools = memo(function Tools({ message, isInThread }: { message: Message; isInThread: boolean }) {
  const { t, mayWrite, menu, reply } = useAround();
  if (!useDeferredValue(true, false)) return null;
  return (
    <>
      {mayWrite && isThere(message) ? (
        <IconButton icon="reply" size={18} tabIndex={-1} name={t("action.reply")} onClick={() => reply(message)} />
      ) : null}
      <IconButton
        icon="more"
        size={18}
        tabIndex={-1}
        name={t("action.menu")}
        aria-haspopup="menu"
        onClick={(event) => menu(message, event.currentTarget.getBoundingClientRect(), isInThread)}
      />
    </>
  );
});

function Reactions({ message }: { message: Message }) {
  const { t, mayWrite } = useAround();
  const react = useReact();
  return (
    <ul className="reactions">
      {message.reactions.map(({ emoji, count, byViewer }) => (
        <li key={emoji}>
          <button
            type="button"
            className="reaction"
            aria-pressed={byViewer}
            aria-label={t("chat.reaction", { emoji, count })}
            disabled={!mayWrite}
            onClick={() => react(message, emoji, !byViewer)}
          >
            {emoji} <span>{count}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Whether an own message was read. In a group by how many. */
function Receipt({ seq }: { seq: number }) {
  const { t, isDirect } = useAround();
  const count = useContext(ReadersContext)(seq);
  const said = count === 0 ? t("chat.sent") : isDirect ? t("chat.read") : t("chat.readBy", { count });
  return (
    <span className="receipt" data-read={count > 0} title={said}>
      <Icon name={count > 0 ? "checks" : "check"} size={15} />
      <span className="unseen">{said}</span>
    </span>
  );
}
