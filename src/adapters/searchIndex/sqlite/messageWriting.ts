import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { separatedWords } from "../../../domain/words.ts";
import { byteCache } from "../../../ports/byteCache.ts";
import type { RefusedDocument, SearchDocument } from "../../../ports/searchIndex.ts";
import { messageId } from "../names.ts";
import { TICK, TICKS } from "./matching.ts";
import { SLOT, slotOf, STEP, type Tables } from "./tables.ts";

export type MessageWriting = {
  /** Call it inside a transaction. Returns the document if it cannot be stored. */
  put(document: SearchDocument): RefusedDocument[];
  /** To be called after a transaction that was rolled back, or after another connection has written. */
  forget(): void;
};

/** A conversation: its number, and the highest seq that is stored. */
type Conversation = { number: number; head: number };

/** Memory for the conversations that are remembered. */
const KEPT_BYTES = 33_554_432;
/** What one of them takes beside its id. */
const CONVERSATION_BYTES = 64;

/** Times whose next places are remembered. Most messages are newer than all others. */
const KEPT_PLACES = 10_000;

export const conversationToken = (number: number): string => `c${number}`;

/** The statements that write messages of one generation. */
export function messageWriting(db: DatabaseSyncInstance, { documents, recalled, conversations, words }: Tables): MessageWriting {
  const findConversation = db.prepare(`
    select number, max(coalesce((select max(seq) from ${documents} where conversation = number), 0),
      coalesce((select max(seq) from ${recalled} where conversation = number), 0))
    from ${conversations} where id = ?
  `);
  const addConversation = db.prepare(`insert into ${conversations} (id) values (?)`);
  const findDocument = db.prepare(`select version, sent_at from ${documents} where conversation = ? and seq = ?`);
  const findRecalled = db.prepare(`select version from ${recalled} where conversation = ? and seq = ?`);
  const deleteWords = db.prepare(
    `delete from ${words} where rowid = (select id from ${documents} where conversation = ? and seq = ?)`,
  );
  const deleteDocument = db.prepare(`delete from ${documents} where conversation = ? and seq = ?`);
  const deleteRecalled = db.prepare(`delete from ${recalled} where conversation = ? and seq = ?`);
  const putRecalled = db.prepare(`insert or replace into ${recalled} (conversation, seq, version) values (?, ?, ?)`);
  const columns = "id, conversation, seq, version, sender, kind, topic, sent_at, text";
  // Adds a row at a place of the slot. Adds none if there is one already. What else is wrong with it is an error.
  const addAt = db.prepare(`
    insert into ${documents} (${columns}) values (${slotOf("?1")} + ?9, ?2, ?3, ?4, ?5, ?6, ?7, ?1, ?8) on conflict (id) do nothing
  `);
  // By its order, and not by `max`: that would look through all rows.
  const lastPlace = db.prepare(`
    select id - ${slotOf("?1")} from ${documents} where id >= ${slotOf("?1")} and id < ${slotOf("?1")} + ${SLOT}
    order by id desc limit 1
  `);
  // For the document that was just added. Its id is longer than a JavaScript number.
  const addWords = db.prepare(`insert into ${words} (rowid, c, t) values (last_insert_rowid(), ?, ?)`);
  // When a message is deleted, its tick stays. So the next message in its place may need the same row.
  const addTick = db.prepare(`insert or replace into ${words} (rowid, c) values (last_insert_rowid() + 1, '${TICK}')`);
  let untilTick = 0;
  const known = byteCache<Conversation>(KEPT_BYTES, () => CONVERSATION_BYTES);
  /** By time: the next place of its slot. Others may have written there: then it is looked for. */
  const places = new Map<number, number>();

  const conversationOf = (id: string): Conversation => {
    let conversation = known.get(id);
    if (conversation === undefined) {
      const [number, head = 0] = (findConversation.get(id) ?? []) as [number?, number?];
      conversation = { number: number ?? Number(addConversation.run(id).lastInsertRowid), head };
      known.set(id, conversation);
    }
    return conversation;
  };

  /** Removes the stored version of a message, unless it is newer. Returns whether to write the new version. */
  const makesRoom = (conversation: number, { seq, version, recalled: isRecalled }: SearchDocument): boolean => {
    const stored = findDocument.get(conversation, seq) as [string] | undefined;
    const gone = stored ? undefined : (findRecalled.get(conversation, seq) as [string] | undefined);
    const before = (stored ?? gone)?.[0];
    if (before !== undefined && before > version) return false;
    if (stored) {
      deleteWords.run(conversation, seq);
      deleteDocument.run(conversation, seq);
    }
    if (gone && !isRecalled) deleteRecalled.run(conversation, seq);
    return true;
  };

  /** Adds a document. Returns false if its slot is full. */
  const added = (sentAt: number, row: readonly (string | number | null)[]): boolean => {
    const isAdded = (at: number): boolean => at < SLOT && Number(addAt.run(...row, at).changes) > 0;
    let place = places.get(sentAt) ?? 0;
    if (!isAdded(place)) {
      const [last = -STEP] = (lastPlace.get(sentAt) ?? []) as [number?];
      place = last + STEP;
      if (!isAdded(place)) return false;
    }
    if (places.size === KEPT_PLACES) places.clear();
    places.set(sentAt, place + STEP);
    return true;
  };

  return {
    put(document) {
      const { conversationId, seq, version } = document;
      const conversation = conversationOf(conversationId);
      const { number, head } = conversation;
      // Nearly all messages are the newest of their conversation. Nothing is looked up for them.
      if (seq > head) conversation.head = seq;
      else if (!makesRoom(number, document)) return [];
      if (document.recalled) {
        putRecalled.run(number, seq, version);
        return [];
      }
      const { senderId, kind, topic, sentAt, text } = document;
      if (!added(sentAt, [sentAt, number, seq, version, senderId, kind, topic, text]))
        return [
          { id: messageId(document), reason: `there are ${SLOT / STEP} messages of the same millisecond, and no room for more` },
        ];
      addWords.run(conversationToken(number), separatedWords(text));
      if (untilTick-- === 0) {
        addTick.run();
        untilTick = TICKS;
      }
      return [];
    },
    forget: () => {
      known.clear();
      places.clear();
    },
  };
}
