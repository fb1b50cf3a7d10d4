import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useTidings } from "../../client/react.ts";
import { Code, Join } from "../../client/operations.ts";
import { newId, useMe } from "../app/me.ts";
import { routes } from "../app/routes.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { explained } from "../parts/explained.ts";
import { useNotices } from "../parts/Notices.tsx";
import { useAsked } from "../parts/useAsked.ts";
import { JoinButton } from "./JoinButton.tsx";
import { PersonCard } from "./PersonCard.tsx";

/** Whom or what a link or a QR code means: a person, a group, or an invitation to one. */
export function CodePage({ text }: { text: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useTidings();
  const { attempt, say } = useNotices();
  const [, go] = useLocation();
  const { answer, fault, again } = useAsked(Code, { text });
  const meant = answer?.code;
  const join = async (inviteCode: string): Promise<void> => {
    const done = await attempt(() => client.request(Join, { input: { clientMutationId: newId(), inviteCode } }));
    if (!done?.join) return;
    if (done.join.request === null) go(routes.conversation(done.join.conversation.id));
    else say(t("people.joinSent"));
  };
  return (
    <div className="page page-narrow">
      {fault ? <p role="alert">{explained(t, fault)}</p> : null}
      {!answer && !fault ? <p className="muted">{t("app.loading")}</p> : null}
      {answer && !meant ? <p role="alert">{t("app.notFound")}</p> : null}
      {meant?.__typename === "User" ? (
        <section className="panel-card">
          <PersonCard person={meant} isMe={meant.id === me.id} onChanged={again} onLeave={() => {}} />
        </section>
      ) : null}
      {meant?.__typename === "Conversation" ? (
        <section className="panel-card person-card">
          <Avatar id={meant.id} name={meant.title} url={meant.avatarUrl} size={64} />
          <h1>{meant.title}</h1>
          <p className="muted">{t("chat.members", { count: meant.memberCount })}</p>
          {meant.description ? <p>{meant.description}</p> : null}
          <div className="person-buttons">
            <JoinButton conversation={meant} />
          </div>
        </section>
      ) : null}
      {meant?.__typename === "Invite" ? (
        <section className="panel-card person-card">
          <Avatar id={meant.title} name={meant.title} url={meant.avatarUrl} size={64} />
          <p className="muted">{t("people.invitedTo")}</p>
          <h1>{meant.title}</h1>
          <p className="muted">{t("chat.members", { count: meant.memberCount })}</p>
          {meant.description ? <p>{meant.description}</p> : null}
          <button type="button" className="button button-main" onClick={() => void join(meant.code)}>
            {t("people.join")}
          </button>
        </section>
      ) : null}
    </div>
  );
}
