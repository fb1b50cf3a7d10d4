import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog.tsx";

type Props = { question: string; yes: string; onYes: () => void; onClose: () => void };

/** Asks before something that cannot be taken back. */
export function Confirm({ question, yes, onYes, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog title={question} onClose={onClose}>
      <div className="dialog-end">
        <button type="button" className="button" onClick={onClose}>
          {t("app.cancel")}
        </button>
        <button type="button" className="button button-danger" onClick={onYes}>
          {yes}
        </button>
      </div>
    </Dialog>
  );
}
