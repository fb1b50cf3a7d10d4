import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessageContent } from "../../client/types.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Field } from "../parts/Field.tsx";
import { MAX_CHARACTERS } from "./Composer.tsx";

const TYPES: Readonly<Record<string, string>> = {
  ...{
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    avif: "image/avif",
    svg: "image/svg+xml",
  },
  ...{
    mp3: "audio/mpeg",
    m4a: "audio/mp4",
    ogg: "audio/ogg",
    wav: "audio/wav",
    mp4: "video/mp4",
    webm: "video/webm",
    mov: "video/quicktime",
  },
  ...{ pdf: "application/pdf", zip: "application/zip", txt: "text/plain", csv: "text/csv", json: "application/json" },
};
const KINDS = { image: "IMAGE", audio: "AUDIO", video: "VIDEO" } as const;
const PATIENCE_MS = 4_000;
const KILOBYTE = 1_000;
/** What the schema's Int holds. */
const MOST_KILOBYTES = 2_000_000;
const NAME_CHARACTERS = 255;

/** A picture or a file by its address: where it is kept is the product's own affair. */
export function AttachDialog({ onSend, onClose }: { onSend: (content: MessageContent) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [address, setAddress] = useState("");
  const [name, setName] = useState("");
  const [size, setSize] = useState("");
  const [caption, setCaption] = useState("");
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  /** It was closed while a picture was looked at: then nothing is sent. */
  const isClosed = useRef(false);
  useEffect(() => {
    isClosed.current = false;
    return () => {
      isClosed.current = true;
    };
  }, []);
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : undefined;
  const ownName = url ? nameOf(url) : "";
  const send = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!url || !/^https?:$/.test(url.protocol)) return setFault(t("attach.wrong"));
    setBusy(true);
    const guessed = TYPES[/\.(\w+)$/.exec(url.pathname)?.[1]?.toLowerCase() ?? ""];
    const shape = guessed === undefined || guessed.startsWith("image/") ? await shapeOf(url.href) : undefined;
    if (isClosed.current) return undefined;
    const mediaType = guessed ?? "application/octet-stream";
    const kind = shape ? "IMAGE" : (KINDS[mediaType.split("/", 1)[0] as keyof typeof KINDS] ?? "FILE");
    const text = caption.trim();
    const bytes = Math.round(Number(size) * KILOBYTE) || toldSize(url.href);
    return onSend({
      kind,
      ...(text === "" ? {} : { text }),
      attachments: [{ url: url.href, name: name.trim() || ownName, mediaType, size: bytes, ...shape }],
    });
  };
  return (
    <Dialog title={t("attach.title")} onClose={onClose}>
      <form onSubmit={(event) => void send(event)}>
        <Field
          label={t("attach.address")}
          hint={t("attach.hint")}
          fault={fault}
          value={address}
          required
          inputMode="url"
          maxLength={2_048}
          onChange={(event) => setAddress(event.target.value)}
        />
        <Field
          label={t("attach.name")}
          value={name}
          placeholder={ownName}
          maxLength={NAME_CHARACTERS}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label={t("attach.size")}
          hint={t("attach.sizeHint")}
          value={size}
          type="number"
          min={0}
          step="any"
          max={MOST_KILOBYTES}
          onChange={(event) => setSize(event.target.value)}
        />
        <Field
          label={t("attach.caption")}
          hint={t("app.optional")}
          value={caption}
          maxLength={MAX_CHARACTERS}
          onChange={(event) => setCaption(event.target.value)}
        />
        <div className="dialog-end">
          <button type="submit" className="button button-main" disabled={busy}>
            {t("composer.send")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What an address ends in, as people read it. */
function nameOf(url: URL): string {
  const last = url.pathname.split("/").at(-1) ?? "";
  try {
    return (decodeURIComponent(last) || url.host).slice(0, NAME_CHARACTERS);
  } catch {
    // It is no text in UTF-8.
    return last.slice(0, NAME_CHARACTERS);
  }
}

/**
 * How many bytes a picture has that was loaded, where its host lets pages know (`Timing-Allow-Origin`); else 0. Nobody is asked
 * for it: the page's policy lets it speak with its own server alone.
 */
const toldSize = (address: string): number =>
  performance.getEntriesByName(address, "resource").reduce((most, entry) => {
    return Math.max(most, entry instanceof PerformanceResourceTiming ? entry.encodedBodySize : 0);
  }, 0);

/** How large a picture is in pixels. Undefined if it is none, or does not come in time. */
function shapeOf(address: string): Promise<{ width: number; height: number } | undefined> {
  return new Promise((resolve) => {
    const picture = new Image();
    picture.referrerPolicy = "no-referrer";
    picture.onload = () =>
      resolve(picture.naturalWidth > 0 ? { width: picture.naturalWidth, height: picture.naturalHeight } : undefined);
    picture.onerror = () => resolve(undefined);
    setTimeout(() => resolve(undefined), PATIENCE_MS);
    picture.src = address;
  });
}
