import { type MouseEvent, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { MessageFiles } from "../../client/operations.ts";
import { useTidings } from "../../client/react.ts";
import type { Message } from "../../client/types.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { size as sizeOf } from "../texts/dates.ts";

type Attachment = Message["attachments"][number];
const WIDTH = 320;
const HEIGHT = 320;

/** Addresses that are about to end are asked for anew, in milliseconds. */
const SOON_MS = 60_000;

const isOver = ({ expiresAt }: Attachment): boolean => expiresAt !== null && Date.parse(expiresAt) < Date.now() + SOON_MS;

/** What belongs to a message, shown from where it is. */
export function Attachments({ message }: { message: Message }) {
  return message.attachments.length === 0 ? null : <All message={message} />;
}

function All({ message }: { message: Message }) {
  const client = useTidings();
  const [fresh, setFresh] = useState<readonly Attachment[]>();
  /** One question at a time, for all of them. */
  const asking = useRef<Promise<readonly Attachment[]>>(undefined);
  const attachments = fresh?.length === message.attachments.length ? fresh : message.attachments;
  const isOld = attachments.some(isOver);
  const { conversationId, seq, kind } = message;
  /** New addresses, for files whose addresses end. Resolves to none where they cannot be had: what is shown says so by itself. */
  const renew = useCallback(
    () =>
      (asking.current ??= client
        .request(MessageFiles, { conversationId, seq })
        .then(({ conversation }) => {
          const found = conversation?.message?.attachments ?? [];
          setFresh(found);
          return found;
        })
        .catch(() => [])
        .finally(() => (asking.current = undefined))),
    [client, conversationId, seq],
  );
  useEffect(() => {
    if (isOld) void renew();
  }, [isOld, renew]);
  return (
    <div className="attachments">
      {attachments.map((attachment, index) => (
        <One key={index} attachment={attachment} kind={kind} renewed={async () => (await renew())[index]?.url} />
      ))}
    </div>
  );
}

type OneProps = {
  attachment: Attachment;
  kind: Message["kind"];
  /** Another address, if there is one. */
  renewed: () => Promise<string | undefined>;
};

function One({ attachment, kind, renewed }: OneProps) {
  const { t, i18n } = useTranslation();
  const [isLarge, setLarge] = useState(false);
  /** The address that did not work. */
  const [broken, setBroken] = useState<string>();
  const { url, name, mediaType, size, thumbnailUrl } = attachment;
  const isBroken = broken === url;
  /** A link is older than the page that it is on, where that stays open. */
  const opened = (event: MouseEvent): void => {
    if (!isOver(attachment)) return;
    event.preventDefault();
    const page = open("about:blank", "_blank");
    if (page) page.opener = null;
    void renewed().then((address) => page?.location.replace(address ?? url));
  };
  if (kind === "IMAGE" && !isBroken)
    return (
      <>
        <button type="button" className="picture" onClick={() => setLarge(true)} aria-label={t("chat.showPicture", { name })}>
          <img
            src={thumbnailUrl ?? url}
            alt={name}
            loading="lazy"
            referrerPolicy="no-referrer"
            {...shapeOf(attachment)}
            onError={() => setBroken(url)}
          />
        </button>
        {isLarge ? (
          <Dialog title={name} wide onClose={() => setLarge(false)}>
            <img className="picture-large" src={url} alt={name} referrerPolicy="no-referrer" />
            <a className="button" href={url} target="_blank" rel="noopener noreferrer nofollow" onClick={opened}>
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
    <a className="file" href={url} target="_blank" rel="noopener noreferrer nofollow" onClick={opened}>
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
