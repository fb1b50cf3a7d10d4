import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { LRUCache } from "lru-cache";
import { TookTooLong } from "../../../ports/faults.ts";
import type { SearchUnit } from "../../../ports/searchIndex.ts";
import type { Clock } from "./clock.ts";
import { INDEXED_BEGINNING } from "./tables.ts";

/**
 * How many occurrences of all words with one beginning the full-text index may collect. It cannot look at the clock meanwhile. So
 * many take less than a tenth of a second.
 */
const MOST = 1_500_000;

/** How long one of them takes, in milliseconds. */
const OCCURRENCE_MS = 0.000_07;

/** Counts are kept: up to so many bytes, including their words, and for so many milliseconds. */
const KEPT_BYTES = 2_097_152;
const COUNT_BYTES = 160;
const KEPT_MS = 60_000;

/**
 * Throws `TookTooLong` for a search that would keep the full-text index busy for too long. For a beginning of a word, that index
 * collects all matching words before it finds anything, unless it has an index of such beginnings.
 */
export type Cost = { check(table: string, units: readonly SearchUnit[]): void };

export function costOf(db: DatabaseSyncInstance, clock: Clock, most = MOST): Cost {
  const counts = new LRUCache<string, number>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (_, key) => COUNT_BYTES + 2 * key.length,
    ttl: KEPT_MS,
  });
  /** The table whose words are in `temp.vocabulary_of_<table>`. */
  let current: string | undefined;

  const vocabularyOf = (table: string): string => {
    const name = `temp.vocabulary_of_${table}`;
    if (current !== undefined && current !== table) db.exec(`drop table if exists temp.vocabulary_of_${current}`);
    current = table;
    // Also if it was created before: that transaction may have been rolled back.
    db.exec(`create virtual table if not exists ${name} using fts5vocab(main, ${table}, row)`);
    return name;
  };
  const counted = (table: string, beginning: string): number => {
    const key = `${table} ${beginning}`;
    const known = counts.get(key);
    if (known !== undefined) return known;
    const sql = `select sum(cnt) from (select cnt from ${vocabularyOf(table)} where term >= ?1 and term < (?1 || char(1114111)) and ${clock.inTime("cnt")})`;
    const [count] = db.prepare(sql).get(beginning) as [number | null];
    counts.set(key, count ?? 0);
    return count ?? 0;
  };

  return {
    check(table, units) {
      if (most === Number.POSITIVE_INFINITY) return;
      const beginnings = units
        .filter(({ match }) => match === "prefix")
        .map(({ tokens }) => tokens.at(-1) ?? "")
        .filter((token) => [...token].length > INDEXED_BEGINNING);
      let left = most;
      for (const beginning of beginnings) {
        const count = counted(table, beginning);
        clock.add(count * OCCURRENCE_MS);
        left -= count;
        if (left < 0) throw new TookTooLong("too many words begin like this");
        clock.look();
      }
    },
  };
}
