import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clockOf } from "../../src/adapters/searchIndex/sqlite/clock.ts";
import { costOf } from "../../src/adapters/searchIndex/sqlite/cost.ts";
import { parseQuery } from "../../src/domain/words.ts";
import { TookTooLong } from "../../src/ports/faults.ts";

let db: InstanceType<typeof DatabaseSync>;
beforeEach(() => {
  db = new DatabaseSync(":memory:", { returnArrays: true });
});
afterEach(() => db.close());

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
});

describe("what a search costs the full-text index", () => {
  const words = (count: number, texts: readonly string[]): void => {
    db.exec("create virtual table words using fts5 (c, t, content = '', contentless_delete = 1, tokenize = 'ascii')");
    const add = db.prepare("insert into words (c, t) values ('c1', ?)");
    for (let nth = 0; nth < count; nth++) for (const text of texts) add.run(text);
  };
  const check = (query: string, most: number) => () => costOf(db, clockOf(db, 60_000), most).check("words", parseQuery(query));

  it("is how often its words are there", () => {
    words(50, ["the quick fox", "the lazy dog", "thorn"]);
    const often = `"${"the ".repeat(10)}"`;
    expect(check(often, 1_000)).not.toThrow();
    expect(check(often, 999)).toThrow(TookTooLong);
    expect(check(`"${"fox ".repeat(10)}"`, 500)).not.toThrow();
    // A beginning stands for all of its words, which are put together first.
    expect(check("th* fo*", 8 * 200)).not.toThrow();
    expect(check("th* fo*", 8 * 200 - 1)).toThrow(TookTooLong);
    expect(check('"nobody said that in here before or after"', 0)).not.toThrow();
  });

  it("is not asked of what nearly all searches are", () => {
    words(50, ["the quick fox"]);
    for (const query of ["the", "quick fox", "th*", '"the quick fox" quick the']) expect(check(query, 0)).not.toThrow();
  });

  it("is that of words that came since, where the transaction it was asked in was given up", () => {
    words(5, ["the the the"]);
    const cost = costOf(db, clockOf(db, 60_000), 100);
    const units = parseQuery(`"${"the ".repeat(7)}"`);
    db.exec("begin");
    expect(() => cost.check("words", units)).toThrow(TookTooLong);
    db.exec("rollback");
    expect(() => cost.check("words", parseQuery(`"${"thee ".repeat(7)}"`))).not.toThrow();
  });
});
