import type { MessageRow } from "../../projections/timelines.ts";

/** The approximate memory of a message's row without its text, and of each attachment and mention. */
const ROW_BYTES = 512;
const ATTACHMENT_BYTES = 512;
const MENTION_BYTES = 80;

/** The approximate memory of a message that waits for its time, with one byte for each character. */
export const outgoingBytes = ({ text, attachments }: Pick<MessageRow, "text" | "attachments">): number =>
  ROW_BYTES + (text?.length ?? 0) + attachments.length * ATTACHMENT_BYTES;

/** The same for a message's row. */
export const rowBytes = (row: MessageRow): number => outgoingBytes(row) + row.mentions.length * MENTION_BYTES;
