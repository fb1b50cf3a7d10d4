import type { Open } from "../../ports/awaitable.ts";
import type { Position } from "../../ports/eventStore.ts";
import {
  type Fan,
  LANES,
  OUTBOX_LEASE_MS,
  OutboxLost,
  PAUSE_MS,
  type PlannedPush,
  type PushOutbox,
  type PushRow,
} from "../../ports/pushOutbox.ts";
import type { Ask, Contents, OpenDatabase } from "../outbox/database.ts";
import { LEASE, leaseIn } from "../outbox/lease.ts";

/** What tells it apart from other outboxes. */
export const PUSHES: Contents = {
  what: "the outbox of pushes",
  without: "what waits in it is not pushed",
  tables: (prefix) => `
    CREATE TABLE IF NOT EXISTS ${prefix}push_state (${LEASE}, cursor text);
    CREATE TABLE IF NOT EXISTS ${prefix}pushes (
      usr text NOT NULL, conversation text NOT NULL, device text NOT NULL,
      lane int NOT NULL, first bigint NOT NULL, seq bigint NOT NULL, mention bigint NOT NULL, since bigint NOT NULL,
      due bigint, tries int NOT NULL, shown bigint NOT NULL, shown_at bigint NOT NULL, clear int NOT NULL,
      PRIMARY KEY (usr, conversation, device));
    CREATE INDEX IF NOT EXISTS pushes_due ON ${prefix}pushes (lane, due) WHERE due IS NOT NULL;
    CREATE INDEX IF NOT EXISTS pushes_shown ON ${prefix}pushes (shown_at) WHERE due IS NULL;
    CREATE TABLE IF NOT EXISTS ${prefix}push_fans (
      conversation text PRIMARY KEY, began bigint NOT NULL, seq bigint NOT NULL, mention bigint NOT NULL, place text NOT NULL,
      next bigint NOT NULL, next_mention bigint NOT NULL)`,
};

const COLUMNS = "usr, conversation, device, lane, first, seq, mention, since, shown, clear, tries";

function statementsIn(prefix: string) {
  const [state, pushes, fans] = [`${prefix}push_state`, `${prefix}pushes`, `${prefix}push_fans`];
  const max = (one: string, other: string): string => `CASE WHEN ${one} > ${other} THEN ${one} ELSE ${other} END`;
  // What waits without being told yet goes on waiting, and what came now is told with it.
  const waits = "(p.due IS NOT NULL AND p.clear = 0)";
  const isShown = "(shown > 0 AND shown <= $3)";
  return {
    cursor: { name: "push-cursor", text: `SELECT cursor FROM ${state} WHERE id = 1` },
    move: { name: "push-move", text: `UPDATE ${state} SET cursor = $1 WHERE id = 1` },
    forget: { name: "push-forget", text: `DELETE FROM ${pushes}` },
    forgetFans: { name: "push-forget-fans", text: `DELETE FROM ${fans}` },
    add: {
      name: "push-add",
      text: `INSERT INTO ${pushes} AS p (usr, conversation, device, lane, first, seq, mention, since, due, tries, shown, shown_at, clear)
        VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $7, 0, 0, 0, 0)
        ON CONFLICT (usr, conversation, device) DO UPDATE SET
          lane = CASE WHEN ${waits} AND p.lane < excluded.lane THEN p.lane ELSE excluded.lane END,
          first = CASE WHEN ${waits} AND p.first < excluded.first THEN p.first ELSE excluded.first END,
          seq = ${max("p.seq", "excluded.seq")},
          mention = CASE WHEN ${waits} AND p.mention > excluded.mention THEN p.mention ELSE excluded.mention END,
          since = CASE WHEN ${waits} THEN p.since ELSE excluded.since END,
          due = CASE WHEN ${waits} THEN p.due ELSE ${max("excluded.due", `p.shown_at + ${PAUSE_MS}`)} END,
          tries = CASE WHEN ${waits} THEN p.tries ELSE 0 END,
          clear = 0
        WHERE excluded.seq > p.seq OR excluded.mention > p.mention`,
    },
    read: {
      name: "push-read",
      text: `UPDATE ${pushes} SET tries = 0, lane = ${LANES.clear},
          due = CASE WHEN ${isShown} THEN CAST($4 AS bigint) ELSE NULL END, clear = CASE WHEN ${isShown} THEN 1 ELSE 0 END
        WHERE usr = $1 AND conversation = $2 AND seq <= $3 AND clear = 0 AND (due IS NOT NULL OR shown > 0)`,
    },
    due: {
      name: "push-due",
      text: `SELECT ${COLUMNS} FROM ${pushes} WHERE due IS NOT NULL AND due <= $1 AND lane >= $2 AND lane <= $3
        ORDER BY lane, due LIMIT $4`,
    },
    /** By lane, so that the index leads to it. */
    next: {
      name: "push-next",
      text: `SELECT min(due) FROM (${Object.values(LANES)
        .map((lane) => `SELECT min(due) AS due FROM ${pushes} WHERE lane = ${lane} AND due > $1`)
        .join(" UNION ALL ")}) AS lanes`,
    },
    /** What came while it was under way is told after a pause. */
    told: {
      name: "push-told",
      text: `UPDATE ${pushes} SET shown = CASE WHEN clear = 1 AND seq = CAST($4 AS bigint) THEN 0 ELSE ${max("shown", "CAST($4 AS bigint)")} END, shown_at = CAST($5 AS bigint),
          tries = 0, first = CASE WHEN seq > CAST($4 AS bigint) THEN CAST($4 AS bigint) + 1 ELSE first END,
          since = CASE WHEN seq > CAST($4 AS bigint) THEN CAST($5 AS bigint) ELSE since END,
          mention = CASE WHEN mention > CAST($4 AS bigint) THEN mention ELSE 0 END,
          due = CASE WHEN seq > CAST($4 AS bigint) THEN CAST($5 AS bigint) + ${PAUSE_MS} ELSE NULL END, clear = CASE WHEN seq > CAST($4 AS bigint) THEN clear ELSE 0 END
        WHERE usr = $1 AND conversation = $2 AND device = $3 AND clear = $6`,
    },
    /** It was read while it was under way: now something is shown that is to be taken away. */
    toldTooLate: {
      name: "push-told-late",
      text: `UPDATE ${pushes} SET shown = CAST($4 AS bigint), shown_at = CAST($5 AS bigint), due = CAST($5 AS bigint) + ${PAUSE_MS}, clear = 1, lane = ${LANES.clear}
        WHERE usr = $1 AND conversation = $2 AND device = $3 AND seq <= $4 AND clear = 0 AND due IS NULL AND shown < $4`,
    },
    dropped: {
      name: "push-dropped",
      text: `UPDATE ${pushes} SET tries = 0, mention = CASE WHEN mention > CAST($4 AS bigint) THEN mention ELSE 0 END,
          first = CASE WHEN seq > CAST($4 AS bigint) THEN CAST($4 AS bigint) + 1 ELSE first END, due = CASE WHEN seq > CAST($4 AS bigint) THEN due ELSE NULL END,
          shown = CASE WHEN clear = 1 AND seq = CAST($4 AS bigint) THEN 0 ELSE shown END
        WHERE usr = $1 AND conversation = $2 AND device = $3 AND clear = CAST($5 AS bigint)`,
    },
    tidy: {
      name: "push-tidy",
      text: `DELETE FROM ${pushes} WHERE usr = $1 AND conversation = $2 AND device = $3 AND due IS NULL AND shown = 0`,
    },
    later: {
      name: "push-later",
      text: `UPDATE ${pushes} SET due = CAST($4 AS bigint), tries = CAST($5 AS bigint)
        WHERE usr = $1 AND conversation = $2 AND device = $3 AND due IS NOT NULL AND clear = $6`,
    },
    addFan: {
      name: "push-add-fan",
      text: `INSERT INTO ${fans} AS f (conversation, began, seq, mention, place, next, next_mention) VALUES ($1, $4, $2, $3, '', 0, 0)
        ON CONFLICT (conversation) DO UPDATE SET
          seq = CASE WHEN f.place = '' THEN excluded.seq ELSE f.seq END,
          mention = CASE WHEN f.place = '' AND excluded.mention > 0 THEN excluded.mention ELSE f.mention END,
          next = CASE WHEN f.place = '' THEN f.next ELSE excluded.seq END,
          next_mention = CASE WHEN f.place <> '' AND excluded.mention > 0 THEN excluded.mention ELSE f.next_mention END`,
    },
    fan: {
      name: "push-fan",
      text: `SELECT conversation, seq, mention, place, next, next_mention FROM ${fans} WHERE began <= $1
        ORDER BY began, conversation LIMIT 1`,
    },
    /** Who was gone through goes to the end of the queue, so that each of several goes on. */
    fanOn: { name: "push-fan-on", text: `UPDATE ${fans} SET place = $2, began = $3 WHERE conversation = $1` },
    fanAgain: {
      name: "push-fan-again",
      text: `UPDATE ${fans} SET began = $2, seq = next, mention = next_mention, place = '', next = 0, next_mention = 0
        WHERE conversation = $1 AND next > 0`,
    },
    fanOver: { name: "push-fan-over", text: `DELETE FROM ${fans} WHERE conversation = $1 AND next = 0` },
    sweep: { name: "push-sweep", text: `DELETE FROM ${pushes} WHERE due IS NULL AND shown_at < $1` },
    counts: { name: "push-counts", text: `SELECT count(*), min(since) FROM ${pushes} WHERE due IS NOT NULL` },
  };
}

const rowOf = (columns: unknown[]): PushRow => {
  const [user, conversation, device, ...numbers] = columns as [string, string, string, ...(number | string)[]];
  const [lane = 0, first = 0, seq = 0, mentionSeq = 0, since = 0, shown = 0, clear = 0, tries = 0] = numbers.map(Number);
  return { user, conversation, device, lane, first, seq, mentionSeq, since, shown, clear: clear === 1, tries };
};

/** The outbox in a database. */
export function pushOutboxIn(database: OpenDatabase): Open<PushOutbox> {
  const { prefix, within, close } = database;
  const sql = statementsIn(prefix);
  const { take, asHolder, release } = leaseIn(database, {
    name: "push",
    table: "push_state",
    ms: OUTBOX_LEASE_MS,
    lost: () => new OutboxLost("another process has the outbox of pushes"),
  });

  const add = async (ask: Ask, news: readonly PlannedPush[], at: number): Promise<void> => {
    for (const { user, conversation, device, lane, seq, mentions } of news)
      await ask(sql.add, [user, conversation, device, lane, seq, mentions ? seq : 0, at]);
  };

  return {
    take: (holder) =>
      take(holder, async (ask) => {
        const [[cursor] = []] = (await ask(sql.cursor, [])) as [[Position | null]?];
        return { cursor: cursor ?? undefined };
      }),
    keep: () => asHolder(async () => {}),
    begin: (at) =>
      asHolder(async (ask) => {
        await ask(sql.forget, []);
        await ask(sql.forgetFans, []);
        await ask(sql.move, [at]);
      }),
    plan: ({ to, now: at, clearAt, news, reads, fans }) =>
      asHolder(async (ask) => {
        await add(ask, news, at);
        for (const { conversation, seq, mentions } of fans) await ask(sql.addFan, [conversation, seq, mentions ? seq : 0, at]);
        for (const { user, conversation, seq } of reads) await ask(sql.read, [user, conversation, seq, clearAt]);
        await ask(sql.move, [to]);
      }),
    due: (at, from, to, limit) => within(async (ask) => (await ask(sql.due, [at, from, to, limit])).map(rowOf)),
    next: (after) =>
      within(async (ask) => {
        const [[due] = []] = await ask(sql.next, [after]);
        return due === null || due === undefined ? undefined : Number(due);
      }),
    settle: (settled) =>
      asHolder(async (ask) => {
        for (const { row, at, outcome } of settled) {
          const key = [row.user, row.conversation, row.device];
          const clear = Number(row.clear);
          if (outcome === "told") {
            if (!row.clear) await ask(sql.toldTooLate, [...key, row.seq, at]);
            await ask(sql.told, [...key, row.seq, at, clear]);
          } else if (outcome === "dropped") await ask(sql.dropped, [...key, row.seq, clear]);
          else await ask(sql.later, [...key, outcome.due, outcome.tries, clear]);
          await ask(sql.tidy, key);
        }
      }),
    fan: (at) =>
      within(async (ask) => {
        const [found] = (await ask(sql.fan, [at])) as [string, number, number, string, number, number][];
        if (found === undefined) return undefined;
        const [conversation, seq, mention, after, next, nextMention] = found;
        return {
          conversation,
          seq: Number(seq),
          mentionSeq: Number(mention),
          after,
          next: Number(next),
          nextMention: Number(nextMention),
        } satisfies Fan;
      }),
    fanOut: ({ fan: { conversation }, after, now: at, news }) =>
      asHolder(async (ask) => {
        await add(ask, news, at);
        if (after !== undefined) return void (await ask(sql.fanOn, [conversation, after, at]));
        await ask(sql.fanOver, [conversation]);
        await ask(sql.fanAgain, [conversation, at]);
      }),
    sweep: (before) => asHolder(async (ask) => void (await ask(sql.sweep, [before]))),
    counts: () =>
      within(async (ask) => {
        const [[count, since] = []] = await ask(sql.counts, []);
        return { waiting: Number(count), since: since === null || since === undefined ? undefined : Number(since) };
      }),
    release,
    close,
  };
}
