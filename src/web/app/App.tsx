import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { createClient } from "../../client/index.ts";
import type { Client } from "../../client/types.ts";
import { NoticesProvider } from "../parts/Notices.tsx";
import { TidingsProvider, useWatched } from "../../client/react.ts";
import { within } from "../../client/within.ts";
import { forgetPushes, switchPushesOff } from "../settings/pushes.ts";
import { Registration } from "./Registration.tsx";
import { forgetSession, keepSession, keptSession, pageSettings, type PageSettings, type Session, tokenOf } from "./session.ts";
import { Shell } from "./Shell.tsx";
import { SignIn } from "./SignIn.tsx";

export function App() {
  const { t } = useTranslation();
  const [settings, setSettings] = useState<PageSettings>();
  const [session, setSession] = useState<Session>();
  const [reason, setReason] = useState<string>();
  const [fault, setFault] = useState(false);
  const ask = useCallback(() => {
    setFault(false);
    pageSettings().then(
      (told) => {
        setSession(keptSession(told));
        setSettings(told);
      },
      () => setFault(true),
    );
  }, []);
  useEffect(ask, [ask]);
  const signOut = useCallback((why?: string) => {
    forgetSession();
    setReason(why);
    setSession(undefined);
  }, []);

  if (fault)
    return (
      <main className="welcome">
        <p role="alert">{t("signIn.unavailable")}</p>
        <button type="button" className="button" onClick={ask}>
          {t("app.retry")}
        </button>
      </main>
    );
  if (!settings) return <main className="welcome" aria-busy="true" aria-label={t("app.loading")} />;
  if (!session)
    return (
      <SignIn
        settings={settings}
        reason={reason}
        onSession={(begun) => {
          keepSession(begun);
          setSession(begun);
        }}
      />
    );
  return (
    <NoticesProvider>
      <SignedIn session={session} signOut={signOut} />
    </NoticesProvider>
  );
}

function SignedIn({ session, signOut }: { session: Session; signOut: (why?: string) => void }) {
  const [client, setClient] = useState<Client>();
  useEffect(() => {
    const made = createClient({ url: "/graphql", token: () => tokenOf(session) });
    setClient(made);
    return () => void made.close();
  }, [session]);
  if (!client) return null;
  return (
    <TidingsProvider client={client}>
      <Known session={session} client={client} signOut={signOut} />
    </TidingsProvider>
  );
}

/** How long somebody who signs out waits for the server to hear of it, in milliseconds. */
const LEAVE_MS = 3_000;

/** What is pushed to this browser ends with the session, also where the server cannot be reached. Never rejects. */
const leave = (client: Client, user: string): Promise<void> =>
  within(LEAVE_MS, switchPushesOff(client, user), "the server").catch(() => undefined);

/** Once it is clear who has signed in: the shell, or the question who they are. */
function Known({ session, client, signOut }: { session: Session; client: Client; signOut: (why?: string) => void }) {
  const { t } = useTranslation();
  const me = useWatched(client.me);
  const { error } = useWatched(client.connection);
  const isRefused = error?.code === "UNAUTHENTICATED";
  useEffect(() => {
    if (!isRefused) return;
    forgetPushes(me?.id).catch(() => undefined);
    signOut(t(me ? "signIn.expired" : "signIn.faulty"));
  }, [isRefused, me, signOut, t]);
  if (isRefused) return null;
  if (me) return <Shell signOut={() => void leave(client, me.id).finally(() => signOut())} />;
  if (error?.code === "NOT_FOUND")
    return <Registration name={session.by === "name" ? session.name : undefined} signOut={() => signOut()} />;
  return (
    <main className="welcome" aria-busy={error === undefined}>
      <p role="status">{error ? t("signIn.unavailable") : t("connection.connecting")}</p>
    </main>
  );
}
