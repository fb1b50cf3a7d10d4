import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { SearchFacets, SearchHit, SearchPage, SearchQuery } from "../../../ports/searchIndex.ts";
import { relevance } from "../../../domain/relevance.ts";
import { marksOf } from "../../../domain/words.ts";
import { countsOf, monthsOf } from "../facets.ts";
import { allowedBy } from "../visible.ts";
import { type AllowedSet, allowing, isAllowed } from "./allowing.ts";
import type { Clock } from "./clock.ts";
import type { Cost } from "./cost.ts";
import { allOf, unitMatch } from "./matching.ts";
import type { SentVisible } from "./sentVisible.ts";
import { isTick, LAST_SLOT, SLOT, slotOf, type Tables } from "./tables.ts";
import { conversationToken } from "./messageWriting.ts";

/**
 * For up to so many conversations, the full-text index itself does the filtering. If there are more, each message found is looked
 * up in the set.
 */
const BY_INDEX = 64;

/** How many messages are ranked by relevance: the newest ones that were found. */
const RANKED = 10_000;

/** The work of computing a text's relevance, and of each of its characters: in milliseconds. */
const [SCORED_MS, CHARACTER_MS] = [0.002, 0.000_03];

/** The work of finding the words of a search in a text, for each of its characters: in milliseconds. */
const MARKED_MS = 0.000_01;

/** How many statements are kept. A repeated search differs only in its values. */
const KEPT = 50;

type Value = string | number | null;

/** A message that was found: conversation, seq, sentAt, score; where marks are told, its version and text. */
type Row = [string, number, number, number, version?: string, text?: string];

/** How a query is carried out: `from` and `where` of the SQL, and the values by name. */
type Plan = { from: string; where: string[]; values: Record<string, Value>; rowid: string; isScored: boolean };

/** The parts that a search works with. `relevant` sets the words for the SQL function `relevance`. */
type Asked = {
  clock: Clock;
  cost: Cost;
  relevant(units: SearchQuery["units"]): void;
  all<T>(sql: string, values: Record<string, Value>): T[];
};

export type Searcher = {
  /** Searches one generation. Call it in a transaction. */
  search(tables: Tables, query: SearchQuery): SearchPage;
  /** The same by a visibility that is kept here; "lost" if it is not. */
  searchKept(tables: Tables, query: SearchQuery, visible: SentVisible): SearchPage | "lost";
  /** To be called after a transaction that was rolled back. */
  forget(): void;
};

export function searcher(db: DatabaseSyncInstance, clock: Clock, cost: Cost): Searcher {
  const statements = new Map<string, ReturnType<DatabaseSyncInstance["prepare"]>>();
  const all = <T>(sql: string, values: Record<string, Value>): T[] => {
    const statement = statements.get(sql) ?? db.prepare(sql);
    statements.delete(sql);
    statements.set(sql, statement);
    const [oldest] = statements.keys();
    if (statements.size > KEPT && oldest !== undefined) statements.delete(oldest);
    clock.look();
    return statement.all(values) as T[];
  };
  let scoreOf = relevance([]);
  const relevant = (units: SearchQuery["units"]): void => {
    scoreOf = relevance(units);
  };
  db.function("relevance", (text: string) => {
    clock.look();
    clock.add(SCORED_MS + text.length * CHARACTER_MS);
    return scoreOf(text);
  });
  const allowed = allowing(db);
  const asked: Asked = { clock, cost, relevant, all };
  return {
    search: (tables, query) => {
      const visible = allowedBy(query.filter);
      return search(asked, tables, query, visible && allowed.setOf(tables, visible, BY_INDEX + 1));
    },
    searchKept: (tables, query, visible) => {
      const set = allowed.keptSet(tables, visible, BY_INDEX + 1);
      return set === undefined ? "lost" : search(asked, tables, query, set);
    },
    forget: allowed.forget,
  };
}

/** `allowed`: undefined: everything may be found. */
function search(asked: Asked, tables: Tables, query: SearchQuery, allowed: AllowedSet | undefined): SearchPage {
  const plan = planOf(asked, tables, query, allowed);
  if (plan === undefined) return { hits: [], hasMore: false, ...(query.facets !== undefined && { facets: noFacets() }) };
  const rows = query.limit === 0 ? [] : rowsOf(asked, plan, query);
  const isScored = plan.isScored && query.order === "RELEVANCE";
  return {
    hits: rows.slice(0, query.limit).map((row) => hitOf(asked.clock, row, query.units, isScored)),
    hasMore: rows.length > query.limit,
    ...(query.facets !== undefined && { facets: facetsOf(asked, plan, query.facets, query.countUpTo) }),
  };
}

function hitOf(clock: Clock, row: Row, units: SearchQuery["units"], isScored: boolean): SearchHit {
  const [conversationId, seq, sentAt, score, version, text] = row;
  const hit: SearchHit = { conversationId, seq, sentAt };
  if (isScored) hit.score = score;
  if (version === undefined || text === undefined) return hit;
  clock.look();
  clock.add(text.length * MARKED_MS);
  const marks = marksOf(text, units);
  if (marks !== undefined) hit.found = { version, marks };
  return hit;
}

/** Undefined: nothing can be found. */
function planOf(asked: Asked, tables: Tables, { units, filter }: SearchQuery, allowed: AllowedSet | undefined): Plan | undefined {
  const where: string[] = [];
  const values: Record<string, Value> = {};
  const matches = units.map(unitMatch);
  if (allowed) {
    const { set, conversations: numbers, hasWindows } = allowed;
    if (numbers.length === 0) return undefined;
    const byIndex = numbers.length <= BY_INDEX && units.length > 0;
    if (byIndex) matches.unshift(`c : (${numbers.map((number) => `"${conversationToken(number)}"`).join(" OR ")})`);
    if (!byIndex || hasWindows) {
      where.push(isAllowed(":allowed", "d.conversation", "d.seq"));
      values["allowed"] = set;
    }
  }
  const among = (column: string, name: string, list: readonly string[] | undefined): void => {
    if (list === undefined) return;
    where.push(`${column} in (select value from json_each(:${name}))`);
    values[name] = JSON.stringify(list);
  };
  among("d.sender", "senders", filter.senderIds);
  among("d.kind", "kinds", filter.kinds);
  const compare = (condition: string, name: string, value: string | number | undefined): void => {
    if (value === undefined) return;
    where.push(condition);
    values[name] = value;
  };
  compare("d.topic = :topic", "topic", filter.topic);
  const { documents, conversations, words } = tables;
  const hasWords = units.length > 0;
  if (hasWords) asked.cost.check(words, units);
  const rowid = hasWords ? "w.rowid" : "d.id";
  // The slots let the index begin and end at these times.
  compare(`d.sent_at >= :sentFrom and ${rowid} >= ${slotOf(":sentFrom")}`, "sentFrom", filter.sentFrom);
  compare(`d.sent_at < :sentTo and ${rowid} < ${slotOf(":sentTo")} + ${SLOT}`, "sentTo", filter.sentTo);
  // This comes before all conditions that can reject a row.
  where.unshift(hasWords ? asked.clock.inTimeWithTicks(isTick(rowid)) : asked.clock.inTime(rowid));
  if (hasWords) {
    where.unshift(`${words} match :match`);
    values["match"] = allOf(matches);
  }
  // The order of the joins is fixed: first what the index finds, then its documents.
  const found = hasWords ? `${words} w cross join ${documents} d on d.id = w.rowid` : `${documents} d`;
  const from = `${found} cross join ${conversations} c on c.number = d.conversation`;
  return { from, where, values, rowid, isScored: hasWords };
}

/** An SQL condition: whether a row comes after the given place. The arguments name its columns. */
const isAfter = (sentAt: string, conversation: string, seq: string): string =>
  `(${sentAt} < :at or (${sentAt} = :at and (${conversation} > :conversation or (${conversation} = :conversation and ${seq} < :seq))))`;

/** The rows of the page, and one more if there is one. */
function rowsOf(asked: Asked, plan: Plan, { units, order, after, limit, marks }: SearchQuery): Row[] {
  const { from, values, rowid, isScored } = plan;
  const where = [...plan.where];
  const bound: Record<string, Value> = { ...values };
  if (after) Object.assign(bound, { at: after.sentAt, conversation: after.conversationId, seq: after.seq });
  const columns = "c.id as conversation, d.seq as seq, d.sent_at as sent_at";
  const all = (sql: string, more: Record<string, Value>): Row[] => asked.all(sql, { ...bound, ...more });
  const conditions = (more: readonly string[]): string => (more.length === 0 ? "" : `where ${more.join(" and ")}`);

  if (order === "RELEVANCE" && isScored) {
    if (after) bound["score"] = after.score ?? 0;
    asked.relevant(units);
    return all(
      `
      with found as materialized (
        select ${columns}, relevance(d.text) as score from ${from} ${conditions(where)} order by ${rowid} desc limit ${RANKED}
      )
      select * from found ${after ? `where score < :score or (score = :score and ${isAfter("sent_at", "conversation", "seq")})` : ""}
      order by score desc, sent_at desc, conversation, seq desc limit :limit
    `,
      { limit: limit + 1 },
    );
  }

  if (after) {
    where.push(`${rowid} < ${slotOf(":at")} + ${SLOT}`);
    where.push(isAfter("d.sent_at", "c.id", "d.seq"));
  }
  const texts = marks && isScored ? ", d.version, d.text" : "";
  const page = (more: readonly string[], inner: string): string =>
    `select * from (select ${columns}, 0${texts} from ${from} ${conditions([...where, ...more])} order by ${inner} limit :limit)
     order by sent_at desc, conversation, seq desc`;
  // One more row shows whether the slot of the last row ends there.
  const rows = all(page([], `${rowid} desc`), { limit: limit + 2 });
  const [last, next] = [rows[limit], rows[limit + 1]];
  if (last === undefined || next === undefined) return rows;
  if (slotNumber(last[2]) !== slotNumber(next[2])) return rows.slice(0, limit + 1);
  // The rows of one slot are in no particular order. So the rows of the last slot are chosen among all of that slot.
  const below = `${rowid} >= ${slotOf(":slot")} + ${SLOT}`;
  const within = `${rowid} >= ${slotOf(":slot")} and ${rowid} < ${slotOf(":slot")} + ${SLOT}`;
  const slot = { slot: last[2], limit: limit + 1 };
  const above = all(page([below], `${rowid} desc`), slot);
  const missing = limit + 1 - above.length;
  return [...above, ...all(page([within], "d.sent_at desc, c.id, d.seq desc"), slot).slice(0, missing)];
}

const slotNumber = (sentAt: number): number => Math.max(-LAST_SLOT, Math.min(LAST_SLOT, sentAt));

const noFacets = (): SearchFacets => ({ total: 0, bySender: [], byConversation: [], byMonth: [] });

/** Counts only the newest messages if `upTo` is given. */
function facetsOf(asked: Asked, { from, where, values, rowid }: Plan, limit: number, upTo: number | undefined): SearchFacets {
  const some = upTo === undefined ? "" : `order by ${rowid} desc limit ${upTo}`;
  const sql = `
    select sender, conversation, month, count(*) from (
      select d.sender as sender, c.id as conversation, strftime('%Y-%m', d.sent_at / 1000.0, 'unixepoch') as month
      from ${from} where ${where.join(" and ")} ${some}
    ) group by 1, 2, 3
  `;
  const groups = asked.all<[string, string, string, number]>(sql, values);
  const keyed = (column: 0 | 1 | 2): [string, number][] => groups.map((group) => [group[column], group[3]]);
  return {
    total: groups.reduce((total, group) => total + group[3], 0),
    bySender: countsOf(keyed(0), limit),
    byConversation: countsOf(keyed(1), limit),
    byMonth: monthsOf(keyed(2), limit),
  };
}
