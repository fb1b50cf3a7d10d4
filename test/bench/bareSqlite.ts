import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { conversationToken } from "../../src/adapters/searchIndex/sqlite/messageWriting.ts";
import { searchFile } from "../../src/adapters/searchIndex/sqlite/database.ts";
import { unitMatch } from "../../src/adapters/searchIndex/sqlite/matching.ts";
import { createTables, SLOT, tablesOf } from "../../src/adapters/searchIndex/sqlite/tables.ts";
import { parseQuery, wordsOf } from "../../src/domain/words.ts";
import { type CpuCost, cpuCost, cpuTime } from "./cpu.ts";
import { clockMs } from "./measure.ts";
import { searchDocuments } from "./searchDocuments.ts";

/** Rows of a page, as many as the server looks for. */
const PAGE = 20;

/**
 * The full-text index of a server's folder, asked by itself: how long each text takes in milliseconds. Nothing says who may see
 * what.
 */
export function bareSqlite(dataDir: string): { search(texts: readonly string[]): number[]; bytes(): number; close(): void } {
  const db = new DatabaseSync(searchFile(dataDir), { readOnly: true, returnArrays: true });
  const number = (sql: string): number => (db.prepare(sql).get() as [number])[0];
  const { words } = tablesOf(number("select number from generations where active = 1"));
  const find = db.prepare(`select rowid from ${words} where ${words} match ? order by rowid desc limit ${PAGE}`);
  // Ids are longer than a number of JavaScript's.
  find.setReadBigInts(true);
  return {
    search: (texts) => {
      const queries = texts.map((text) => parseQuery(text).map(unitMatch).join(" AND "));
      return queries.map((query) => {
        const began = clockMs();
        find.all(query);
        return clockMs() - began;
      });
    },
    bytes: () => (number("pragma page_count") - number("pragma freelist_count")) * number("pragma page_size"),
    close: () => db.close(),
  };
}

/**
 * The floor of indexing: one connection, the tables and settings of the server's, ready-made ids and tokens of the messages of a
 * log, a transaction a page of so many events. Gives the messages a second of what SQLite alone did, and what each cost.
 */
export async function bareSqliteRate(
  logDir: string,
  folder: string,
  pageEvents: number,
): Promise<{ rate: number; costs: CpuCost[] }> {
  const db = new DatabaseSync(join(folder, "bare.sqlite"));
  db.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -65536; pragma temp_store = memory");
  const tables = tablesOf(1);
  db.exec(createTables(tables));
  const addConversation = db.prepare(`insert into ${tables.conversations} (number, id) values (?, ?)`);
  const addDocument = db.prepare(
    `insert into ${tables.documents} (id, conversation, seq, version, sender, kind, topic, sent_at, text) values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const addWords = db.prepare(`insert into ${tables.words} (rowid, c, t) values (?, ?, ?)`);
  const conversations = new Map<string, number>();
  const used = new Map<number, number>();
  const costs: CpuCost[] = [];
  let ms = 0;
  let messages = 0;
  for await (const documents of searchDocuments(logDir, pageEvents)) {
    const known = conversations.size;
    const rows = documents.map(({ conversationId, seq, version, senderId, kind, topic, sentAt, text }) => {
      const conversation = conversations.get(conversationId) ?? conversations.size + 1;
      conversations.set(conversationId, conversation);
      const place = used.get(sentAt) ?? 0;
      used.set(sentAt, place + 1);
      const id = BigInt(sentAt) * BigInt(SLOT) + BigInt(place);
      return {
        document: [id, conversation, seq, version, senderId, kind, topic, sentAt, text],
        words: [id, conversationToken(conversation), wordsOf(text).join(" ")],
      };
    });
    const before = cpuTime();
    const began = clockMs();
    db.exec("begin immediate");
    for (const [id, conversation] of [...conversations].slice(known)) addConversation.run(conversation, id);
    for (const { document, words } of rows) {
      addDocument.run(...document);
      addWords.run(...words);
    }
    db.exec("commit");
    ms += clockMs() - began;
    messages += rows.length;
    const cost = rows.length === 0 ? undefined : cpuCost(before, cpuTime(), rows.length);
    if (cost) costs.push(cost);
  }
  db.close();
  return { rate: (messages * 1_000) / ms, costs };
}
