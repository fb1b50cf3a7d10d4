import { startTransition, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { ConversationHandle, ConversationState, Message } from "../../client/types.ts";
import { useMe } from "../app/me.ts";
import { routes } from "../app/routes.ts";
import { digestOf } from "../conversations/digest.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { explained } from "../parts/explained.ts";
import { Guarded } from "../parts/Guarded.tsx";
import { Icon } from "../parts/Icon.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import { usePartOf } from "../parts/usePartOf.ts";
import { isOnline, type Presence, usePresence } from "../parts/usePresence.ts";
import { useConversationHandle, useTidings, useWatched } from "../../client/react.ts";
import { InfoPanel } from "../people/InfoPanel.tsx";
import { JoinButton } from "../people/JoinButton.tsx";
import { ago, moment } from "../texts/dates.ts";
import { type Around, AroundContext, namesIn, type Open, OpenContext, ReadersContext, useOpen } from "./context.ts";
import { messagesOf } from "./entries.ts";
import { type Change, MainComposer } from "./MainComposer.tsx";
import { type ActionsControls, MessageActions } from "./MessageActions.tsx";
import { ThreadPanel } from "./ThreadPanel.tsx";
import { Timeline, type TimelineControls } from "./Timeline.tsx";
import { useMembers } from "./useMembers.ts";
import { usePins } from "./usePins.ts";
import { useReaders } from "./useReaders.ts";

type Panel = { shows: "info" } | { shows: "thread"; seq: number };

/** One conversation: its head, its messages, where one writes, and beside it what it is about, or a thread. */
export function ConversationPage({ id, seq }: { id: string; seq: number | undefined }) {
  const { t } = useTranslation();
  const handle = useConversationHandle(id);
  const conversation = useWatched(handle.conversation);
  const error = usePartOf(handle.messages, (messages) => messages.error);
  if (conversation) return <Chat handle={handle} conversation={conversation} seq={seq} />;
  if (!error) return <div className="chat" aria-busy="true" />;
  return (
    <div className="nothing-open" role="alert">
      <p>{error.code === "NOT_FOUND" ? t("app.notFound") : explained(t, error)}</p>
      <Link to={routes.chats} className="button">
        {t("app.back")}
      </Link>
    </div>
  );
}

type ChatProps = { handle: ConversationHandle; conversation: ConversationState; seq: number | undefined };

function Chat({ handle, conversation, seq }: ChatProps) {
  const { t, i18n } = useTranslation();
  const { language } = i18n;
  const me = useMe();
  const { kind, membership } = conversation;
  const { members, hasMore, loadMore } = useMembers(handle.id);
  const pins = usePins(handle.id);
  const readers = useReaders(handle, me.id);
  const isSettled = useSettled();
  const [panel, setPanel] = useState<Panel>();
  const [change, setChange] = useState<Change>();
  const timeline = useRef<TimelineControls>(null);
  const actions = useRef<ActionsControls>(null);
  const writing = useRef<HTMLTextAreaElement>(null);
  const isStaff = membership?.role === "OWNER" || membership?.role === "ADMIN";
  const isSilenced = useIsBefore(membership?.silencedUntil);
  const mayWrite = kind === "DIRECT" || (membership !== null && !membership.follower && !isSilenced);

  const begin = useCallback((next: Change | undefined) => {
    setChange(next);
    writing.current?.focus();
  }, []);
  const nameOf = useMemo(() => namesIn(members), [members]);
  const around = useMemo<Around>(
    () => ({
      t,
      language,
      me: me.id,
      isDirect: kind === "DIRECT",
      mayWrite,
      nameOf,
      menu: (message, at, isInThread) => actions.current?.menu(message, at, isInThread),
      reply: (to) => begin({ does: "reply", message: to }),
      openThread: (at) => setPanel({ shows: "thread", seq: at }),
      jump: (at) => timeline.current?.jump(at),
      takeBack: (text) => {
        const kept = handle.draft.get();
        handle.setDraft(kept === "" ? text : `${kept}\n${text}`);
        begin(undefined);
      },
    }),
    [t, language, me.id, kind, mayWrite, nameOf, handle, begin],
  );
  const open = useMemo<Open>(
    () => ({
      ...around,
      handle,
      conversation,
      members,
      hasMoreMembers: hasMore,
      loadMoreMembers: loadMore,
      isStaff,
      pins,
      edit: (message) => begin({ does: "edit", message }),
      toEnd: () => timeline.current?.toEnd(),
    }),
    [around, handle, conversation, members, hasMore, loadMore, isStaff, pins, begin],
  );
  const editLast = useCallback(() => {
    const { items, reachedEnd } = handle.messages.get();
    // What is on its way cannot be edited yet, and what is before it is not meant; neither is the last one of a part.
    if (!reachedEnd || items.some((item) => item.type === "outgoing")) return;
    const own = messagesOf(items).findLast((message: Message) => message.sender.id === me.id && message.text !== null);
    if (own) begin({ does: "edit", message: own });
  }, [handle, me.id, begin]);
  const focusMessages = useCallback(() => timeline.current?.focus(), []);
  const closePanel = useCallback(() => setPanel(undefined), []);

  return (
    <OpenContext value={open}>
      <AroundContext value={around}>
        <ReadersContext value={readers}>
          <div className="chat" data-panel={panel !== undefined}>
            <section className="chat-main" aria-label={conversation.title}>
              <Head onInfo={() => setPanel(panel?.shows === "info" ? undefined : { shows: "info" })} />
              <PinnedLine />
              <Guarded>
                {isSettled ? (
                  <Timeline controls={timeline} target={seq} onLeave={() => writing.current?.focus()} />
                ) : (
                  <div className="timeline" aria-busy="true" />
                )}
              </Guarded>
              <TypingLine />
              {mayWrite ? (
                <MainComposer
                  writing={writing}
                  change={change}
                  setChange={setChange}
                  editLast={editLast}
                  focusMessages={focusMessages}
                />
              ) : (
                <NotWriting isSilenced={isSilenced} />
              )}
            </section>
            {panel ? (
              <Guarded of={panel}>
                {panel.shows === "info" ? (
                  <InfoPanel onClose={closePanel} />
                ) : (
                  <ThreadPanel key={panel.seq} seq={panel.seq} onClose={closePanel} />
                )}
              </Guarded>
            ) : null}
            <MessageActions controls={actions} />
          </div>
        </ReadersContext>
      </AroundContext>
    </OpenContext>
  );
}

/** Whether a time is still to come; it is rendered again when it has. */
function useIsBefore(time: string | null | undefined): boolean {
  const [now, setNow] = useState(Date.now);
  const until = time == null ? 0 : new Date(time).getTime();
  useEffect(() => {
    if (until <= now) return undefined;
    const left = Math.min(LONGEST_TIMER_MS, Math.max(0, until - Date.now()));
    const timer = setTimeout(() => setNow(Date.now()), left);
    return () => clearTimeout(timer);
  }, [until, now]);
  return until > now;
}
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** For so long what was missed may come before what was kept is shown. */
const PATIENCE_MS = 2_000;

/**
 * Whether it is known what is unread: what was missed has come, or will not come soon. Before, the unread line would stand where
 * it stood when the page was last open. The messages come a moment after all else, so that no frame has to make both.
 */
function useSettled(): boolean {
  const { state } = useWatched(useTidings().connection);
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    const settle = (): void => startTransition(() => setSettled(true));
    const timer = setTimeout(settle, state === "connecting" ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [state]);
  return isSettled;
}

function Head({ onInfo }: { onInfo: () => void }) {
  const { t } = useTranslation();
  const { conversation } = useOpen();
  const { id, kind, avatarUrl, peer, memberCount } = conversation;
  const title = peer?.friendship.alias ?? conversation.title;
  const presence = usePresence(peer ? [peer.id] : []).get(peer?.id ?? "");
  return (
    <header className="chat-head">
      <Link to={routes.chats} className="icon-button chat-back" aria-label={t("app.back")} title={t("app.back")}>
        <Icon name="back" />
      </Link>
      <Avatar id={peer?.id ?? id} name={title} url={peer ? peer.avatarUrl : avatarUrl} size={40} online={isOnline(presence)} />
      <div className="chat-title">
        <h2>{title}</h2>
        <p className="muted">
          {kind === "GROUP" ? t("chat.members", { count: memberCount }) : null}
          {kind === "CHANNEL" ? t("chat.followers", { count: memberCount }) : null}
          {peer ? <LastSeen presence={presence} handle={peer.handle} /> : null}
        </p>
      </div>
      <Link to={routes.searchIn(id)} className="icon-button" aria-label={t("chat.searchHere")} title={t("chat.searchHere")}>
        <Icon name="search" />
      </Link>
      <IconButton icon="info" name={t("chat.info")} onClick={onInfo} />
    </header>
  );
}

function LastSeen({ presence, handle }: { presence: Presence | undefined; handle: string }) {
  const { t, i18n } = useTranslation();
  if (isOnline(presence)) return <span className="online">{t("chat.online")}</span>;
  const last = presence
    ?.flatMap(({ lastSeenAt }) => lastSeenAt ?? [])
    .toSorted()
    .at(-1);
  return last === undefined ? `@${handle}` : t("chat.lastSeen", { when: ago(i18n.language, new Date(last)) });
}

/** What was pinned last, and the way to it. */
function PinnedLine() {
  const { t } = useTranslation();
  const { pins, jump } = useOpen();
  const [newest] = pins;
  if (!newest) return null;
  return (
    <button type="button" className="pinned-line" onClick={() => jump(newest.seq)}>
      <Icon name="pin" size={16} />
      <span className="pinned-count">{t("pins.bar", { count: pins.length })}</span>
      <span className="digest">{digestOf(t, newest)}</span>
    </button>
  );
}

/** Always as high, so that nothing moves when somebody begins to type. */
function TypingLine() {
  const { t, i18n } = useTranslation();
  const { handle, nameOf } = useOpen();
  const typing = useWatched(handle.typing);
  const names = (): string => new Intl.ListFormat(i18n.language, { type: "conjunction" }).format(typing.map(nameOf));
  return (
    <p className="typing-line">
      {typing.length > 0 ? (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {t("chat.typing", { count: typing.length, names: names() })}
        </>
      ) : null}
    </p>
  );
}

function NotWriting({ isSilenced }: { isSilenced: boolean }) {
  const { t, i18n } = useTranslation();
  const { conversation } = useOpen();
  const { membership } = conversation;
  const until = membership?.silencedUntil;
  return (
    <div className="composer composer-none">
      {isSilenced && until
        ? t("composer.silenced", { when: moment(i18n.language, new Date(until)) })
        : membership?.follower
          ? t("composer.onlyStaff")
          : t("composer.notMember")}
      {membership === null ? <JoinButton conversation={conversation} /> : null}
    </div>
  );
}
