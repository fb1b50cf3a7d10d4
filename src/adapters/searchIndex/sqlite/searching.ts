import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { SearchFacets, SearchPage, SearchPlace, SearchQuery } from "../../../ports/searchIndex.ts";
import { countsOf, monthsOf } from "../facets.ts";
import { allowedBy } from "../visible.ts";
import { unitMatch } from "./matching.ts";
import { SLOT, slotOf, type Tables } from "./tables.ts";
import { conversationToken } from "./messageWriting.ts";

/** Up to so many conversations the full-text index itself finds; more are looked up for each message found. */
const BY_INDEX = 64;

const ALLOWED = "temp.allowed";

export const createAllowed = `create table ${ALLOWED} (conversation integer, from_seq integer, to_seq integer, primary key (conversation, from_seq, to_seq)) without rowid`;

type Value = string | number | null;

/** A message found: conversation, seq, sentAt, score. */
type Row = [string, number, number, number];

/** What one query comes down to: `from` and `where` of SQL, with the names of their values. */
type Plan = { from: string; where: string[]; values: Record<string, Value>; rowid: string; isScored: boolean };

/** Searches one generation. */
export function search(db: DatabaseSyncInstance, tables: Tables, query: SearchQuery): SearchPage {
  const plan = planOf(db, tables, query);
  if (plan === undefined) return { hits: [], hasMore: false, ...(query.facets !== undefined && { facets: noFacets() }) };
  const rows = query.limit === 0 ? [] : rowsOf(db, plan, query);
  const isScored = plan.isScored && query.order === "RELEVANCE";
  return {
    hits: rows.slice(0, query.limit).map((row) => placeOf(row, isScored)),
    hasMore: rows.length > query.limit,
    ...(query.facets !== undefined && { facets: facetsOf(db, plan, query.facets) }),
  };
}

const placeOf = ([conversationId, seq, sentAt, score]: Row, isScored: boolean): SearchPlace => ({
  conversationId,
  seq,
  sentAt,
  ...(isScored && { score }),
});

/** Undefined: nothing can be found. */
function planOf(db: DatabaseSyncInstance, tables: Tables, { units, filter }: SearchQuery): Plan | undefined {
  const where: string[] = [];
  const values: Record<string, Value> = {};
  const matches = units.map(unitMatch);
  const allowed = allowedBy(filter);
  if (allowed) {
    const windows = [...allowed.windows.values()].flat();
    const list = [
      ...allowed.whole.map((id) => [id, 0, Number.MAX_SAFE_INTEGER]),
      ...windows.map(({ conversationId, fromSeq, toSeq }) => [conversationId, fromSeq, toSeq ?? Number.MAX_SAFE_INTEGER]),
    ];
    const numbers = allow(db, tables, list);
    if (numbers.length === 0) return undefined;
    const byIndex = numbers.length <= BY_INDEX && units.length > 0;
    if (byIndex) matches.unshift(`(c : (${numbers.map((number) => `"${conversationToken(number)}"`).join(" OR ")}))`);
    if (!byIndex || windows.length > 0)
      where.push(
        `exists (select 1 from ${ALLOWED} a where a.conversation = d.conversation and d.seq between a.from_seq and a.to_seq)`,
      );
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
  const rowid = hasWords ? "w.rowid" : "d.id";
  // The slots let the index begin and end there.
  compare(`d.sent_at >= :sentFrom and ${rowid} >= ${slotOf(":sentFrom")}`, "sentFrom", filter.sentFrom);
  compare(`d.sent_at < :sentTo and ${rowid} < ${slotOf(":sentTo")} + ${SLOT}`, "sentTo", filter.sentTo);
  if (hasWords) {
    where.unshift(`${words} match :match`);
    values["match"] = matches.join(" AND ");
  }
  // The order of the joins is given: found by the index first, then looked up.
  const found = hasWords ? `${words} w cross join ${documents} d on d.id = w.rowid` : `${documents} d`;
  const from = `${found} cross join ${conversations} c on c.number = d.conversation`;
  return { from, where, values, rowid, isScored: hasWords };
}

/** Fills the table of what may be found; returns the numbers of its conversations, or more of them than the index is asked for. */
function allow(db: DatabaseSyncInstance, { conversations }: Tables, list: readonly (string | number)[][]): number[] {
  db.exec(`delete from ${ALLOWED}`);
  const fill = `
    insert or ignore into ${ALLOWED}
    select c.number, value ->> 1, value ->> 2 from json_each(?) cross join ${conversations} c on c.id = value ->> 0
  `;
  db.prepare(fill).run(JSON.stringify(list));
  const numbers = db.prepare(`select distinct conversation from ${ALLOWED} limit ${BY_INDEX + 1}`).all() as [number][];
  return numbers.map(([number]) => number);
}

/** Whether a row comes after the place given, by the names of its columns. */
const isAfter = (sentAt: string, conversation: string, seq: string): string =>
  `(${sentAt} < :at or (${sentAt} = :at and (${conversation} > :conversation or (${conversation} = :conversation and ${seq} < :seq))))`;

/** One row more than the page has, where there is one. */
function rowsOf(db: DatabaseSyncInstance, plan: Plan, { order, after, limit }: SearchQuery): Row[] {
  const { from, values, rowid, isScored } = plan;
  const where = [...plan.where];
  const bound: Record<string, Value> = { ...values, limit: limit + 1 };
  if (after) Object.assign(bound, { at: after.sentAt, conversation: after.conversationId, seq: after.seq });
  const columns = "c.id as conversation, d.seq as seq, d.sent_at as sent_at";
  const all = (sql: string, more: Record<string, Value> = {}): Row[] => db.prepare(sql).all({ ...bound, ...more }) as Row[];
  const conditions = (more: readonly string[]): string => (more.length === 0 ? "" : `where ${more.join(" and ")}`);

  if (order === "RELEVANCE" && isScored) {
    if (after) bound["score"] = after.score ?? 0;
    const words = from.split(" ", 1)[0] ?? "";
    // What has come since has moved all scores: the page goes on where the last hit stands now, if it is still found.
    const at = "coalesce((select score from found where conversation = :conversation and seq = :seq), :score)";
    return all(`
      with found as materialized (
        select ${columns}, -bm25(${words}, 0.0, 1.0, 1.0) as score from ${from} ${conditions(where)}
      )${after ? `, place as materialized (select ${at} as at)` : ""}
      select found.* from found ${after ? `, place where score < place.at or (score = place.at and ${isAfter("sent_at", "conversation", "seq")})` : ""}
      order by score desc, sent_at desc, conversation, seq desc limit :limit
    `);
  }

  if (after) {
    where.push(`${rowid} < ${slotOf(":at")} + ${SLOT}`);
    where.push(isAfter("d.sent_at", "c.id", "d.seq"));
  }
  const page = (more: readonly string[], inner: string): string =>
    `select * from (select ${columns}, 0 from ${from} ${conditions([...where, ...more])} order by ${inner} limit :limit)
     order by sent_at desc, conversation, seq desc`;
  const rows = all(page([], `${rowid} desc`));
  const last = rows.at(-1);
  if (rows.length <= limit || last === undefined) return rows;
  // Rows of one slot lie in no order of their own: those of the last one are chosen among all of it.
  const below = `${rowid} >= ${slotOf(":slot")} + ${SLOT}`;
  const within = `${rowid} >= ${slotOf(":slot")} and ${rowid} < ${slotOf(":slot")} + ${SLOT}`;
  const slot = { slot: last[2] };
  const above = all(page([below], `${rowid} desc`), slot);
  const missing = limit + 1 - above.length;
  return [...above, ...all(page([within], "d.sent_at desc, c.id, d.seq desc"), slot).slice(0, missing)];
}

const noFacets = (): SearchFacets => ({ total: 0, bySender: [], byConversation: [], byMonth: [] });

function facetsOf(db: DatabaseSyncInstance, { from, where, values }: Plan, limit: number): SearchFacets {
  const sql = `
    select d.sender, c.id, strftime('%Y-%m', d.sent_at / 1000.0, 'unixepoch'), count(*)
    from ${from} ${where.length === 0 ? "" : `where ${where.join(" and ")}`} group by 1, 2, 3
  `;
  const groups = db.prepare(sql).all(values) as [string, string, string, number][];
  const keyed = (column: 0 | 1 | 2): [string, number][] => groups.map((group) => [group[column], group[3]]);
  return {
    total: groups.reduce((total, group) => total + group[3], 0),
    bySender: countsOf(keyed(0), limit),
    byConversation: countsOf(keyed(1), limit),
    byMonth: monthsOf(keyed(2), limit),
  };
}
