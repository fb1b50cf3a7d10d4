import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { DirectoryEntry, IndexDocument, SearchDocument } from "../../../ports/searchIndex.ts";
import { messageOf } from "../names.ts";
import type { Tables } from "./tables.ts";

/** Conversation, seq, version; then, unless it was recalled: sender, kind, topic, time, text. */
type MessageRow = [string, number, string, string | null, string, string | null, number, string];

const COLUMNS = "d.sender, d.kind, d.topic, d.sent_at, d.text";
const RECALLED = "null, null, null, null, null";

const messageOfRow = ([conversationId, seq, version, senderId, kind, topic, sentAt, text]: MessageRow): SearchDocument =>
  senderId === null
    ? { conversationId, seq, version, recalled: true }
    : { conversationId, seq, version, senderId, kind, topic, sentAt, text };

/** The port's `messages`. */
export function readMessages(
  db: DatabaseSyncInstance,
  { documents, recalled, conversations }: Tables,
  after: { conversationId: string; seq: number } | null,
  limit: number,
): SearchDocument[] {
  const part = (table: string, columns: string): string => `
    select * from (
      select c.id as conversation, d.seq as seq, d.version, ${columns}
      from ${conversations} c cross join ${table} d on d.conversation = c.number
      where c.id >= :conversation and (c.id > :conversation or d.seq > :seq)
      order by c.id, d.seq limit :limit
    )
  `;
  const sql = `
    ${part(documents, COLUMNS)} union all ${part(recalled, RECALLED)}
    order by conversation, seq limit :limit
  `;
  const values = { conversation: after?.conversationId ?? "", seq: after?.seq ?? 0, limit };
  return (db.prepare(sql).all(values) as MessageRow[]).map(messageOfRow);
}

/** The port's `entries`. */
export function readEntries(db: DatabaseSyncInstance, { entries }: Tables, after: string, limit: number): DirectoryEntry[] {
  const rows = db.prepare(`select row from ${entries} where id > ? order by id limit ?`).all(after, limit) as [string][];
  return rows.map(([row]) => JSON.parse(row) as DirectoryEntry);
}

/** The port's `get`. */
export function readDocuments(
  db: DatabaseSyncInstance,
  { documents, recalled, conversations, entries }: Tables,
  ids: readonly string[],
): (IndexDocument | undefined)[] {
  const findEntry = db.prepare(`select row from ${entries} where id = ?`);
  const found = (table: string, columns: string) =>
    db.prepare(`
      select c.id, d.seq, d.version, ${columns}
      from ${conversations} c cross join ${table} d on d.conversation = c.number where c.id = ? and d.seq = ?
    `);
  const [findDocument, findRecalled] = [found(documents, COLUMNS), found(recalled, RECALLED)];
  return ids.map((id) => {
    const entry = findEntry.get(id) as [string] | undefined;
    if (entry) return JSON.parse(entry[0]) as DirectoryEntry;
    const message = messageOf(id);
    if (message === undefined) return undefined;
    const key = [message.conversationId, message.seq] as const;
    const row = (findDocument.get(...key) ?? findRecalled.get(...key)) as MessageRow | undefined;
    return row && messageOfRow(row);
  });
}
