import { QRCodeSVG } from "qrcode.react";
import { useTranslation } from "react-i18next";
import { linkOf } from "../app/routes.ts";
import { useNotices } from "../parts/Notices.tsx";

/** A code as a picture to scan and as a link to give away. */
export function CodeCard({ code, hint }: { code: string; hint: string }) {
  const { t } = useTranslation();
  const notices = useNotices();
  const link = linkOf(code);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(link);
    notices.say(t("app.copied"));
  };
  return (
    <div className="code-card">
      <div className="code-picture">
        <QRCodeSVG value={link} size={176} marginSize={2} title={t("group.code")} />
      </div>
      <p className="muted">{hint}</p>
      <div className="code-link">
        <input readOnly value={link} aria-label={t("group.inviteLink")} onFocus={(event) => event.target.select()} />
        <button type="button" className="button" onClick={() => void notices.attempt(copy)}>
          {t("app.copy")}
        </button>
      </div>
    </div>
  );
}
