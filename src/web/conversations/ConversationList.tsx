import { memo, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { Virtuoso } from "react-virtuoso";
import { MarkRead, SetPreferences, type SetPreferencesInput } from "../../client/operations.ts";
import type { ConversationState, OutgoingMessage } from "../../client/types.ts";
import { newId, useMe } from "../app/me.ts";
import { isIn, routes } from "../app/routes.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Icon } from "../parts/Icon.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import { explained } from "../parts/explained.ts";
import { Menu, type MenuItem, type MenuPlace } from "../parts/Menu.tsx";
import { Moment } from "../parts/Moment.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useTidings, useWatched } from "../../client/react.ts";
import { NewGroup } from "../people/NewGroup.tsx";
import { digestOf, digestOfContent } from "./digest.ts";

const FILTERS = {
  filterAll: () => true,
  filterUnread: ({ unreadCount }: ConversationState) => unreadCount > 0,
  filterDirect: ({ kind }: ConversationState) => kind === "DIRECT",
  filterGroups: ({ kind }: ConversationState) => kind !== "DIRECT",
} as const;
type Filter = keyof typeof FILTERS;
/** So many of a kind fill any screen. */
const ENOUGH = 20;

/** The conversations, the pinned ones first, then the newest. */
export function ConversationList() {
  const { t } = useTranslation();
  const client = useTidings();
  const { items, complete, error } = useWatched(client.conversations);
  const outbox = useWatched(client.outbox);
  const [path] = useLocation();
  const [filter, setFilter] = useState<Filter>("filterAll");
  const [isMaking, setMaking] = useState(false);
  const shown = items.filter(FILTERS[filter]);
  const isWanting = !complete && !error && items.length > 0 && shown.length < ENOUGH;
  // Those of a kind may all be further down.
  useEffect(() => {
    if (isWanting) client.loadMoreConversations().catch(() => {});
  }, [isWanting, items.length, client]);
  return (
    <section className="list-pane" aria-label={t("list.title")}>
      <header className="list-head">
        <h1>{t("list.title")}</h1>
        <IconButton icon="add" name={t("list.newGroup")} onClick={() => setMaking(true)} />
      </header>
      <div className="filters" role="group" aria-label={t("list.filter")}>
        {(Object.keys(FILTERS) as Filter[]).map((name) => (
          <button key={name} type="button" className="chip" aria-pressed={filter === name} onClick={() => setFilter(name)}>
            {t(`list.${name}`)}
          </button>
        ))}
      </div>
      {error ? (
        <p className="list-fault" role="alert">
          {explained(t, error)}{" "}
          <button type="button" className="link-button" onClick={() => void client.loadMoreConversations().catch(() => {})}>
            {t("app.retry")}
          </button>
        </p>
      ) : null}
      {items.length === 0 && complete ? (
        <div className="empty">
          <p className="empty-title">{t("list.empty")}</p>
          <p className="muted">{t("list.emptyHint")}</p>
          <Link to={routes.people} className="button button-main">
            {t("list.findPeople")}
          </Link>
        </div>
      ) : shown.length === 0 && complete ? (
        <p className="empty muted">{t("list.nothingHere")}</p>
      ) : (
        <Virtuoso
          className="list-items"
          data={shown}
          computeItemKey={(_, { id }) => id}
          endReached={() => void client.loadMoreConversations().catch(() => {})}
          increaseViewportBy={200}
          itemContent={(_, conversation) => (
            <Row
              conversation={conversation}
              outgoing={outbox.findLast(({ conversationId }) => conversationId === conversation.id)}
              isOpen={isIn(path, conversation.id)}
            />
          )}
        />
      )}
      {isMaking ? <NewGroup onClose={() => setMaking(false)} /> : null}
    </section>
  );
}

type RowProps = { conversation: ConversationState; outgoing: OutgoingMessage | undefined; isOpen: boolean };

const Row = memo(function Row({ conversation, outgoing, isOpen }: RowProps) {
  const { t, i18n } = useTranslation();
  const [menuAt, setMenuAt] = useState<MenuPlace>();
  const items = useListActions(conversation);
  const { id, title, avatarUrl, peer, lastActivityAt, unreadCount, unreadMentions, membership } = conversation;
  const name = peer?.friendship.alias ?? title;
  return (
    <div
      className="row"
      data-open={isOpen}
      onContextMenu={(event) => {
        event.preventDefault();
        setMenuAt({ left: event.clientX, right: event.clientX, top: event.clientY, bottom: event.clientY });
      }}
    >
      <Link to={routes.conversation(id)} className="row-link" aria-current={isOpen ? "page" : undefined}>
        <Avatar id={peer?.id ?? id} name={name} url={peer ? peer.avatarUrl : avatarUrl} size={48} />
        <span className="row-text">
          <span className="row-top">
            <span className="row-title">{name}</span>
            {membership?.pinned ? <Mark icon="pin" name={t("list.pinned")} /> : null}
            {membership?.muted ? <Mark icon="muted" name={t("list.muted")} /> : null}
            {lastActivityAt === null ? null : <Moment at={lastActivityAt} language={i18n.language} short className="row-time" />}
          </span>
          <span className="row-bottom">
            <Digest conversation={conversation} outgoing={outgoing} />
            {unreadMentions > 0 ? <Mark icon="at" name={t("list.mentioned")} /> : null}
            {unreadCount > 0 ? (
              <span className={membership?.muted ? "badge badge-muted" : "badge"}>
                <span aria-hidden="true">{unreadCount > 99 ? "99+" : unreadCount}</span>
                <span className="unseen">{t("list.unread", { count: unreadCount })}</span>
              </span>
            ) : null}
          </span>
        </span>
      </Link>
      <IconButton
        icon="more"
        className="row-more"
        name={t("list.options", { title: name })}
        aria-haspopup="menu"
        aria-expanded={menuAt !== undefined}
        onClick={(event) => setMenuAt(event.currentTarget.getBoundingClientRect())}
      />
      {menuAt ? (
        <Menu label={t("list.options", { title: name })} at={menuAt} items={items} onClose={() => setMenuAt(undefined)} />
      ) : null}
    </div>
  );
});

function Mark({ icon, name }: { icon: "pin" | "muted" | "at"; name: string }) {
  return (
    <span className={`mark mark-${icon}`} title={name}>
      <Icon name={icon} size={14} />
      <span className="unseen">{name}</span>
    </span>
  );
}

/** What is on its way comes before what has arrived. */
function Digest({ conversation, outgoing }: Pick<RowProps, "conversation" | "outgoing">) {
  const { t } = useTranslation();
  const me = useMe();
  const { kind, lastMessage } = conversation;
  const pair = (one: string, other: string): string => t("app.pair", { one, other });
  if (outgoing?.state === "failed")
    return <span className="digest digest-failed">{pair(t("list.failed"), digestOfContent(t, outgoing.content))}</span>;
  if (outgoing?.state === "waiting")
    return <span className="digest">{pair(t("app.you"), digestOfContent(t, outgoing.content))}</span>;
  if (!lastMessage) return <span className="digest">{t("list.noMessages")}</span>;
  const from = lastMessage.sender.id === me.id ? t("app.you") : kind === "DIRECT" ? undefined : lastMessage.sender.name;
  const text = digestOf(t, lastMessage);
  return <span className="digest">{from === undefined ? text : pair(from, text)}</span>;
}

/** What one does with a conversation without opening it. */
function useListActions({ id, lastSeq, unreadCount, membership }: ConversationState): MenuItem[] {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const prefer = (preferences: Omit<SetPreferencesInput, "clientMutationId" | "conversationId">) => () =>
    void attempt(() =>
      client.request(SetPreferences, { input: { clientMutationId: newId(), conversationId: id, ...preferences } }),
    );
  const read = (): void =>
    void attempt(() => client.request(MarkRead, { input: { clientMutationId: newId(), conversationId: id, seq: lastSeq } }));
  return [
    ...(unreadCount > 0 ? [{ label: t("list.markRead"), icon: "check" as const, act: read }] : []),
    ...(membership
      ? [
          {
            label: t(membership.pinned ? "list.unpin" : "list.pin"),
            icon: "pin" as const,
            act: prefer({ pinned: !membership.pinned }),
          },
          {
            label: t(membership.muted ? "list.unmute" : "list.mute"),
            icon: "muted" as const,
            act: prefer({ muted: !membership.muted }),
          },
          { label: t("list.hide"), icon: "close" as const, act: prefer({ hidden: true }) },
        ]
      : []),
  ];
}
