import type { MessageRow } from "../../projections/timelines.ts";

/** What a message's row takes, about, beside its text; and what each of its attachments and mentions does. */
const ROW_BYTES = 512;
const ATTACHMENT_BYTES = 512;
const MENTION_BYTES = 80;

/** What a message's row takes in memory, about: as if it had its characters one a byte. */
export const rowBytes = ({ text, attachments, mentions }: MessageRow): number =>
  ROW_BYTES + (text?.length ?? 0) + attachments.length * ATTACHMENT_BYTES + mentions.length * MENTION_BYTES;
