import type { Anchor } from "../../../ports/eventStore.ts";
import { CheckpointMoved, Unavailable } from "../../../ports/faults.ts";
import type { RefusedDocument, SearchGeneration, SearchIndex, SearchPage, SearchQuery } from "../../../ports/searchIndex.ts";
import { isEntry } from "../entries.ts";
import { byRun, isGeneration, viewOf } from "../names.ts";
import { clockOf } from "./clock.ts";
import { costOf } from "./cost.ts";
import { openDatabase } from "./database.ts";
import { type EntryWriting, entryWriting } from "./entryWriting.ts";
import { finder } from "./finding.ts";
import { type MessageWriting, messageWriting } from "./messageWriting.ts";
import { readDocuments, readEntries, readMessages } from "./reading.ts";
import { searcher } from "./searching.ts";
import type { SentVisible } from "./sentVisible.ts";
import { createTables, dropTables, type Tables, tablesOf } from "./tables.ts";
import { keepLogShort, sizeOf } from "./writeAheadLog.ts";

/** The functions of the port, in the calling thread and without promises. */
export type Index = {
  [Name in keyof SearchIndex]: (...args: Parameters<SearchIndex[Name]>) => Awaited<ReturnType<SearchIndex[Name]>>;
} & {
  /** Searches by a visibility that is kept here. "lost": it is not here as the sender thinks, and has to be sent as a whole. */
  searchKept(target: string, query: SearchQuery, visible: SentVisible): SearchPage | "lost";
  close(): void;
};

type Generation = { number: number; checkpoint: string | null };
type Writing = { messages: MessageWriting; entries: EntryWriting };

/**
 * Opens the index. Other threads of this process may have it open at the same time: what one has committed, the others see with
 * their next call. `searchMs`: how long one search may take, in milliseconds. Throws `Unavailable`.
 */
export function openIndex(dataDir: string, searchMs?: number): Index {
  const db = openDatabase(dataDir);
  const findNamed = db.prepare("select number, checkpoint from generations where name = ?");
  const findActive = db.prepare("select number, checkpoint from generations where view = ? and active = 1");
  const findOthers = db.prepare("pragma data_version");
  const begins = { begin: db.prepare("begin"), "begin immediate": db.prepare("begin immediate") };
  const commit = db.prepare("commit");
  const clock = clockOf(db, searchMs);
  const cost = costOf(db, clock, searchMs === undefined ? Number.POSITIVE_INFINITY : undefined);
  const findEntries = finder(db, clock, cost);
  const messageSearch = searcher(db, clock, cost);
  const writings = new Map<number, Writing>();
  /** The data version that this connection last saw. It changes when another connection writes. */
  let others: number | undefined;

  const found = (row: unknown): Generation | undefined => {
    const [number, checkpoint] = (row ?? []) as [number?, (string | null)?];
    return number === undefined ? undefined : { number, checkpoint: checkpoint ?? null };
  };
  const generationOf = (name: string): Generation | undefined => found(findNamed.get(name));

  const forget = (): void => {
    for (const { messages } of writings.values()) messages.forget();
  };

  const inTransaction = <T>(begin: keyof typeof begins, work: () => T): T => {
    begins[begin].run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec("rollback");
      forget();
      messageSearch.forget();
      throw error;
    }
  };
  const write = <T>(work: () => T): T => {
    const result = inTransaction("begin immediate", work);
    keepLogShort(db, dataDir);
    return result;
  };
  /** Reads one state of the index, whatever is written or dropped meanwhile. */
  const read = <T>(work: () => T): T => inTransaction("begin", work);

  const made = (name: string): Generation => {
    const there = generationOf(name);
    if (there) return there;
    const { lastInsertRowid } = db.prepare("insert into generations (name, view) values (?, ?)").run(name, viewOf(name));
    const number = Number(lastInsertRowid);
    db.exec(createTables(tablesOf(number)));
    return { number, checkpoint: null };
  };

  const targetOf = (target: string): Tables => {
    const generation = isGeneration(target) ? generationOf(target) : found(findActive.get(target));
    if (generation === undefined) throw new Unavailable(`there is no search index ${target} yet`);
    return tablesOf(generation.number);
  };
  /** Reads from a generation. Returns `none` if it does not exist. */
  const readFrom = <T>(name: string, none: T, work: (tables: Tables) => T): T =>
    read(() => {
      const generation = generationOf(name);
      return generation === undefined ? none : work(tablesOf(generation.number));
    });

  return {
    put: (name, documents, move) =>
      write(() => {
        const [before] = findOthers.get() as [number];
        if (before !== others) forget();
        others = before;
        const { number, checkpoint } = made(name);
        if (move && move.from !== checkpoint)
          throw new CheckpointMoved(`the checkpoint of ${name} is at ${checkpoint}, not ${move.from}`);
        const tables = tablesOf(number);
        // The statements need the tables. If the transaction fails, its new tables are gone, and so are their statements.
        const own = writings.get(number) ?? { messages: messageWriting(db, tables), entries: entryWriting(db, tables) };
        const refused: RefusedDocument[] = [];
        for (const document of documents) {
          if (isEntry(document)) own.entries.put(document);
          else refused.push(...own.messages.put(document));
        }
        if (move && refused.length === 0)
          db.prepare("update generations set checkpoint = ?, anchor = coalesce(?, anchor) where number = ?").run(
            move.to,
            move.anchor ? JSON.stringify(move.anchor) : null,
            number,
          );
        writings.set(number, own);
        return refused;
      }),
    get: (name, ids) =>
      readFrom(
        name,
        ids.map(() => undefined),
        (tables) => readDocuments(db, tables, ids),
      ),
    search: (target, query) =>
      clock.timed(() => ({ ...read(() => messageSearch.search(targetOf(target), query)), workMs: clock.worked() })),
    searchKept: (target, query, visible) =>
      clock.timed(() => {
        const page = read(() => messageSearch.searchKept(targetOf(target), query, visible));
        return page === "lost" ? page : { ...page, workMs: clock.worked() };
      }),
    find: (target, query) => clock.timed(() => ({ ...read(() => findEntries(targetOf(target), query)), workMs: clock.worked() })),
    messages: (name, after, limit) => readFrom(name, [], (tables) => readMessages(db, tables, after, limit)),
    entries: (name, after, limit) => readFrom(name, [], (tables) => readEntries(db, tables, after, limit)),
    generations(view) {
      const rows = db.prepare("select name, checkpoint, anchor, active from generations where view = ?").all(view);
      return (rows as [string, string | null, string | null, number][])
        .map(([name, checkpoint, anchor, active]): SearchGeneration => {
          const kept = anchor === null ? {} : { anchor: JSON.parse(anchor) as Anchor };
          return { name, checkpoint, ...kept, active: active === 1 };
        })
        .sort(byRun);
    },
    activate: (name) =>
      write(() => {
        const { number } = made(name);
        db.prepare("update generations set active = (number = ?) where view = ?").run(number, viewOf(name));
      }),
    drop: (name) =>
      write(() => {
        const generation = generationOf(name);
        if (generation === undefined) return;
        writings.delete(generation.number);
        db.exec(dropTables(tablesOf(generation.number)));
        db.prepare("delete from generations where number = ?").run(generation.number);
      }),
    status() {
      const [version] = db.prepare("select sqlite_version()").get() as [string];
      return { kind: "sqlite", reachable: true, version, bytes: sizeOf(dataDir) };
    },
    close: () => db.close(),
  };
}
