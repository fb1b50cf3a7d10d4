import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Guarded } from "./Guarded.tsx";
import { IconButton } from "./IconButton.tsx";
import { NoticeList } from "./Notices.tsx";

const FIRST = "input:not([type=checkbox], [readonly]), textarea, .dialog-end button";

type Props = { title: string; onClose: () => void; children: ReactNode; wide?: boolean };

/** The browser's own dialog: the focus stays in it, Escape closes it, and then the focus is where it was. */
export function Dialog({ title, onClose, children, wide = false }: Props) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  /** The pointer went down beside it. Who selects a text and ends beside it does not mean to close it. */
  const isBeside = useRef(false);
  useEffect(() => {
    const shown = dialog.current;
    const before = document.activeElement;
    if (shown && !shown.open) {
      shown.showModal();
      // Not to the cross, which comes first: to what is to be filled in, or to what changes nothing.
      shown.querySelector<HTMLElement>(FIRST)?.focus();
    }
    return () => {
      shown?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? "dialog dialog-wide" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        isBeside.current = event.target === dialog.current;
      }}
      onClick={(event) => {
        if (event.target === dialog.current && isBeside.current) onClose();
      }}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" name={t("app.close")} onClick={onClose} />
        </header>
        <Guarded>{children}</Guarded>
      </div>
      <NoticeList />
    </dialog>
  );
}
