import { setTimeout as delay } from "node:timers/promises";
import { explained } from "../../../ports/faults.ts";
import type { ViewStoreStatus } from "../../../ports/viewStore.ts";
import type { Asks } from "./sessions.ts";
import { above, type Statements, tablesOf } from "./statements.ts";

export const KIND = "postgresql";

const ABOUT = {
  name: "about",
  text: `SELECT current_setting('server_version'), coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'`,
};

/** How long the server is waited for, in milliseconds: whoever asks waits little longer. */
const ANSWER_MS = 1_500;

/** Describes the store. It never rejects. */
export async function statusOf(readers: Asks, schema: string, trouble: string | undefined): Promise<ViewStoreStatus> {
  const late = new AbortController();
  const silence = delay(ANSWER_MS, undefined, { signal: late.signal, ref: false }).catch(() => undefined);
  try {
    const said = await Promise.race([readers.ask<[string, number]>(ABOUT, [schema]), silence]);
    if (said === undefined) return { kind: KIND, trouble: trouble ?? `the server did not answer within ${ANSWER_MS} ms` };
    const [version = "", bytes = 0] = said.rows[0] ?? [];
    return { kind: KIND, version: version.split(" ")[0] ?? version, bytes, ...(trouble === undefined ? {} : { trouble }) };
  } catch (error) {
    return { kind: KIND, trouble: explained(error) };
  } finally {
    late.abort();
  }
}

/** So many rows of a table are weighed: metrics ask for all tables. How many more there are is the server's estimate. */
const WEIGHED = 2_000;

/** How many rows of a table there are, as the server counted them when it last looked. */
const ESTIMATE = {
  name: "estimate",
  text: `SELECT coalesce(sum(c.reltuples * common.share), 0)::float8
    FROM pg_stats s
    JOIN pg_namespace n ON n.nspname = s.schemaname
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
    CROSS JOIN LATERAL unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS common (tbl, share)
    WHERE s.schemaname = $1 AND s.attname = 'tbl' AND s.tablename ~ '^rows_[0-9]+$' AND common.tbl = $2`,
};

/** About how many bytes the rows of a generation take, with their index. */
export async function sizeOf(
  readers: Asks,
  { nextTable, weigh }: Statements,
  schema: string,
  generation: string,
): Promise<number> {
  const { from, before } = tablesOf(generation);
  let bytes = 0;
  for (let after = from; ;) {
    const [next] = (await readers.ask<[string]>(nextTable, [after, before])).rows;
    if (next === undefined) return Math.round(bytes);
    const [table] = next;
    const [count = 0, weight = 0] = (await readers.ask<[number, number]>(weigh, [table, WEIGHED])).rows[0] ?? [];
    bytes += weight;
    if (count === WEIGHED) {
      const [estimate = 0] = (await readers.ask<[number]>(ESTIMATE, [schema, table])).rows[0] ?? [];
      bytes += (weight / count) * Math.max(0, estimate - count);
    }
    after = above(table);
  }
}
