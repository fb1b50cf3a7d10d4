import { messageIdOf } from "../../src/domain/ids.ts";
import type { SearchDocument } from "../../src/ports/searchIndex.ts";
import { readerOf } from "../../src/projecting/projection.ts";
import { type MessageRow, timelineReads } from "../timelines.ts";
import { type Compared, type Comparison, PAGE, unequal } from "./comparison.ts";
import { rowsOf, type TimelineRow } from "./timelineRows.ts";

/** Compares version, text and all else of every message, read back from the index, with the timelines. */
export function comparedMessages(compared: Compared): Comparison {
  const { index, views, generation } = compared;
  return {
    suspects: (went) => suspects(compared, went),
    differences: async (ids) => {
      const timelinesOfNow = timelineReads(readerOf(views, (await compared.reading()).timelines));
      const documents = (await index.get(generation, ids)) as (SearchDocument | undefined)[];
      const rows = await timelinesOfNow.messages(ids.map(placeOf));
      return unequal(ids, (id, at) => messageDifference(id, documents[at], rows[at]));
    },
  };
}

/** Both in their order: conversations by their bytes, seqs as they rise. */
async function suspects(compared: Compared, went: (messages: number) => void): Promise<Set<string>> {
  const { index, generation } = compared;
  const found = new Set<string>();
  const rows = rowsOf(compared);
  let next = await rows.next();
  const placed = () => (next.done ? undefined : next.value);
  const missing = ({ conversation, row }: TimelineRow) => found.add(messageIdOf(conversation, row.seq));
  for (let after: { conversationId: string; seq: number } | null = null; ;) {
    const page: SearchDocument[] = await index.messages(generation, after, PAGE);
    for (const document of page) {
      for (let row = placed(); row && isBefore(row, document); row = placed()) {
        missing(row);
        next = await rows.next();
      }
      const row = placed();
      const id = messageIdOf(document.conversationId, document.seq);
      const isSame = row?.conversation === document.conversationId && row.row.seq === document.seq;
      if (messageDifference(id, document, isSame ? row.row : undefined) !== undefined) found.add(id);
      if (isSame) next = await rows.next();
    }
    went(page.length);
    after = page.at(-1) ?? null;
    if (page.length < PAGE || after === null) break;
  }
  for (let row = placed(); row; row = placed()) {
    missing(row);
    next = await rows.next();
  }
  return found;
}

function isBefore({ conversation, row }: TimelineRow, document: SearchDocument): boolean {
  const order = Buffer.compare(Buffer.from(conversation), Buffer.from(document.conversationId));
  return order < 0 || (order === 0 && row.seq < document.seq);
}

const placeOf = (id: string): { conversation: string; seq: number } => {
  const colon = id.lastIndexOf(":");
  return { conversation: id.slice(0, colon), seq: Number(id.slice(colon + 1)) };
};

/** The document that a row of a timeline should have. */
function documentOf(conversationId: string, row: MessageRow): SearchDocument {
  const { seq, senderId, kind, topic, text, sentAt, recalledAt, expired, position, version = position } = row;
  if (recalledAt !== null || expired) return { conversationId, seq, version, recalled: true };
  return { conversationId, seq, version, senderId, kind, topic, sentAt: Date.parse(sentAt), text: text ?? "" };
}

function messageDifference(id: string, document: SearchDocument | undefined, row: MessageRow | undefined): string | undefined {
  if (!row) return document && `message ${id} is in the index and in no timeline`;
  if (!document) return `message ${id} is not in the index`;
  const expected = documentOf(document.conversationId, row);
  const members = new Set([...Object.keys(expected), ...Object.keys(document)] as (keyof SearchDocument)[]);
  const unlike = [...members].filter((member) => expected[member] !== document[member]);
  return unlike.length === 0 ? undefined : `message ${id} differs in its ${unlike.join(", ")}`;
}
