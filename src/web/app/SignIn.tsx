import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field, TextField } from "../parts/Field.tsx";
import { type PageSettings, type Session, tokenOf } from "./session.ts";
import { LanguageChoice } from "../settings/Choices.tsx";

type Props = { settings: PageSettings; reason: string | undefined; onSession: (session: Session) => void };

/** In development a name; else a token of the product's own. */
export function SignIn({ settings: { developmentTokens }, reason, onSession }: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [fault, setFault] = useState(reason);
  const [busy, setBusy] = useState(false);
  const begin = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const given = text.trim();
    if (given === "") return;
    const session: Session = developmentTokens
      ? { by: "name", name: given }
      : { by: "token", token: given.replace(/^bearer\s+/i, "") };
    setBusy(true);
    try {
      await tokenOf(session);
      onSession(session);
    } catch (error) {
      setFault((error as { code?: string }).code === "NETWORK" ? t("signIn.unavailable") : (error as Error).message);
      setBusy(false);
    }
  };
  const shared = { value: text, fault, required: true, autoFocus: true, spellCheck: false };
  return (
    <main className="welcome">
      <form className="card" onSubmit={(event) => void begin(event)}>
        <img src={new URL("../icon.svg", import.meta.url).href} alt="" width="48" height="48" />
        <h1>{t("signIn.title")}</h1>
        <p className="muted">{t(developmentTokens ? "signIn.pickName" : "signIn.pasteToken")}</p>
        {developmentTokens ? (
          <Field
            {...shared}
            label={t("signIn.name")}
            maxLength={64}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
          />
        ) : (
          <TextField {...shared} label={t("signIn.token")} rows={4} onChange={(event) => setText(event.target.value)} />
        )}
        <button type="submit" className="button button-main" disabled={busy}>
          {t(developmentTokens ? "signIn.begin" : "signIn.signIn")}
        </button>
        <LanguageChoice />
      </form>
    </main>
  );
}
