import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTidings } from "../../client/react.ts";
import { Register } from "../../client/operations.ts";
import type { ClientError } from "../../client/types.ts";
import { Field } from "../parts/Field.tsx";
import { explained } from "../parts/explained.ts";
import { newId } from "./me.ts";

/** A handle made of a name: its letters and digits, joined by dots. */
export const handleOf = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ".")
    .replace(/^\.+/, "")
    .slice(0, 64)
    .replace(/\.+$/, "");

/** Makes a new user known to others. With a `name` it is tried at once, and asked only where that is refused. */
export function Registration({ name: given, signOut }: { name: string | undefined; signOut: () => void }) {
  const { t } = useTranslation();
  const client = useTidings();
  const [name, setName] = useState(given ?? "");
  const [handle, setHandle] = useState(given === undefined ? "" : handleOf(given));
  const [fault, setFault] = useState<{ text: string; field: string | undefined }>();
  const [busy, setBusy] = useState(given !== undefined);
  const register = async (): Promise<void> => {
    setBusy(true);
    setFault(undefined);
    try {
      await client.request(Register, { input: { clientMutationId: newId(), name: name.trim(), handle: handle.trim() } });
      client.reconnect();
    } catch (error) {
      setFault({ text: explained(t, error), field: (error as Partial<ClientError>).field });
      setBusy(false);
    }
  };
  const tried = useRef(false);
  useEffect(() => {
    if (given === undefined || tried.current) return;
    tried.current = true;
    void register();
  });
  if (busy && !fault && given !== undefined) return <main className="welcome" aria-busy="true" aria-label={t("app.loading")} />;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void register();
  };
  return (
    <main className="welcome">
      <form className="card" onSubmit={submit}>
        <h1>{t("register.title")}</h1>
        <p className="muted">{t("register.hint")}</p>
        <Field
          label={t("register.name")}
          value={name}
          required
          autoFocus
          maxLength={128}
          fault={fault && fault.field !== "handle" ? fault.text : undefined}
          onChange={(event) => {
            if (handle === handleOf(name)) setHandle(handleOf(event.target.value));
            setName(event.target.value);
          }}
        />
        <Field
          label={t("register.handle")}
          value={handle}
          required
          maxLength={64}
          spellCheck={false}
          autoCapitalize="none"
          hint={t("register.handleHint")}
          fault={fault?.field === "handle" ? fault.text : undefined}
          onChange={(event) => setHandle(event.target.value)}
        />
        <button type="submit" className="button button-main" disabled={busy}>
          {t("register.register")}
        </button>
        <button type="button" className="button button-quiet" onClick={signOut}>
          {t("signIn.signOut")}
        </button>
      </form>
    </main>
  );
}
