import { once } from "node:events";
import { Client, Pool } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Write } from "../../src/ports/viewStore.ts";

/** The driver and the server alone, over tables as the views have them. */
export type BarePostgres = {
  /** Writes pages of new rows, each by a COPY in a transaction of its own. */
  copy(pages: readonly string[]): Promise<void>;
  /** Forgets all rows. */
  empty(): Promise<void>;
  /** The last rows of a partition, as texts. */
  last(table: string, partition: string, limit: number): Promise<unknown[]>;
  /** So many rows by their names. */
  many(table: string, partitions: readonly string[], sorts: readonly string[]): Promise<unknown[]>;
  /** Brings what the server knows of its tables up to date. */
  analyse(): Promise<void>;
  /** The numbers of the server's processes, those of connections and the others. */
  processes(): Promise<number[]>;
  close(): Promise<void>;
};

/** `schema`: of tables that a view store has made. `readers`: the most connections that read. */
export async function barePostgres(url: string, schema: string, readers: number): Promise<BarePostgres> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const pool = new Pool({ connectionString: url, max: readers, options: "-c plan_cache_mode=force_generic_plan" });
  const rows = `"${schema}".rows`;
  const run = async (name: string, text: string, values: unknown[]): Promise<unknown[]> =>
    (await pool.query({ name, text, values, rowMode: "array" })).rows;
  return {
    copy: async (pages) => {
      for (const page of pages) {
        await client.query("BEGIN");
        const stream = client.query(copyFrom(`COPY ${rows} (tbl, partition, sort, value) FROM STDIN`));
        stream.end(page);
        await once(stream, "finish");
        await client.query("COMMIT");
      }
    },
    empty: async () => {
      await client.query(`TRUNCATE ${rows}`);
    },
    last: (table, partition, limit) =>
      run("last", `SELECT sort, value FROM ${rows} WHERE tbl = $1 AND partition = $2 ORDER BY sort DESC LIMIT $3`, [
        table,
        partition,
        limit,
      ]),
    many: (table, partitions, sorts) =>
      run(
        "many",
        `SELECT r.sort, r.value FROM unnest($2::text[], $3::text[]) AS k (partition, sort)
          JOIN ${rows} r ON r.tbl = $1 AND r.partition = k.partition AND r.sort = k.sort`,
        [table, partitions, sorts],
      ),
    analyse: async () => {
      await client.query(`VACUUM ANALYZE ${rows}`);
    },
    processes: async () => {
      const { rows: found } = await client.query<{ pid: number }>("SELECT pid FROM pg_stat_activity");
      return found.map(({ pid }) => pid);
    },
    close: async () => {
      await pool.end();
      await client.end();
    },
  };
}

/** Rows that are put, as a COPY takes them. */
export function copied(writes: readonly Write[]): string {
  const lines: string[] = [];
  const escaped = (text: string): string =>
    text.replaceAll("\\", "\\\\").replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  for (const write of writes) {
    if (write.op === "del") throw new Error("a COPY deletes nothing");
    const end = `\t${escaped(write.sort)}\t${escaped(JSON.stringify(write.value))}\n`;
    for (const partition of write.op === "putEach" ? write.partitions : [write.partition])
      lines.push(`${write.table}\t${escaped(partition)}${end}`);
  }
  return lines.join("");
}
