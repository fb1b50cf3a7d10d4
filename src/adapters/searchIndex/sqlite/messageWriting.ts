import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { wordsOf } from "../../../domain/words.ts";
import type { RefusedDocument, SearchDocument } from "../../../ports/searchIndex.ts";
import { messageId } from "../names.ts";
import { SLOT, slotOf, type Tables } from "./tables.ts";

export type MessageWriting = {
  /** Inside a transaction. Returns the document where it cannot be stored. */
  put(document: SearchDocument): RefusedDocument[];
  /** After a transaction that was rolled back. */
  forget(): void;
};

/** Conversations whose numbers are kept in memory. */
const KEPT = 100_000;

export const conversationToken = (number: number): string => `c${number}`;

/** The statements that write messages of one generation. */
export function messageWriting(db: DatabaseSyncInstance, { documents, recalled, conversations, words }: Tables): MessageWriting {
  const findConversation = db.prepare(`select number from ${conversations} where id = ?`);
  const addConversation = db.prepare(`insert into ${conversations} (id) values (?)`);
  const findDocument = db.prepare(`select version, sent_at from ${documents} where conversation = ? and seq = ?`);
  const findRecalled = db.prepare(`select version from ${recalled} where conversation = ? and seq = ?`);
  const deleteWords = db.prepare(
    `delete from ${words} where rowid = (select id from ${documents} where conversation = ? and seq = ?)`,
  );
  const deleteDocument = db.prepare(`delete from ${documents} where conversation = ? and seq = ?`);
  const deleteRecalled = db.prepare(`delete from ${recalled} where conversation = ? and seq = ?`);
  const putRecalled = db.prepare(`insert or replace into ${recalled} (conversation, seq, version) values (?, ?, ?)`);
  // The next row of the slot; none where it is full.
  const addDocument = db.prepare(`
    insert into ${documents} (id, conversation, seq, version, sender, kind, topic, sent_at, text)
    select id, ?2, ?3, ?4, ?5, ?6, ?7, ?1, ?8 from (
      select coalesce((select max(id) + 1 from ${documents} where id between ${slotOf("?1")} and ${slotOf("?1")} + ${SLOT - 1}),
        ${slotOf("?1")}) as id
    ) where id < ${slotOf("?1")} + ${SLOT}
  `);
  const addWords = db.prepare(
    `insert into ${words} (rowid, c, t, e) select id, ?, ?, ? from ${documents} where conversation = ? and seq = ?`,
  );
  const numbers = new Map<string, number>();

  const numberOf = (id: string): number => {
    let number = numbers.get(id);
    if (number === undefined) {
      number = (findConversation.get(id) as [number] | undefined)?.[0] ?? Number(addConversation.run(id).lastInsertRowid);
      if (numbers.size >= KEPT) numbers.clear();
      numbers.set(id, number);
    }
    return number;
  };

  return {
    put(document) {
      const { conversationId, seq, version } = document;
      const conversation = numberOf(conversationId);
      const stored = findDocument.get(conversation, seq) as [string] | undefined;
      const gone = stored ? undefined : (findRecalled.get(conversation, seq) as [string] | undefined);
      const known = (stored ?? gone)?.[0];
      if (known !== undefined && known > version) return [];
      if (stored) {
        deleteWords.run(conversation, seq);
        deleteDocument.run(conversation, seq);
      }
      if (document.recalled) {
        putRecalled.run(conversation, seq, version);
        return [];
      }
      if (gone) deleteRecalled.run(conversation, seq);
      const { senderId, kind, topic, sentAt, text } = document;
      const { changes } = addDocument.run(sentAt, conversation, seq, version, senderId, kind, topic, text);
      if (Number(changes) === 0)
        return [{ id: messageId(document), reason: `there are ${SLOT} messages of the same millisecond, and no room for more` }];
      const { tokens, ends } = wordsOf(text);
      addWords.run(conversationToken(conversation), tokens.join(" "), ends.join(" "), conversation, seq);
      return [];
    },
    forget: () => numbers.clear(),
  };
}
