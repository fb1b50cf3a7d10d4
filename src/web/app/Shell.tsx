import { useDeferredValue, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { ConversationList } from "../conversations/ConversationList.tsx";
import { ConversationPage } from "../messages/ConversationPage.tsx";
import { Avatar } from "../parts/Avatar.tsx";
import { Guarded } from "../parts/Guarded.tsx";
import { Icon, type IconName } from "../parts/Icon.tsx";
import { useTidings, useWatched } from "../../client/react.ts";
import { CodePage } from "../people/CodePage.tsx";
import { PeoplePage } from "../people/PeoplePage.tsx";
import { SearchPage } from "../search/SearchPage.tsx";
import { SettingsPage } from "../settings/SettingsPage.tsx";
import { Announcer } from "./Announcer.tsx";
import { useMe } from "./me.ts";
import { ConnectionLine } from "./ConnectionLine.tsx";
import { decoded, routes } from "./routes.ts";
import { usePushes } from "./usePushes.ts";

/** The list of conversations beside what is open. On a narrow screen one of the two. */
export function Shell({ signOut }: { signOut: () => void }) {
  const { t } = useTranslation();
  const [path] = useLocation();
  usePushes();
  const { total } = useWatched(useTidings().unread);
  useEffect(() => {
    document.title = total > 0 ? `(${total}) ${t("app.name")}` : t("app.name");
  }, [total, t]);
  const pane = path === routes.chats ? "list" : path.startsWith("/c/") ? "chat" : "page";
  return (
    <div className="shell" data-pane={pane}>
      <a className="skip" href="#main">
        {t("app.skip")}
      </a>
      <ConnectionLine />
      <Rail path={path} />
      <Guarded>
        <ConversationList />
      </Guarded>
      <main id="main" className="main" tabIndex={-1}>
        <Guarded of={path}>
          <Switch>
            <Route path="/">
              <div className="nothing-open">
                <Icon name="chats" size={48} />
                <p>{t("chat.pickOne")}</p>
              </div>
            </Route>
            <Route path="/c/:id/:seq?">{({ id, seq }) => <Opened id={id} seq={seq} />}</Route>
            <Route path="/people" component={PeoplePage} />
            <Route path="/search" component={SearchPage} />
            <Route path="/code/:text">{({ text }) => <CodePage text={decoded(text)} />}</Route>
            <Route path="/me">
              <SettingsPage signOut={signOut} />
            </Route>
            <Route>
              <Redirect to={routes.chats} replace />
            </Route>
          </Switch>
        </Guarded>
      </main>
      <Announcer />
    </div>
  );
}

function Opened({ id, seq }: { id: string; seq: string | undefined }) {
  const known = decoded(id);
  const place = Number(seq);
  // It is made in small steps, so that no frame waits for all of it.
  const shown = useDeferredValue(known, "");
  if (shown !== known) return <div className="chat" aria-busy="true" />;
  return <ConversationPage key={known} id={known} seq={Number.isSafeInteger(place) && place > 0 ? place : undefined} />;
}

function Rail({ path }: { path: string }) {
  const { t } = useTranslation();
  const client = useTidings();
  const me = useMe();
  const { total } = useWatched(client.unread);
  const { incomingRequests, incomingJoinRequests } = useWatched(client.people);
  const asked = incomingRequests.length + incomingJoinRequests.length;
  return (
    <nav className="rail" aria-label={t("app.main")}>
      <RailLink
        to={routes.chats}
        icon="chats"
        name={t("app.chats")}
        count={total}
        here={path === "/" || path.startsWith("/c/")}
      />
      <RailLink to={routes.people} icon="people" name={t("app.people")} count={asked} here={path === routes.people} />
      <RailLink to={routes.search} icon="search" name={t("app.search")} count={0} here={path === routes.search} />
      <Link to={routes.me} className="rail-link rail-me" aria-current={path === routes.me ? "page" : undefined}>
        <Avatar id={me.id} name={me.name} url={me.avatarUrl} size={32} />
        <span className="rail-name">{t("app.me")}</span>
      </Link>
    </nav>
  );
}

function RailLink({ to, icon, name, count, here }: { to: string; icon: IconName; name: string; count: number; here: boolean }) {
  return (
    <Link to={to} className="rail-link" aria-current={here ? "page" : undefined}>
      <Icon name={icon} size={24} />
      <span className="rail-name">{name}</span>
      {count > 0 ? <span className="badge">{count > 99 ? "99+" : count}</span> : null}
    </Link>
  );
}
