import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "../../client/types.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { size as sizeOf } from "../texts/dates.ts";

type Attachment = Message["attachments"][number];
const WIDTH = 320;
const HEIGHT = 320;

/** What belongs to a message, shown from where it is. */
export function Attachments({ message: { attachments, kind } }: { message: Message }) {
  if (attachments.length === 0) return null;
  return (
    <div className="attachments">
      {attachments.map((attachment, index) => (
        <One key={index} attachment={attachment} kind={kind} />
      ))}
    </div>
  );
}

function One({ attachment, kind }: { attachment: Attachment; kind: Message["kind"] }) {
  const { t, i18n } = useTranslation();
  const [isLarge, setLarge] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const { url, name, mediaType, size } = attachment;
  if (kind === "IMAGE" && !isBroken)
    return (
      <>
        <button type="button" className="picture" onClick={() => setLarge(true)} aria-label={t("chat.showPicture", { name })}>
          <img
            src={url}
            alt={name}
            loading="lazy"
            referrerPolicy="no-referrer"
            {...shapeOf(attachment)}
            onError={() => setBroken(true)}
          />
        </button>
        {isLarge ? (
          <Dialog title={name} wide onClose={() => setLarge(false)}>
            <img className="picture-large" src={url} alt={name} referrerPolicy="no-referrer" />
            <a className="button" href={url} target="_blank" rel="noopener noreferrer nofollow">
              {t("people.open")}
            </a>
          </Dialog>
        ) : null}
      </>
    );
  if (kind === "AUDIO" && mediaType.startsWith("audio/")) return <audio controls preload="none" src={url} aria-label={name} />;
  if (kind === "VIDEO" && mediaType.startsWith("video/"))
    return <video controls preload="none" src={url} aria-label={name} {...shapeOf(attachment)} />;
  return (
    <a className="file" href={url} target="_blank" rel="noopener noreferrer nofollow">
      <Icon name="file" size={28} />
      <span className="file-name">{name}</span>
      <span className="file-size">{size > 0 ? sizeOf(i18n.language, size) : mediaType}</span>
    </a>
  );
}

/** As large as it fits, known before it is loaded, so that nothing moves. */
function shapeOf({ width, height }: Attachment): { width: number; height: number } | undefined {
  if (!width || !height) return undefined;
  const scale = Math.min(1, WIDTH / width, HEIGHT / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
