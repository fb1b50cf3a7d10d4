import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";
import type { RefusedDocument, SearchDocument, SearchGeneration, SearchIndex } from "../../../ports/searchIndex.ts";
import { isGeneration, viewOf } from "../names.ts";
import { openDatabase } from "./database.ts";
import { createAllowed, search } from "./searching.ts";
import { createTables, dropTables, type Tables, tablesOf } from "./tables.ts";
import { type Writing, writing } from "./writing.ts";

/** The port's functions, in the calling thread and at once. */
export type Index = {
  [Name in keyof SearchIndex]: (...args: Parameters<SearchIndex[Name]>) => Awaited<ReturnType<SearchIndex[Name]>>;
} & { close(): void };

type Generation = { number: number; checkpoint: string | null };

/** Opens the index. Throws `Unavailable`. */
export function openIndex(dataDir: string): Index {
  const db = openDatabase(dataDir);
  db.exec(createAllowed);
  const find = db.prepare("select number, checkpoint from generations where name = ?");
  const findActive = db.prepare("select number, checkpoint from generations where view = ? and active = 1");
  const writings = new Map<number, Writing>();

  const found = (row: unknown): Generation | undefined => {
    const [number, checkpoint] = (row ?? []) as [number?, (string | null)?];
    return number === undefined ? undefined : { number, checkpoint: checkpoint ?? null };
  };
  const generationOf = (name: string): Generation | undefined => found(find.get(name));

  const inTransaction = <T>(work: () => T): T => {
    db.exec("begin immediate");
    try {
      const result = work();
      db.exec("commit");
      return result;
    } catch (error) {
      for (const each of writings.values()) each.forget();
      if (db.isTransaction) db.exec("rollback");
      throw error;
    }
  };

  const made = (name: string): Generation => {
    const there = generationOf(name);
    if (there) return there;
    const { lastInsertRowid } = db.prepare("insert into generations (name, view) values (?, ?)").run(name, viewOf(name));
    const number = Number(lastInsertRowid);
    db.exec(createTables(tablesOf(number)));
    return { number, checkpoint: null };
  };

  return {
    put: (name, documents, move) =>
      inTransaction(() => {
        const { number, checkpoint } = made(name);
        if (move && move.from !== checkpoint)
          throw new CheckpointMoved(`the checkpoint of ${name} is at ${checkpoint}, not ${move.from}`);
        // Its statements need the tables: what was made in a transaction that failed is gone again with them.
        const own = writings.get(number) ?? writing(db, tablesOf(number));
        const refused = documents
          .map((document) => own.put(document))
          .filter((each): each is RefusedDocument => each !== undefined);
        if (move && refused.length === 0)
          db.prepare("update generations set checkpoint = ? where number = ?").run(move.to, number);
        writings.set(number, own);
        return refused;
      }),
    search(target, query) {
      const generation = isGeneration(target) ? generationOf(target) : found(findActive.get(target));
      if (generation === undefined) throw new Unavailable(`there is no search index ${target} yet`);
      return search(db, tablesOf(generation.number), query);
    },
    read(name, after, limit) {
      const generation = generationOf(name);
      return generation === undefined ? [] : read(db, tablesOf(generation.number), after, limit);
    },
    generations(view) {
      const rows = db.prepare("select name, checkpoint, active from generations where view = ? order by name").all(view);
      return (rows as [string, string | null, number][]).map(([name, checkpoint, active]): SearchGeneration => ({
        name,
        checkpoint,
        active: active === 1,
      }));
    },
    activate: (name) =>
      inTransaction(() => {
        const { number } = made(name);
        db.prepare("update generations set active = (number = ?) where view = ?").run(number, viewOf(name));
      }),
    drop: (name) =>
      inTransaction(() => {
        const generation = generationOf(name);
        if (generation === undefined) return;
        writings.delete(generation.number);
        db.exec(dropTables(tablesOf(generation.number)));
        db.prepare("delete from generations where number = ?").run(generation.number);
      }),
    close: () => db.close(),
  };
}

type ReadRow = [string, number, string, string | null, string, string | null, number, string];

function read(
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
    ${part(documents, "d.sender, d.kind, d.topic, d.sent_at, d.text")}
    union all ${part(recalled, "null, null, null, null, null")}
    order by conversation, seq limit :limit
  `;
  const rows = db.prepare(sql).all({ conversation: after?.conversationId ?? "", seq: after?.seq ?? 0, limit }) as ReadRow[];
  return rows.map(([conversationId, seq, version, senderId, kind, topic, sentAt, text]) =>
    senderId === null
      ? { conversationId, seq, version, recalled: true }
      : { conversationId, seq, version, senderId, kind, topic, sentAt, text },
  );
}
