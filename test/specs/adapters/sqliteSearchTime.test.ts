import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clockOf } from "../../../src/adapters/searchIndex/sqlite/clock.ts";
import { costOf } from "../../../src/adapters/searchIndex/sqlite/cost.ts";
import { messageWriting } from "../../../src/adapters/searchIndex/sqlite/messageWriting.ts";
import { searcher } from "../../../src/adapters/searchIndex/sqlite/searching.ts";
import { createTables, tablesOf } from "../../../src/adapters/searchIndex/sqlite/tables.ts";
import { parseQuery } from "../../../src/domain/words.ts";
import { TookTooLong } from "../../../src/ports/faults.ts";

let db: InstanceType<typeof DatabaseSync>;
beforeEach(() => {
  db = new DatabaseSync(":memory:", { returnArrays: true });
});
afterEach(() => db.close());

const tables = tablesOf(1);
/** Messages a second from one another; or all of the same time. */
const put = (count: number, textOf: (nth: number) => string, everyMs = 1_000): void => {
  db.exec(createTables(tables));
  const { put } = messageWriting(db, tables);
  db.exec("begin");
  for (let seq = 1; seq <= count; seq++) {
    const sentAt = 1_700_000_000_000 + seq * everyMs;
    const who = { senderId: "ann", kind: "TEXT", topic: null };
    put({ conversationId: "g:a", seq, version: String(seq), ...who, sentAt, text: textOf(seq) });
  }
  db.exec("commit");
};

describe("the clock of a search", () => {
  it("ends a statement that would go on for ever", () => {
    const { timed, inTime } = clockOf(db, 20);
    const endless = `with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n where ${inTime("i")}`;
    expect(() => timed(() => db.prepare(endless).get() as unknown)).toThrow(TookTooLong);
    // And the database is as it was.
    expect(db.prepare("select 1").get()).toEqual([1]);
    expect(timed(() => db.prepare(`select 2 where ${inTime("1")}`).get() as unknown)).toEqual([2]);
  });

  it("tells other faults as they are", () => {
    const { timed } = clockOf(db, 60_000);
    expect(() => timed(() => void db.exec("select zzz"))).toThrow(/no such column/);
  });

  it("is looked at again and again where nothing is found, so no row comes that could", () => {
    put(20_000, (nth) => (nth % 2 === 0 ? "apple pear" : "pear apple"));
    const clock = clockOf(db, 60_000);
    const { search } = searcher(db, clock, costOf(db, clock));
    let looks = 0;
    db.function("in_time", (_row: unknown) => ++looks);
    for (const text of ['"apple apple"', '"pear apple pear"', '"pear pear" a*', '"pear pear" pear*'])
      for (const asked of [{ limit: 10 }, { limit: 0, facets: 5, countUpTo: 10 }]) {
        looks = 0;
        const query = { units: parseQuery(text), filter: {}, order: "NEWEST" as const, ...asked };
        expect(search(tables, query).hits).toEqual([]);
        expect(looks, `${text} ${JSON.stringify(asked)}`).toBeGreaterThanOrEqual(19);
      }
  });

  it("is looked at as often where all messages have the same time, and none is another's", () => {
    put(5_000, (nth) => (nth % 2 === 0 ? "apple pear" : "pear apple"), 0);
    const clock = clockOf(db, 60_000);
    const { search } = searcher(db, clock, costOf(db, clock));
    let looks = 0;
    db.function("in_time", (_row: unknown) => ++looks);
    const asked = (text: string) =>
      search(tables, { units: parseQuery(text), filter: {}, order: "NEWEST", limit: 5_000, facets: 1 });
    expect(asked('"apple apple"').hits).toEqual([]);
    expect(looks).toBeGreaterThanOrEqual(4);
    expect(asked("apple").hits.map(({ seq }) => seq)).toEqual(Array.from({ length: 5_000 }, (_, place) => 5_000 - place));
    expect(asked("apple").facets?.total).toBe(5_000);
    expect(asked("tick").hits).toEqual([]);
  });
});

describe("what a beginning of words costs the full-text index", () => {
  const words = (count: number, texts: readonly string[]): void => {
    db.exec(createTables(tables));
    const add = db.prepare(`insert into ${tables.words} (c, t) values ('c1', ?)`);
    for (let nth = 0; nth < count; nth++) for (const text of texts) add.run(text);
  };
  const asked = (query: string, most: number) => () =>
    costOf(db, clockOf(db, 60_000), most).check(tables.words, parseQuery(query));

  it("is how often words that begin so are there", () => {
    words(50, ["the thesis", "these", "fox"]);
    expect(asked("the* fox", 150)).not.toThrow();
    expect(asked("the* fox", 149)).toThrow(TookTooLong);
    expect(asked("the* fox*", 200)).not.toThrow();
    expect(asked("the* fox*", 199)).toThrow(TookTooLong);
    expect(asked('"fox the"*', 149)).toThrow(TookTooLong);
    expect(asked("nobody*", 0)).not.toThrow();
  });

  it("is nothing where the index knows the beginning, and without one", () => {
    words(50, ["the quick fox 我们"]);
    for (const query of ["t*", "th*", "我", "我*", "the quick", `"${"the ".repeat(100)}"`]) expect(asked(query, 0)).not.toThrow();
    // Asked for the words of a beginning, SQLite goes through an index of its beginnings where there is one.
    const [[config]] = db.prepare(`select sql from sqlite_schema where name = ?`).all(tables.words) as [[string]];
    expect(config).toContain("prefix = '1 2'");
  });

  it("is that of words that came since, where the transaction it was asked in was given up", () => {
    words(5, ["the the the"]);
    const cost = costOf(db, clockOf(db, 60_000), 10);
    const units = parseQuery("the*");
    db.exec("begin");
    expect(() => cost.check(tables.words, units)).toThrow(TookTooLong);
    db.exec("rollback");
    expect(() => cost.check(tables.words, parseQuery("thesis*"))).not.toThrow();
  });
});
