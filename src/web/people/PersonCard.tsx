import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import {
  AnswerFriendRequest,
  Block,
  EndFriendship,
  RequestFriendship,
  SetAlias,
  WithdrawFriendRequest,
} from "../../client/operations.ts";
import type { KnownPerson } from "../../client/types.ts";
import { newId } from "../app/me.ts";
import { routes } from "../app/routes.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Field } from "../parts/Field.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { isOnline, usePresence } from "../parts/usePresence.ts";
import { useTidings, useWatched } from "../../client/react.ts";
import { day } from "../texts/dates.ts";

type Props = { person: KnownPerson; isMe: boolean; onChanged: () => void; onLeave: () => void };

export function PersonCard({ person, isMe, onChanged, onLeave }: Props) {
  const { t, i18n } = useTranslation();
  const client = useTidings();
  const { attempt, say } = useNotices();
  const [, go] = useLocation();
  const { incomingRequests, outgoingRequests } = useWatched(client.people);
  const { id, name, handle, avatarUrl, signature, age, tags, friendship, directConversationId } = person;
  const presence = usePresence([id]).get(id) ?? person.presence;
  const { status, since, blockedByViewer } = friendship;
  const [note, setNote] = useState("");
  const [alias, setAlias] = useState(friendship.alias ?? "");
  const incoming = incomingRequests.find(({ from }) => from.id === id);
  const outgoing = outgoingRequests.find(({ to }) => to.id === id);
  const act = async (what: () => Promise<unknown>): Promise<boolean> => {
    const done = await attempt(what);
    onChanged();
    return done !== undefined;
  };
  const befriend = async (): Promise<void> => {
    const input = { clientMutationId: newId(), userId: id, ...(note.trim() ? { note: note.trim() } : {}) };
    const done = await attempt(() => client.request(RequestFriendship, { input }));
    onChanged();
    if (done?.requestFriendship)
      say(t(done.requestFriendship.request.status === "ACCEPTED" ? "people.areFriends" : "people.requested"));
  };
  const answer = (requestId: string, accept: boolean) =>
    act(() => client.request(AnswerFriendRequest, { input: { clientMutationId: newId(), id: requestId, accept } }));
  const userId = id;
  return (
    <div className="person-card">
      <Avatar id={id} name={name} url={avatarUrl} size={64} online={isOnline(presence)} />
      <p className="me-name">{friendship.alias ? `${friendship.alias} (${name})` : name}</p>
      <p className="muted">
        @{handle}
        {age === null ? null : ` · ${age}`}
      </p>
      {signature ? <p>{signature}</p> : null}
      {tags.length > 0 ? <p className="muted">{tags.map((tag) => `#${tag.name}`).join(" ")}</p> : null}
      {since ? <p className="muted">{t("people.friendsSince", { when: day(i18n.language, new Date(since)) })}</p> : null}
      {isMe ? null : (
        <>
          <div className="person-buttons">
            <button
              type="button"
              className="button button-main"
              onClick={() => {
                onLeave();
                go(routes.conversation(directConversationId));
              }}
            >
              {t("people.message")}
            </button>
            {status === "REQUESTED_BY_THEM" && incoming ? (
              <>
                <button type="button" className="button" onClick={() => void answer(incoming.id, true)}>
                  {t("people.accept")}
                </button>
                <button type="button" className="button" onClick={() => void answer(incoming.id, false)}>
                  {t("people.decline")}
                </button>
              </>
            ) : null}
            {status === "REQUESTED_BY_VIEWER" ? (
              <button
                type="button"
                className="button"
                disabled={!outgoing}
                onClick={() => {
                  if (outgoing)
                    void act(() =>
                      client.request(WithdrawFriendRequest, { input: { clientMutationId: newId(), id: outgoing.id } }),
                    );
                }}
              >
                {t("people.withdraw")}
              </button>
            ) : null}
          </div>
          {status === "NONE" && !blockedByViewer ? (
            <form
              className="inline-form"
              onSubmit={(event) => {
                event.preventDefault();
                void befriend();
              }}
            >
              <Field
                label={t("people.note")}
                placeholder={t("people.notePlaceholder")}
                value={note}
                maxLength={1_024}
                onChange={(event) => setNote(event.target.value)}
              />
              <button type="submit" className="button">
                {t("people.befriend")}
              </button>
            </form>
          ) : null}
          {status === "FRIENDS" ? (
            <form
              className="inline-form"
              onSubmit={(event) => {
                event.preventDefault();
                void act(() =>
                  client.request(SetAlias, { input: { clientMutationId: newId(), userId, alias: alias.trim() || null } }),
                );
              }}
            >
              <Field
                label={t("people.alias")}
                placeholder={name}
                value={alias}
                maxLength={128}
                onChange={(event) => setAlias(event.target.value)}
              />
              <button type="submit" className="button">
                {t("people.setAlias")}
              </button>
            </form>
          ) : null}
          <div className="person-buttons">
            {status === "FRIENDS" ? (
              <button
                type="button"
                className="button button-danger"
                onClick={() => void act(() => client.request(EndFriendship, { input: { clientMutationId: newId(), userId } }))}
              >
                {t("people.unfriend")}
              </button>
            ) : null}
            <button
              type="button"
              className="button button-danger"
              onClick={() =>
                void act(() => client.request(Block, { input: { clientMutationId: newId(), userId, on: !blockedByViewer } }))
              }
            >
              {t(blockedByViewer ? "people.unblock" : "people.block")}
            </button>
          </div>
        </>
      )}
    </div>
  );
}
