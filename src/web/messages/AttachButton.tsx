import { type ChangeEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessageContent } from "../../client/types.ts";
import { MenuButton } from "../parts/MenuButton.tsx";
import { useNotices } from "../parts/Notices.tsx";
import { AttachDialog } from "./AttachDialog.tsx";
import { UploadDialog } from "./UploadDialog.tsx";

/** As many as a message has. */
const MOST = 32;

/** What a message can have beside a text: files of this device, or what is kept somewhere. */
export function AttachButton({ onSend }: { onSend: (content: MessageContent) => void }) {
  const { t } = useTranslation();
  const { say } = useNotices();
  const picking = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [isByAddress, setByAddress] = useState(false);
  const picked = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    const chosen = [...(target.files ?? [])];
    // The same file again is a change, too.
    target.value = "";
    if (chosen.length > MOST) say(t("upload.tooMany", { most: MOST }));
    else setFiles(chosen);
  };
  const send = (content: MessageContent): void => {
    setFiles([]);
    setByAddress(false);
    onSend(content);
  };
  return (
    <>
      <MenuButton
        icon="attach"
        name={t("composer.attach")}
        items={[
          { label: t("upload.pick"), icon: "file", act: () => picking.current?.click() },
          { label: t("upload.byAddress"), icon: "at", act: () => setByAddress(true) },
        ]}
      />
      <input ref={picking} type="file" multiple hidden aria-label={t("upload.pick")} onChange={picked} />
      {files.length > 0 ? <UploadDialog files={files} onSend={send} onClose={() => setFiles([])} /> : null}
      {isByAddress ? <AttachDialog onSend={send} onClose={() => setByAddress(false)} /> : null}
    </>
  );
}
