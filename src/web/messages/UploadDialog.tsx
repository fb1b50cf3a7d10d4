import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTidings } from "../../client/react.ts";
import type { MessageContent } from "../../client/types.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { explained } from "../parts/explained.ts";
import { Field } from "../parts/Field.tsx";
import { size as sizeOf } from "../texts/dates.ts";
import { MAX_CHARACTERS } from "./Composer.tsx";

/** Pictures that browsers draw. */
const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;

/** What a message with these files is. */
function kindOf(files: readonly File[]): NonNullable<MessageContent["kind"]> {
  if (files.every(({ type }) => PICTURE.test(type))) return "IMAGE";
  if (files.every(({ type }) => type.startsWith("audio/"))) return "AUDIO";
  return files.every(({ type }) => type.startsWith("video/")) ? "VIDEO" : "FILE";
}

type Props = { files: readonly File[]; onSend: (content: MessageContent) => void; onClose: () => void };

/** Files that were picked: they are uploaded one after the other, and then sent with a caption. */
export function UploadDialog({ files, onSend, onClose }: Props) {
  const { t, i18n } = useTranslation();
  const client = useTidings();
  const [caption, setCaption] = useState("");
  const [done, setDone] = useState<number>();
  const [fault, setFault] = useState<string>();
  /** What has come already: it is not uploaded again after a fault. */
  const come = useRef<{ uploadId: string }[]>([]);
  const stop = useRef<AbortController>(undefined);
  // Closed in the middle: nothing is sent.
  useEffect(() => () => stop.current?.abort(), []);

  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const ending = new AbortController();
    stop.current = ending;
    setFault(undefined);
    try {
      for (const file of files.slice(come.current.length)) {
        setDone(come.current.length);
        come.current.push(await client.upload(file, { signal: ending.signal }));
      }
      const text = caption.trim();
      onSend({ kind: kindOf(files), ...(text === "" ? {} : { text }), attachments: come.current });
    } catch (error) {
      if (ending.signal.aborted) return;
      setDone(undefined);
      setFault(explained(t, error));
    }
  };

  const isBusy = done !== undefined;
  return (
    <Dialog title={t("upload.title")} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <ul className="upload-files">
          {files.map((file, index) => (
            <li key={index}>
              <span className="file-name">{file.name}</span> <span className="muted">{sizeOf(i18n.language, file.size)}</span>
            </li>
          ))}
        </ul>
        <Field
          label={t("attach.caption")}
          hint={t("app.optional")}
          value={caption}
          maxLength={MAX_CHARACTERS}
          disabled={isBusy}
          fault={fault}
          onChange={(event) => setCaption(event.target.value)}
        />
        {isBusy ? (
          <p className="muted" role="status">
            {t("upload.under", { at: done + 1, of: files.length })}
          </p>
        ) : null}
        <div className="dialog-end">
          <button type="submit" className="button button-main" disabled={isBusy}>
            {t("composer.send")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
