import type { EventData } from "../domain/events.ts";
import type { OutgoingAttachment } from "./commands.ts";

/** A file as a message holds it. */
export type Attachment = EventData<"MessageSent">["attachments"][number];

export const isUpload = (attachment: OutgoingAttachment): attachment is { uploadId: string } => "uploadId" in attachment;

/** An upload before its bytes were looked at: only which it is. */
const unseen = (id: string): Attachment => ({
  file: { id, thumbnail: null },
  name: "-",
  mediaType: "application/octet-stream",
  size: 0,
  width: null,
  height: null,
});

/** What attachments are known by when they come again: what an upload is, is found out once. */
export const knownAs = (attachments: readonly OutgoingAttachment[]): Attachment[] =>
  attachments.map((attachment) => {
    if (isUpload(attachment)) return unseen(attachment.uploadId);
    return attachment.file === undefined ? attachment : unseen(attachment.file.id);
  });

/** The attachments, if they name no uploads. */
export const withoutUploads = (attachments: readonly OutgoingAttachment[]): Attachment[] | undefined =>
  attachments.some(isUpload) ? undefined : (attachments as Attachment[]);

/** Files as other programs are shown them. */
export const shownAttachments = (attachments: readonly Attachment[]): object[] =>
  attachments.map(({ name, mediaType, size, width, height, url, file }) => ({
    name,
    mediaType,
    size,
    width,
    height,
    url: url ?? null,
    uploadId: file?.id ?? null,
  }));

/**
 * Thrown, and caught again, where a message is new and may be sent: its uploads are to be looked at before it is, and others are
 * to be asked.
 */
export const UNPREPARED = new Error("a message was not prepared");
