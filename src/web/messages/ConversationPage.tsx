import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { ConversationHandle, ConversationState, Message } from "../../client/types.ts";
import { useMe } from "../app/me.ts";
import { routes } from "../app/routes.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { explained } from "../parts/explained.ts";
import { Icon } from "../parts/Icon.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import { useConversationHandle, useTidings, useWatched } from "../../client/react.ts";
import { InfoPanel } from "../people/InfoPanel.tsx";
import { JoinButton } from "../people/JoinButton.tsx";
import { ago } from "../texts/dates.ts";
import { nameIn, type Member, type Open, OpenContext, useOpen } from "./context.ts";
import { messagesOf } from "./entries.ts";
import { type Change, MainComposer } from "./MainComposer.tsx";
import { ThreadPanel } from "./ThreadPanel.tsx";
import { Timeline, type TimelineControls } from "./Timeline.tsx";
import { useMembers } from "./useMembers.ts";

type Panel = { shows: "info" } | { shows: "thread"; seq: number };

/** One conversation: its head, its messages, where one writes, and beside it what it is about, or a thread. */
export function ConversationPage({ id, seq }: { id: string; seq: number | undefined }) {
  const { t } = useTranslation();
  const handle = useConversationHandle(id);
  const conversation = useWatched(handle.conversation);
  const { error } = useWatched(handle.messages);
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
  const me = useMe();
  const { kind, membership, lastSeq } = conversation;
  const { members, reload } = useMembers(handle.id, lastSeq);
  const isSettled = useSettled();
  const [panel, setPanel] = useState<Panel>();
  const [change, setChange] = useState<Change>();
  const timeline = useRef<TimelineControls>(null);
  const writing = useRef<HTMLTextAreaElement>(null);
  const isStaff = membership?.role === "OWNER" || membership?.role === "ADMIN";
  const isSilenced = membership?.silencedUntil != null && new Date(membership.silencedUntil) > new Date();
  const mayWrite = kind === "DIRECT" || (membership !== null && !membership.follower && !isSilenced);

  const begin = useCallback((next: Change | undefined) => {
    setChange(next);
    writing.current?.focus();
  }, []);
  const open = useMemo<Open>(
    () => ({
      handle,
      conversation,
      members,
      isStaff,
      mayWrite,
      reloadMembers: reload,
      reply: (to) => begin({ does: "reply", message: to }),
      edit: (message) => begin({ does: "edit", message }),
      openThread: (at) => setPanel({ shows: "thread", seq: at }),
      jump: (at) => timeline.current?.jump(at),
      toEnd: () => timeline.current?.toEnd(),
      takeBack: (text) => {
        const kept = handle.draft.get();
        handle.setDraft(kept === "" ? text : `${kept}\n${text}`);
        begin(undefined);
      },
    }),
    [handle, conversation, members, isStaff, mayWrite, reload, begin],
  );
  const editLast = useCallback(() => {
    const { items } = handle.messages.get();
    // What is on its way cannot be edited yet, and what is before it is not meant.
    if (items.some((item) => item.type === "outgoing")) return;
    const own = messagesOf(items).findLast((message: Message) => message.sender.id === me.id && message.text !== null);
    if (own) begin({ does: "edit", message: own });
  }, [handle, me.id, begin]);
  const focusMessages = useCallback(() => timeline.current?.focus(), []);

  return (
    <OpenContext value={open}>
      <div className="chat" data-panel={panel !== undefined}>
        <section className="chat-main" aria-label={conversation.title}>
          <Head
            conversation={conversation}
            members={members}
            onInfo={() => setPanel(panel?.shows === "info" ? undefined : { shows: "info" })}
          />
          {isSettled ? (
            <Timeline controls={timeline} target={seq} onLeave={() => writing.current?.focus()} />
          ) : (
            <div className="timeline" aria-busy="true" />
          )}
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
        {panel?.shows === "info" ? <InfoPanel onClose={() => setPanel(undefined)} /> : null}
        {panel?.shows === "thread" ? <ThreadPanel key={panel.seq} seq={panel.seq} onClose={() => setPanel(undefined)} /> : null}
      </div>
    </OpenContext>
  );
}

/** For so long what was missed may come before what was kept is shown. */
const PATIENCE_MS = 2_000;

/**
 * Whether it is known what is unread: what was missed has come, or will not come soon. Before, the unread line would stand where
 * it stood when the page was last open.
 */
function useSettled(): boolean {
  const { state } = useWatched(useTidings().connection);
  const [isSettled, setSettled] = useState(state !== "connecting");
  useEffect(() => {
    if (state !== "connecting") setSettled(true);
    const timer = setTimeout(() => setSettled(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return isSettled;
}

function Head({
  conversation,
  members,
  onInfo,
}: {
  conversation: ConversationState;
  members: readonly Member[];
  onInfo: () => void;
}) {
  const { t } = useTranslation();
  const { id, kind, avatarUrl, peer, memberCount } = conversation;
  const title = peer?.friendship.alias ?? conversation.title;
  const presence = members.find(({ user }) => user.id === peer?.id)?.user.presence ?? [];
  const isOnline = presence.some(({ online }) => online);
  return (
    <header className="chat-head">
      <Link to={routes.chats} className="icon-button chat-back" aria-label={t("app.back")} title={t("app.back")}>
        <Icon name="back" />
      </Link>
      <Avatar id={peer?.id ?? id} name={title} url={peer ? peer.avatarUrl : avatarUrl} size={40} online={isOnline} />
      <div className="chat-title">
        <h2>{title}</h2>
        <p className="muted">
          {kind === "GROUP" ? t("chat.members", { count: memberCount }) : null}
          {kind === "CHANNEL" ? t("chat.followers", { count: memberCount }) : null}
          {kind === "DIRECT" ? (
            <Presence
              presence={presence}
              handle={members.find(({ user }) => user.id === peer?.id)?.user.handle ?? peer?.handle}
            />
          ) : null}
        </p>
      </div>
      <Link to={routes.searchIn(id)} className="icon-button" aria-label={t("chat.searchHere")} title={t("chat.searchHere")}>
        <Icon name="search" />
      </Link>
      <IconButton icon="info" name={t("chat.info")} onClick={onInfo} />
    </header>
  );
}

function Presence({ presence, handle }: { presence: Member["user"]["presence"]; handle: string | undefined }) {
  const { t, i18n } = useTranslation();
  if (presence.some(({ online }) => online)) return <span className="online">{t("chat.online")}</span>;
  const last = presence
    .flatMap(({ lastSeenAt }) => lastSeenAt ?? [])
    .toSorted()
    .at(-1);
  return last === undefined ? `@${handle ?? ""}` : t("chat.lastSeen", { when: ago(i18n.language, new Date(last)) });
}

/** Always as high, so that nothing moves when somebody begins to type. */
function TypingLine() {
  const { t, i18n } = useTranslation();
  const { handle, members } = useOpen();
  const typing = useWatched(handle.typing);
  const names = new Intl.ListFormat(i18n.language, { type: "conjunction" }).format(
    typing.map((person) => nameIn(members, person)),
  );
  return (
    <p className="typing-line">
      {typing.length > 0 ? (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {t("chat.typing", { count: typing.length, names })}
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
        ? t("composer.silenced", {
            when: new Intl.DateTimeFormat(i18n.language, { dateStyle: "short", timeStyle: "short" }).format(new Date(until)),
          })
        : membership?.follower
          ? t("composer.onlyStaff")
          : t("composer.notMember")}
      {membership === null ? <JoinButton conversation={conversation} /> : null}
    </div>
  );
}
