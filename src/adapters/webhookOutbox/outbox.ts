import type { Open } from "../../ports/awaitable.ts";
import type { Position } from "../../ports/eventStore.ts";
import {
  type Delivery,
  type HookProgress,
  WEBHOOKS_LEASE_MS,
  WebhooksLost,
  type WebhookOutbox,
} from "../../ports/webhookOutbox.ts";
import type { Contents, OpenDatabase } from "../outbox/database.ts";
import { LEASE, leaseIn } from "../outbox/lease.ts";

/** What tells it apart from other outboxes. Positions are compared as bytes. */
export const WEBHOOKS: Contents = {
  what: "the outbox of webhooks",
  without: "hooks are told again all since they were put",
  tables: (prefix, bytes) => `
    CREATE TABLE IF NOT EXISTS ${prefix}webhook_state (${LEASE});
    CREATE TABLE IF NOT EXISTS ${prefix}webhook_hooks (
      hook text PRIMARY KEY, since text ${bytes} NOT NULL, place text ${bytes} NOT NULL, failing bigint);
    CREATE TABLE IF NOT EXISTS ${prefix}webhook_deliveries (
      hook text NOT NULL, position text ${bytes} NOT NULL, event text NOT NULL, stream text NOT NULL, revision bigint NOT NULL,
      conv text NOT NULL, planned bigint NOT NULL, attempts int NOT NULL, status int, error text, delivered bigint, due bigint,
      PRIMARY KEY (hook, position));
    CREATE INDEX IF NOT EXISTS webhook_deliveries_waiting ON ${prefix}webhook_deliveries (hook, conv, position)
      WHERE due IS NOT NULL`,
};

const COLUMNS = "hook, position, event, stream, revision, conv, planned, attempts, status, error, delivered, due";

function statementsIn(prefix: string) {
  const [hooks, deliveries] = [`${prefix}webhook_hooks`, `${prefix}webhook_deliveries`];
  return {
    progress: {
      name: "hooks-progress",
      text: `SELECT h.hook, h.since, h.place, h.failing,
          (SELECT count(*) FROM ${deliveries} d WHERE d.hook = h.hook AND d.due IS NOT NULL) FROM ${hooks} h ORDER BY h.hook`,
    },
    begin: {
      name: "hooks-begin",
      text: `INSERT INTO ${hooks} (hook, since, place, failing) VALUES ($1, $2, $2, NULL)
        ON CONFLICT (hook) DO UPDATE SET since = excluded.since, place = excluded.place, failing = NULL`,
    },
    forget: { name: "hooks-forget", text: `DELETE FROM ${hooks} WHERE hook = $1` },
    forgetAll: { name: "hooks-forget-all", text: `DELETE FROM ${deliveries} WHERE hook = $1` },
    giveUp: {
      name: "hooks-give-up",
      text: `UPDATE ${deliveries} SET due = NULL, error = $2 WHERE hook = $1 AND due IS NOT NULL`,
    },
    move: { name: "hooks-move", text: `UPDATE ${hooks} SET place = $2 WHERE hook = $1 AND place < $2` },
    add: {
      name: "hooks-add",
      text: `INSERT INTO ${deliveries} (hook, position, event, stream, revision, conv, planned, attempts, due)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $7) ON CONFLICT (hook, position) DO NOTHING`,
    },
    due: {
      name: "hooks-due",
      text: `SELECT ${COLUMNS} FROM ${deliveries} d WHERE hook = $1 AND due IS NOT NULL AND due <= $2 AND NOT EXISTS
          (SELECT 1 FROM ${deliveries} e WHERE e.hook = d.hook AND e.conv = d.conv AND e.due IS NOT NULL AND e.position < d.position)
        ORDER BY due, position LIMIT $3`,
    },
    /** What was given up while it was tried is not tried again. */
    settle: {
      name: "hooks-settle",
      text: `UPDATE ${deliveries} SET attempts = attempts + 1, status = $3, error = $4,
          due = CASE WHEN due IS NULL THEN NULL ELSE CAST($5 AS bigint) END,
          delivered = CASE WHEN CAST($6 AS bigint) IS NULL THEN delivered ELSE $6 END WHERE hook = $1 AND position = $2`,
    },
    well: { name: "hooks-well", text: `UPDATE ${hooks} SET failing = NULL WHERE hook = $1 AND failing IS NOT NULL` },
    fails: {
      name: "hooks-fails",
      text: `UPDATE ${hooks} SET failing = CASE WHEN failing IS NULL THEN $2 ELSE failing END WHERE hook = $1 RETURNING failing`,
    },
    sweep: { name: "hooks-sweep", text: `DELETE FROM ${deliveries} WHERE due IS NULL AND planned < $1` },
    /** The place of the newest one that is too many. */
    tooMany: {
      name: "hooks-too-many",
      text: `SELECT position FROM ${deliveries} WHERE hook = $1 ORDER BY position DESC LIMIT 1 OFFSET $2`,
    },
    trim: { name: "hooks-trim", text: `DELETE FROM ${deliveries} WHERE hook = $1 AND position <= $2 AND due IS NULL` },
    deliveries: {
      name: "hooks-deliveries",
      text: `SELECT ${COLUMNS} FROM ${deliveries} WHERE hook = $1 AND position < $2 ORDER BY position DESC LIMIT $3`,
    },
    again: {
      name: "hooks-again",
      text: `UPDATE ${deliveries} SET due = $3, planned = $3 WHERE hook = $1 AND position = $2 RETURNING hook`,
    },
  };
}

const numberOf = (value: unknown): number | undefined => (value === null || value === undefined ? undefined : Number(value));

const deliveryOf = (columns: unknown[]): Delivery => {
  const [hook, position, event, stream, revision, key, planned, attempts, status, error, delivered, due] = columns;
  return {
    hook: String(hook),
    position: String(position),
    event: String(event),
    stream: String(stream),
    revision: Number(revision),
    key: String(key),
    planned: Number(planned),
    attempts: Number(attempts),
    status: numberOf(status),
    error: typeof error === "string" ? error : undefined,
    deliveredAt: numberOf(delivered),
    due: numberOf(due),
  };
};

/** After every position. */
const END = "\u007f";

/** The outbox in a database. */
export function webhookOutboxIn(database: OpenDatabase): Open<WebhookOutbox> {
  const { prefix, within, close } = database;
  const sql = statementsIn(prefix);
  const { take, asHolder, release } = leaseIn(database, {
    name: "hooks",
    table: "webhook_state",
    ms: WEBHOOKS_LEASE_MS,
    lost: () => new WebhooksLost("another process delivers to webhooks"),
  });

  return {
    take: (holder) => take(holder, async () => true),
    progress: () =>
      within(async (ask) =>
        (await ask(sql.progress, [])).map(([hook, since, cursor, failing, waiting]): HookProgress => ({
          hook: String(hook),
          since: String(since),
          cursor: String(cursor),
          failingSince: numberOf(failing),
          waiting: Number(waiting),
        })),
      ),
    begin: (hook, since) =>
      asHolder(async (ask) => {
        await ask(sql.giveUp, [hook, "the webhook was put anew"]);
        await ask(sql.begin, [hook, since]);
      }),
    forget: (hook) =>
      asHolder(async (ask) => {
        await ask(sql.forgetAll, [hook]);
        await ask(sql.forget, [hook]);
      }),
    giveUp: (hook, error) => asHolder(async (ask) => void (await ask(sql.giveUp, [hook, error]))),
    plan: (hooks, to, deliveries, at) =>
      asHolder(async (ask) => {
        for (const { hook, position, event, stream, revision, key } of deliveries)
          await ask(sql.add, [hook, position, event, stream, revision, key, at]);
        for (const hook of hooks) await ask(sql.move, [hook, to]);
      }),
    due: (hook, at, limit) => within(async (ask) => (await ask(sql.due, [hook, at, limit])).map(deliveryOf)),
    settle: ({ hook, position }, { at, status = null, error = null, outcome }) =>
      asHolder(async (ask) => {
        const due = typeof outcome === "string" ? null : outcome.due;
        const isDelivered = outcome === "delivered";
        await ask(sql.settle, [hook, position, status, error, due, isDelivered ? at : null]);
        if (isDelivered) return void (await ask(sql.well, [hook]));
        if (outcome === "nothing") return undefined;
        const [failing] = await ask(sql.fails, [hook, at]);
        return numberOf(failing?.[0]);
      }),
    sweep: (before, most) =>
      asHolder(async (ask) => {
        await ask(sql.sweep, [before]);
        for (const [hook] of await ask(sql.progress, [])) {
          const [last] = await ask(sql.tooMany, [String(hook), most]);
          if (last) await ask(sql.trim, [String(hook), String(last[0])]);
        }
      }),
    release,
    deliveries: (hook, limit, before: Position = END) =>
      within(async (ask) => (await ask(sql.deliveries, [hook, before, limit])).map(deliveryOf)),
    again: (hook, position, at) => within(async (ask) => (await ask(sql.again, [hook, position, at])).length > 0),
    close,
  };
}
