import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useTidings } from "../../client/react.ts";
import {
  AddMembers,
  Dissolve,
  type JoinPolicy,
  Leave,
  PinMessage,
  RemoveMembers,
  SetPreferences,
  SetRole,
  Silence,
  TransferOwnership,
  UpdateConversation,
} from "../../client/operations.ts";
import type { ConversationState } from "../../client/types.ts";
import { newId, useMe } from "../app/me.ts";
import { routes } from "../app/routes.ts";
import { digestOf } from "../conversations/digest.ts";
import { type Member, useOpen } from "../messages/context.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Confirm } from "../parts/Confirm.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { CheckField, Field, SelectField, TextField } from "../parts/Field.tsx";
import { IconButton } from "../parts/IconButton.tsx";
import type { MenuItem } from "../parts/Menu.tsx";
import { MenuButton } from "../parts/MenuButton.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { useFocusBack } from "../parts/useFocusBack.ts";
import { usePresence } from "../parts/usePresence.ts";
import { CodeCard } from "./CodeCard.tsx";
import { FriendPicker } from "./FriendPicker.tsx";
import { InviteDialog } from "./InviteDialog.tsx";
import { POLICIES } from "./NewGroup.tsx";
import { PersonDialog } from "./PersonDialog.tsx";
import { PersonRow } from "./PersonRow.tsx";

type Shown = "edit" | "add" | "invite" | "code" | "leave" | "dissolve" | { person: string } | { remove: Member };

/** What a conversation is about, who is in it, and what one may do about that. */
export function InfoPanel({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const [, go] = useLocation();
  const { conversation, members, hasMoreMembers, loadMoreMembers, isStaff, nameOf } = useOpen();
  const [shown, setShown] = useState<Shown>();
  const panel = useRef<HTMLElement>(null);
  useFocusBack(panel);
  const close = (): void => setShown(undefined);
  const { id, kind, title, avatarUrl, description, announcement, membership, joinPolicy, joinCode, peer } = conversation;
  // To those outside, the code of another group means nothing.
  const isPublic = conversation.public;
  const isDirect = kind === "DIRECT";
  const isOwner = membership?.role === "OWNER";
  const mayAdd = membership !== null && !isDirect && (isStaff || (joinPolicy === "OPEN" && !membership.follower));
  const presence = usePresence(isDirect ? [] : members.map(({ user }) => user.id));
  // What it changes comes as an entry.
  const act = (what: () => Promise<unknown>): void => void attempt(what);
  const prefer = (preferences: { muted?: boolean; pinned?: boolean; nickname?: string | null }): void =>
    act(() => client.request(SetPreferences, { input: { clientMutationId: newId(), conversationId: id, ...preferences } }));
  const leave = (isForAll: boolean): void => {
    close();
    const input = { clientMutationId: newId(), id };
    const ask = async (): Promise<unknown> => (isForAll ? client.request(Dissolve, { input }) : client.request(Leave, { input }));
    void attempt(ask).then((done) => {
      if (done) go(routes.chats);
    });
  };
  return (
    <aside ref={panel} className="panel" aria-label={t("chat.info")}>
      <header className="panel-head">
        <h2>{t("group.about")}</h2>
        <IconButton icon="close" name={t("app.close")} onClick={onClose} />
      </header>
      <div className="panel-body" tabIndex={0} role="region" aria-label={t("group.about")}>
        <div className="about-head">
          <Avatar id={peer?.id ?? id} name={title} url={peer ? peer.avatarUrl : avatarUrl} size={64} />
          <p className="me-name">{title}</p>
          {description ? <p className="muted">{description}</p> : null}
        </div>
        {announcement ? (
          <section className="panel-card">
            <h3>{t("group.announcement")}</h3>
            <p className="bubble-text">{announcement}</p>
          </section>
        ) : null}
        {membership ? (
          <section className="panel-card">
            <CheckField
              label={t("list.muted")}
              checked={membership.muted}
              onChange={(event) => prefer({ muted: event.target.checked })}
            />
            <CheckField
              label={t("list.pinned")}
              checked={membership.pinned}
              onChange={(event) => prefer({ pinned: event.target.checked })}
            />
          </section>
        ) : null}
        <div className="about-buttons">
          {peer ? (
            <button type="button" className="button" onClick={() => setShown({ person: peer.id })}>
              {t("people.profile", { name: peer.name })}
            </button>
          ) : null}
          {mayAdd ? (
            <button type="button" className="button" onClick={() => setShown("add")}>
              {t("group.add")}
            </button>
          ) : null}
          {isStaff && !isDirect ? (
            <>
              <button type="button" className="button" onClick={() => setShown("invite")}>
                {t("group.invite")}
              </button>
              <button type="button" className="button" onClick={() => setShown("edit")}>
                {t("group.edit")}
              </button>
            </>
          ) : null}
          {joinCode && isPublic && joinPolicy !== "INVITE" ? (
            <button type="button" className="button" onClick={() => setShown("code")}>
              {t("group.code")}
            </button>
          ) : null}
        </div>
        <Pinned />
        {isDirect ? null : (
          <section className="panel-card">
            <h3>{t("group.members")}</h3>
            <ul className="people">
              {members.map((member) => (
                <PersonRow
                  key={member.id}
                  person={{ ...member.user, name: nameOf(member.user) }}
                  presence={presence.get(member.user.id)}
                  note={member.role === "MEMBER" ? undefined : t(`group.${member.role}`)}
                  onOpen={() => setShown({ person: member.user.id })}
                >
                  <MemberMenu
                    member={member}
                    conversation={conversation}
                    isStaff={isStaff}
                    onRemove={() => setShown({ remove: member })}
                    act={act}
                  />
                </PersonRow>
              ))}
            </ul>
            {hasMoreMembers ? (
              <button type="button" className="button" onClick={loadMoreMembers}>
                {t("app.showMore")}
              </button>
            ) : null}
          </section>
        )}
        {membership && !isDirect ? (
          <>
            <Nickname nickname={membership.nickname} onSave={(nickname) => prefer({ nickname })} />
            <div className="about-buttons">
              <button type="button" className="button button-danger" onClick={() => setShown("leave")}>
                {t(membership.follower ? "group.unfollow" : "group.leave")}
              </button>
              {isOwner ? (
                <button type="button" className="button button-danger" onClick={() => setShown("dissolve")}>
                  {t("group.dissolve")}
                </button>
              ) : null}
            </div>
          </>
        ) : null}
      </div>
      {shown === "edit" ? <EditGroup conversation={conversation} onClose={close} /> : null}
      {shown === "add" ? <AddPeople conversation={conversation} members={members} onClose={close} act={act} /> : null}
      {shown === "invite" ? <InviteDialog conversationId={id} onClose={close} /> : null}
      {shown === "code" && joinCode ? (
        <Dialog title={title} onClose={close}>
          <CodeCard code={joinCode} hint={t(`group.${joinPolicy}`)} />
        </Dialog>
      ) : null}
      {shown === "leave" ? (
        <Confirm question={t("group.reallyLeave", { title })} yes={t("group.leave")} onYes={() => leave(false)} onClose={close} />
      ) : null}
      {shown === "dissolve" ? (
        <Confirm
          question={t("group.reallyDissolve", { title })}
          yes={t("group.dissolve")}
          onYes={() => leave(true)}
          onClose={close}
        />
      ) : null}
      {typeof shown === "object" && "person" in shown ? <PersonDialog id={shown.person} onClose={close} /> : null}
      {typeof shown === "object" && "remove" in shown ? (
        <Confirm
          question={t("group.reallyRemove", { name: shown.remove.user.name })}
          yes={t("group.remove")}
          onClose={close}
          onYes={() => {
            close();
            const userIds = [shown.remove.user.id];
            act(() => client.request(RemoveMembers, { input: { clientMutationId: newId(), conversationId: id, userIds } }));
          }}
        />
      ) : null}
    </aside>
  );
}

type MemberMenuProps = {
  member: Member;
  conversation: ConversationState;
  isStaff: boolean;
  onRemove: () => void;
  act: (what: () => Promise<unknown>) => void;
};
const HOUR_MS = 3_600_000;

function MemberMenu({ member, conversation, isStaff, onRemove, act }: MemberMenuProps) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useTidings();
  const { user, role, silencedUntil } = member;
  if (!isStaff || user.id === me.id || role === "OWNER") return null;
  const isOwner = conversation.membership?.role === "OWNER";
  if (role === "ADMIN" && !isOwner) return null;
  const target = { conversationId: conversation.id, userId: user.id };
  const isSilenced = silencedUntil !== null && new Date(silencedUntil) > new Date();
  const items: MenuItem[] = [
    ...(isOwner
      ? [
          {
            label: t(role === "ADMIN" ? "group.makeMember" : "group.makeAdmin"),
            act: () =>
              act(() =>
                client.request(SetRole, {
                  input: {
                    clientMutationId: newId(),
                    ...target,
                    role: role === "ADMIN" ? ("MEMBER" as const) : ("ADMIN" as const),
                  },
                }),
              ),
          },
          {
            label: t("group.transfer"),
            act: () => act(() => client.request(TransferOwnership, { input: { clientMutationId: newId(), ...target } })),
          },
        ]
      : []),
    {
      label: t(isSilenced ? "group.unsilence" : "group.silence"),
      act: () =>
        act(() =>
          client.request(Silence, {
            input: {
              clientMutationId: newId(),
              ...target,
              until: isSilenced ? null : new Date(Date.now() + HOUR_MS).toISOString(),
            },
          }),
        ),
    },
    { label: t("group.remove"), danger: true, act: onRemove },
  ];
  return <MenuButton name={t("group.memberOptions", { name: user.name })} items={items} />;
}

function Pinned() {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const { conversation, isStaff, jump, nameOf, pins } = useOpen();
  const mayUnpin = isStaff || conversation.kind === "DIRECT";
  const unpin = (seq: number): void => {
    const input = { clientMutationId: newId(), conversationId: conversation.id, seq, on: false };
    void attempt(() => client.request(PinMessage, { input }));
  };
  if (pins.length === 0) return null;
  return (
    <section className="panel-card">
      <h3>{t("pins.title")}</h3>
      <ul className="people">
        {pins.map((pin) => (
          <li key={pin.id} className="person">
            <button type="button" className="person-main" onClick={() => jump(pin.seq)}>
              <span className="person-text">
                <span className="person-name">{nameOf(pin.sender)}</span>
                <span className="muted">{digestOf(t, pin)}</span>
              </span>
            </button>
            {mayUnpin ? <IconButton icon="close" size={16} name={t("action.unpin")} onClick={() => unpin(pin.seq)} /> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Nickname({ nickname, onSave }: { nickname: string | null; onSave: (nickname: string | null) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(nickname ?? "");
  return (
    <form
      className="inline-form panel-card"
      onSubmit={(event) => {
        event.preventDefault();
        onSave(name.trim() || null);
      }}
    >
      <Field label={t("group.nickname")} value={name} maxLength={128} onChange={(event) => setName(event.target.value)} />
      <button type="submit" className="button">
        {t("app.save")}
      </button>
    </form>
  );
}

function AddPeople({
  conversation: { id },
  members,
  onClose,
  act,
}: {
  conversation: ConversationState;
  members: readonly Member[];
  onClose: () => void;
  act: MemberMenuProps["act"];
}) {
  const { t } = useTranslation();
  const client = useTidings();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const add = (): void => {
    onClose();
    act(() => client.request(AddMembers, { input: { clientMutationId: newId(), conversationId: id, userIds: [...picked] } }));
  };
  return (
    <Dialog title={t("group.add")} onClose={onClose}>
      <FriendPicker picked={picked} onPicked={setPicked} without={new Set(members.map(({ user }) => user.id))} />
      <div className="dialog-end">
        <button type="button" className="button button-main" disabled={picked.size === 0} onClick={add}>
          {t("group.add")}
        </button>
      </div>
    </Dialog>
  );
}

function EditGroup({ conversation, onClose }: { conversation: ConversationState; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const { attempt } = useNotices();
  const [title, setTitle] = useState(conversation.title);
  const [description, setDescription] = useState(conversation.description ?? "");
  const [announcement, setAnnouncement] = useState(conversation.announcement ?? "");
  const [joinPolicy, setJoinPolicy] = useState(conversation.joinPolicy);
  const [isPublic, setPublic] = useState(conversation.public);
  const [historyVisible, setHistoryVisible] = useState(conversation.historyVisible);
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const input = {
      clientMutationId: newId(),
      id: conversation.id,
      title: title.trim(),
      description: description.trim() || null,
      announcement: announcement.trim() || null,
      joinPolicy,
      public: isPublic,
      historyVisible,
    };
    if (await attempt(() => client.request(UpdateConversation, { input }))) onClose();
  };
  return (
    <Dialog title={t("group.edit")} onClose={onClose}>
      <form onSubmit={(event) => void save(event)}>
        <Field
          label={t("group.title")}
          value={title}
          required
          maxLength={128}
          onChange={(event) => setTitle(event.target.value)}
        />
        <TextField
          label={t("group.description")}
          value={description}
          maxLength={4_096}
          onChange={(event) => setDescription(event.target.value)}
        />
        <TextField
          label={t("group.announcement")}
          value={announcement}
          maxLength={4_096}
          onChange={(event) => setAnnouncement(event.target.value)}
        />
        <SelectField
          label={t("group.policy")}
          value={joinPolicy}
          onChange={(event) => setJoinPolicy(event.target.value as JoinPolicy)}
        >
          {POLICIES.map((policy) => (
            <option key={policy} value={policy}>
              {t(`group.${policy}`)}
            </option>
          ))}
        </SelectField>
        <CheckField label={t("group.public")} checked={isPublic} onChange={(event) => setPublic(event.target.checked)} />
        <CheckField
          label={t("group.historyVisible")}
          checked={historyVisible}
          onChange={(event) => setHistoryVisible(event.target.checked)}
        />
        <div className="dialog-end">
          <button type="submit" className="button button-main">
            {t("app.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
