import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  AnswerFriendRequest,
  AnswerJoinRequest,
  SearchConversations,
  SearchUsers,
  WithdrawFriendRequest,
} from "../../client/operations.ts";
import type { KnownPerson } from "../../client/types.ts";
import { newId, useMe } from "../app/me.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { explained } from "../parts/explained.ts";
import { useAsked } from "../parts/useAsked.ts";
import { usePresence } from "../parts/usePresence.ts";
import { useTidings, useWatched } from "../../client/react.ts";
import { CodeCard } from "./CodeCard.tsx";
import { GroupRow } from "./GroupRow.tsx";
import { NewGroup } from "./NewGroup.tsx";
import { PersonDialog } from "./PersonDialog.tsx";
import { PersonRow } from "./PersonRow.tsx";

const FOUND = 20;
const PAUSE_MS = 250;

/** Friends, those who ask, and the search for others and for groups. */
export function PeoplePage() {
  const { t } = useTranslation();
  const me = useMe();
  const [typed, setTyped] = useState("");
  const [words, setWords] = useState("");
  const [person, setPerson] = useState<string>();
  const [shown, setShown] = useState<"code" | "group">();
  useEffect(() => {
    const timer = setTimeout(() => setWords(typed.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t("people.title")}</h1>
        <button type="button" className="button" onClick={() => setShown("code")}>
          {t("people.myCode")}
        </button>
        <button type="button" className="button button-main" onClick={() => setShown("group")}>
          {t("list.newGroup")}
        </button>
      </header>
      <Field
        label={t("people.find")}
        type="search"
        placeholder={t("people.findHint")}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {words === "" ? <Known onOpen={setPerson} /> : <Found words={words} onOpen={setPerson} />}
      {person === undefined ? null : <PersonDialog id={person} onClose={() => setPerson(undefined)} />}
      {shown === "group" ? <NewGroup onClose={() => setShown(undefined)} /> : null}
      {shown === "code" ? (
        <Dialog title={t("people.myCode")} onClose={() => setShown(undefined)}>
          <CodeCard code={me.code} hint={t("people.codeHint")} />
        </Dialog>
      ) : null}
    </div>
  );
}

function Found({ words, onOpen }: { words: string; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const people = useAsked(SearchUsers, { query: { name: words }, first: FOUND });
  const groups = useAsked(SearchConversations, { query: { name: words }, first: FOUND });
  const users = people.answer?.searchUsers?.edges.map(({ node }) => node.user) ?? [];
  const conversations = groups.answer?.searchConversations?.edges.map(({ node }) => node.conversation) ?? [];
  const isDone = (people.answer ?? people.fault) && (groups.answer ?? groups.fault);
  const fault = people.fault ?? groups.fault;
  return (
    <div aria-live="polite">
      {fault ? <p role="alert">{explained(t, fault)}</p> : null}
      {users.length > 0 ? (
        <section className="panel-card">
          <h2>{t("people.peopleFound")}</h2>
          <ul className="people">
            {users.map((user) => (
              <PersonRow key={user.id} person={user} onOpen={() => onOpen(user.id)} />
            ))}
          </ul>
        </section>
      ) : null}
      {conversations.length > 0 ? (
        <section className="panel-card">
          <h2>{t("people.groupsFound")}</h2>
          <ul className="people">
            {conversations.map((conversation) => (
              <GroupRow key={conversation.id} conversation={conversation} />
            ))}
          </ul>
        </section>
      ) : null}
      {isDone && !fault && users.length + conversations.length === 0 ? <p className="empty muted">{t("people.nobody")}</p> : null}
    </div>
  );
}

function Known({ onOpen }: { onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useTidings();
  const { attempt } = useNotices();
  const people = useWatched(client.people);
  const { loaded, error, friends, incomingRequests, outgoingRequests, incomingJoinRequests, outgoingJoinRequests, blocked } =
    people;
  const presence = usePresence(friends.map(({ id }) => id));
  const answer = (id: string, accept: boolean): void =>
    void attempt(() => client.request(AnswerFriendRequest, { input: { clientMutationId: newId(), id, accept } }));
  const answerJoin = (id: string, accept: boolean): void =>
    void attempt(() => client.request(AnswerJoinRequest, { input: { clientMutationId: newId(), id, accept } }));
  const withdraw = (id: string): void =>
    void attempt(() => client.request(WithdrawFriendRequest, { input: { clientMutationId: newId(), id } }));
  if (!loaded && error) return <p role="alert">{explained(t, error)}</p>;
  if (!loaded) return <p className="empty muted">{t("app.loading")}</p>;
  return (
    <>
      {incomingRequests.length + incomingJoinRequests.length > 0 ? (
        <section className="panel-card">
          <h2>{t("people.requests")}</h2>
          <ul className="people">
            {incomingRequests.map(({ id, from, note }) => (
              <PersonRow key={id} person={from} note={note ?? t("people.asks")} onOpen={() => onOpen(from.id)}>
                <Answers name={from.name} answer={(accept) => answer(id, accept)} />
              </PersonRow>
            ))}
            {incomingJoinRequests.map(({ id, user, invitedBy, conversation: { title }, note }) => {
              const isInvited = invitedBy !== null && user.id === me.id;
              const who = isInvited ? invitedBy : user;
              const said = isInvited ? t("people.invites", { name: invitedBy.name, title }) : t("people.joins", { title });
              return (
                <PersonRow
                  key={id}
                  person={who}
                  note={note ? t("app.pair", { one: said, other: note }) : said}
                  onOpen={() => onOpen(who.id)}
                >
                  <Answers name={who.name} answer={(accept) => answerJoin(id, accept)} />
                </PersonRow>
              );
            })}
          </ul>
        </section>
      ) : null}
      {outgoingRequests.length + outgoingJoinRequests.length > 0 ? (
        <section className="panel-card">
          <h2>{t("people.waiting")}</h2>
          <ul className="people">
            {outgoingRequests.map(({ id, to }) => (
              <PersonRow key={id} person={to} note={t("people.asked")} onOpen={() => onOpen(to.id)}>
                <button type="button" className="button" onClick={() => withdraw(id)}>
                  {t("people.withdraw")}
                </button>
              </PersonRow>
            ))}
            {outgoingJoinRequests.map(({ id, user, conversation: { title } }) => (
              <PersonRow key={id} person={user} note={t("people.youAskedToJoin", { title })}>
                <button type="button" className="button" onClick={() => answerJoin(id, false)}>
                  {t("people.withdraw")}
                </button>
              </PersonRow>
            ))}
          </ul>
        </section>
      ) : null}
      <section className="panel-card">
        <h2>{t("people.friends")}</h2>
        {friends.length === 0 ? <p className="muted">{t("people.noFriends")}</p> : null}
        <ul className="people">
          {friends.toSorted(byName).map((friend) => (
            <PersonRow key={friend.id} person={friend} presence={presence.get(friend.id)} onOpen={() => onOpen(friend.id)} />
          ))}
        </ul>
      </section>
      {blocked.length > 0 ? (
        <section className="panel-card">
          <h2>{t("people.blocked")}</h2>
          <ul className="people">
            {blocked.map((person) => (
              <PersonRow key={person.id} person={person} onOpen={() => onOpen(person.id)} />
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}

const shownName = ({ name, friendship }: KnownPerson): string => friendship.alias ?? name;
const byName = (one: KnownPerson, other: KnownPerson): number => shownName(one).localeCompare(shownName(other));

function Answers({ name, answer }: { name: string; answer: (accept: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <button
        type="button"
        className="button button-main"
        aria-label={t("app.pair", { one: t("people.accept"), other: name })}
        onClick={() => answer(true)}
      >
        {t("people.accept")}
      </button>
      <button
        type="button"
        className="button"
        aria-label={t("app.pair", { one: t("people.decline"), other: name })}
        onClick={() => answer(false)}
      >
        {t("people.decline")}
      </button>
    </>
  );
}
