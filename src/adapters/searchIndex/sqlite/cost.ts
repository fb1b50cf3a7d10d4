import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { LRUCache } from "lru-cache";
import { TookTooLong } from "../../../ports/faults.ts";
import type { SearchUnit } from "../../../ports/searchIndex.ts";
import type { Clock } from "./clock.ts";

/**
 * Occurrences that the full-text index may go through for one search, where no clock is looked at: about a second. It goes through those of every token of a
 * phrase, and of every word that a beginning stands for, one after the other.
 */
const MOST = 8_000_000;
/** The words of a beginning are put together before the first one is found: one occurrence costs as much as so many. */
const OF_BEGINNING = 8;
/** What nearly all searches are: not counted, for it costs more than it saves. */
const [FEW_TOKENS, FEW_BEGINNINGS] = [6, 1];

/** Counts are kept: what takes so many bytes, words included, for so long (milliseconds). */
const KEPT_BYTES = 2_097_152;
const COUNT_BYTES = 160;
const KEPT_MS = 60_000;

/** Throws `TookTooLong` for a search that would keep the full-text index busy for too long. */
export type Cost = { check(table: string, units: readonly SearchUnit[]): void };

export function costOf(db: DatabaseSyncInstance, clock: Clock, most = MOST): Cost {
  const counts = new LRUCache<string, number>({
    maxSize: KEPT_BYTES,
    sizeCalculation: (_, key) => COUNT_BYTES + 2 * key.length,
    ttl: KEPT_MS,
  });
  /** The table whose words are told by `temp.vocabulary`. */
  let told: string | undefined;

  const vocabularyOf = (table: string): string => {
    const name = `temp.vocabulary_of_${table}`;
    if (told !== undefined && told !== table) db.exec(`drop table if exists temp.vocabulary_of_${told}`);
    told = table;
    // Also where it was made before, in a transaction that was rolled back.
    db.exec(`create virtual table if not exists ${name} using fts5vocab(main, ${table}, row)`);
    return name;
  };
  const counted = (key: string, count: () => number): number => {
    const known = counts.get(key) ?? count();
    counts.set(key, known);
    return known;
  };
  const number = (sql: string, ...values: string[]): number =>
    (db.prepare(sql).get(...values) as [number | null] | undefined)?.[0] ?? 0;

  const ofToken = (table: string, token: string): number =>
    counted(`${table} ${token}`, () => number(`select cnt from ${vocabularyOf(table)} where term = ?`, token));
  const ofBeginning = (table: string, token: string): number =>
    counted(`${table} ${token}*`, () =>
      number(
        `select sum(cnt) from (select cnt from ${vocabularyOf(table)} where term >= ?1 and term < (?1 || char(1114111)) and ${clock.inTime("cnt")})`,
        token,
      ),
    );

  return {
    check(table, units) {
      if (most === Number.POSITIVE_INFINITY) return;
      const tokens = units.reduce((sum, unit) => sum + unit.tokens.length, 0);
      const beginnings = units.filter(({ match }) => match === "prefix").length;
      if (tokens <= FEW_TOKENS && beginnings <= FEW_BEGINNINGS) return;
      let left = most;
      for (const { tokens: own, match } of units)
        for (const [place, token] of own.entries()) {
          const isBeginning = match === "prefix" && place === own.length - 1;
          left -= isBeginning ? OF_BEGINNING * ofBeginning(table, token) : ofToken(table, token);
          if (left < 0) throw new TookTooLong("the words of a search are found too often together");
          clock.look();
        }
    },
  };
}
