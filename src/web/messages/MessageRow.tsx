import { type KeyboardEvent, memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTidings } from "../../client/react.ts";
import { React as ReactTo } from "../../client/operations.ts";
import type { Message } from "../../client/types.ts";
import { newId, useMe } from "../app/me.ts";
import { digestOf } from "../conversations/digest.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Icon } from "../parts/Icon.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import { Markup } from "../parts/Markup.tsx";
import { Menu, type MenuPlace } from "../parts/Menu.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { clock, inFull } from "../texts/dates.ts";
import { Attachments } from "./Attachments.tsx";
import { nameIn, useOpen } from "./context.ts";
import { QUICK } from "./emoji.ts";
import { useMessageActions } from "./useMessageActions.tsx";
import { isOnlyEmoji } from "./emoji.ts";

type Props = { rowKey: string; message: Message; isFirst: boolean; isFlashed?: boolean; isInThread?: boolean };

/** A message that the server has. With the focus on it, Enter opens what one can do with it. */
export const MessageRow = memo(function MessageRow({ rowKey, message, isFirst, isFlashed = false, isInThread = false }: Props) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const { conversation, members, reply, openThread, jump, mayWrite } = useOpen();
  const [menuAt, setMenuAt] = useState<MenuPlace>();
  const react = useReact(message);
  const { items, dialogs } = useMessageActions(message, isInThread);
  const { seq, sender, text, recalledAt, editedAt, replyTo, forwardedFrom, reactions, replyCount, kind } = message;
  const isOwn = sender.id === me.id;
  const at = new Date(message.sentAt);
  const name = isOwn ? t("app.you") : nameIn(members, sender);
  const isGone = recalledAt !== null || (text === null && message.attachments.length === 0);
  const isGroup = conversation.kind !== "DIRECT";
  const label = t("action.menu");
  const keyed = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === "Enter" || event.key === " " || event.key === "ContextMenu")
      setMenuAt(event.currentTarget.getBoundingClientRect());
    else if (event.key === "r" && mayWrite && !isGone) reply(message);
    else return;
    event.preventDefault();
  };
  return (
    <article
      className="message"
      data-key={rowKey}
      data-seq={seq}
      data-own={isOwn}
      data-flash={isFlashed}
      tabIndex={-1}
      aria-label={`${name}, ${clock(i18n.language, at)}`}
      onKeyDown={keyed}
      onContextMenu={(event) => {
        if ((event.target as HTMLElement).closest("a, img")) return;
        event.preventDefault();
        setMenuAt({ left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY });
      }}
    >
      {isGroup && !isOwn ? (
        <span className="message-avatar">
          {isFirst ? <Avatar id={sender.id} name={name} url={sender.avatarUrl} size={32} /> : null}
        </span>
      ) : null}
      <div className="message-body">
        {isGroup && !isOwn && isFirst ? <p className="message-name">{name}</p> : null}
        <div className="bubble" data-gone={isGone} data-big={!isGone && text !== null && isOnlyEmoji(text)}>
          {forwardedFrom ? (
            <p className="bubble-note">
              <Icon name="reply" size={14} /> {t("chat.forwarded", { name: forwardedFrom.sender.name })}
            </p>
          ) : null}
          {replyTo && !isInThread && !isGone ? (
            <button type="button" className="quote" onClick={() => jump(replyTo.seq)}>
              <span className="quote-name">{replyTo.sender.id === me.id ? t("app.you") : nameIn(members, replyTo.sender)}</span>
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
                  <Markup text={text} mentioned={message.mentions.map((user) => nameIn(members, user))} />
                </p>
              )}
            </>
          )}
          <p className="bubble-meta">
            {editedAt && !isGone ? <span>{t("chat.edited")}</span> : null}
            <time dateTime={message.sentAt} title={inFull(i18n.language, at)}>
              {clock(i18n.language, at)}
            </time>
            {isOwn && !isGone ? <Receipt seq={seq} /> : null}
          </p>
        </div>
        {reactions.length > 0 ? (
          <ul className="reactions">
            {reactions.map(({ emoji, count, byViewer }) => (
              <li key={emoji}>
                <button
                  type="button"
                  className="reaction"
                  aria-pressed={byViewer}
                  aria-label={t("chat.reaction", { emoji, count })}
                  disabled={!mayWrite}
                  onClick={() => react(emoji, !byViewer)}
                >
                  {emoji} <span>{count}</span>
                </button>
              </li>
            ))}
          </ul>
        ) : null}
        {replyCount > 0 && !isInThread ? (
          <button type="button" className="thread-link" onClick={() => openThread(seq)}>
            <Icon name="thread" size={14} /> {t("chat.replies", { count: replyCount })}
          </button>
        ) : null}
      </div>
      <div className="message-tools">
        {mayWrite && !isGone ? (
          <IconButton icon="reply" size={18} tabIndex={-1} name={t("action.reply")} onClick={() => reply(message)} />
        ) : null}
        <IconButton
          icon="more"
          size={18}
          tabIndex={-1}
          name={label}
          aria-haspopup="menu"
          onClick={(event) => setMenuAt(event.currentTarget.getBoundingClientRect())}
        />
      </div>
      {menuAt ? (
        <Menu
          label={label}
          at={menuAt}
          items={items}
          onClose={() => setMenuAt(undefined)}
          head={
            mayWrite && !isGone ? (
              <div className="quick" role="group" aria-label={t("action.react")}>
                {QUICK.map((emoji) => (
                  <button
                    key={emoji}
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    aria-label={t("chat.reactWith", { emoji })}
                    onClick={() => {
                      setMenuAt(undefined);
                      react(emoji, !reactions.some((given) => given.emoji === emoji && given.byViewer));
                    }}
                  >
                    {emoji}
                  </button>
                ))}
              </div>
            ) : undefined
          }
        />
      ) : null}
      {dialogs}
      {kind === "TEXT" ? null : <span className="unseen">{digestOf(t, message)}</span>}
    </article>
  );
});

function useReact({ conversationId, seq }: Message): (emoji: string, on: boolean) => void {
  const client = useTidings();
  const { attempt } = useNotices();
  return (emoji, on) =>
    void attempt(() => client.request(ReactTo, { input: { clientMutationId: newId(), conversationId, seq, emoji, on } }));
}

/** Whether an own message was read. In a group by how many. */
function Receipt({ seq }: { seq: number }) {
  const { t } = useTranslation();
  const me = useMe();
  const { conversation, members } = useOpen();
  const count = members.filter(({ user, readSeq }) => user.id !== me.id && readSeq >= seq).length;
  const said = count === 0 ? t("chat.sent") : conversation.kind === "DIRECT" ? t("chat.read") : t("chat.readBy", { count });
  return (
    <span className="receipt" data-read={count > 0} title={said}>
      <Icon name={count > 0 ? "checks" : "check"} size={15} />
      <span className="unseen">{said}</span>
    </span>
  );
}
