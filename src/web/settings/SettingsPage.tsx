import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTidings } from "../../client/react.ts";
import { UpdateProfile } from "../../client/operations.ts";
import { newId, useMe } from "../app/me.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Field } from "../parts/Field.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { CodeCard } from "../people/CodeCard.tsx";
import { LanguageChoice, ThemeChoice } from "./Choices.tsx";
import { PushSwitch } from "./PushSwitch.tsx";

/** Who one is, and how the page looks. */
export function SettingsPage({ signOut }: { signOut: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useTidings();
  const notices = useNotices();
  const [name, setName] = useState(me.name);
  const [signature, setSignature] = useState(me.signature ?? "");
  const [avatarUrl, setAvatarUrl] = useState(me.avatarUrl ?? "");
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const input = {
      clientMutationId: newId(),
      name: name.trim(),
      signature: signature.trim() || null,
      avatarUrl: avatarUrl.trim() || null,
    };
    if (await notices.attempt(() => client.request(UpdateProfile, { input }))) notices.say(t("settings.saved"));
  };
  return (
    <div className="page">
      <h1>{t("settings.title")}</h1>
      <div className="me-head">
        <Avatar id={me.id} name={me.name} url={me.avatarUrl} size={64} />
        <div>
          <p className="me-name">{me.name}</p>
          <p className="muted">@{me.handle}</p>
        </div>
      </div>
      <section className="panel-card">
        <h2>{t("settings.profile")}</h2>
        <form onSubmit={(event) => void save(event)}>
          <Field
            label={t("register.name")}
            value={name}
            required
            maxLength={128}
            onChange={(event) => setName(event.target.value)}
          />
          <Field
            label={t("settings.signature")}
            value={signature}
            maxLength={1_024}
            onChange={(event) => setSignature(event.target.value)}
          />
          <Field
            label={t("settings.avatar")}
            value={avatarUrl}
            type="url"
            maxLength={2_048}
            onChange={(event) => setAvatarUrl(event.target.value)}
          />
          <button type="submit" className="button button-main">
            {t("app.save")}
          </button>
        </form>
      </section>
      <section className="panel-card choices">
        <LanguageChoice />
        <ThemeChoice />
      </section>
      <section className="panel-card">
        <h2>{t("settings.notifications")}</h2>
        <PushSwitch />
      </section>
      <section className="panel-card">
        <h2>{t("people.myCode")}</h2>
        <CodeCard code={me.code} hint={t("people.codeHint")} />
      </section>
      <button type="button" className="button button-danger" onClick={signOut}>
        {t("signIn.signOut")}
      </button>
    </div>
  );
}
