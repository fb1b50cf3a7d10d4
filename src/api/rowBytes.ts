import type { MessageRow } from "../../projections/timelines.ts";

/** The approximate memory of a message's row without its text, and of each attachment and mention. */
const ROW_BYTES = 512;
const ATTACHMENT_BYTES = 512;
const MENTION_BYTES = 80;

/** The approximate memory of a message's row, with one byte for each character. */
export const rowBytes = ({ text, attachments, mentions }: MessageRow): number =>
  ROW_BYTES + (text?.length ?? 0) + attachments.length * ATTACHMENT_BYTES + mentions.length * MENTION_BYTES;
