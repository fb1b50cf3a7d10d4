import type { RangeQuery } from "../../../ports/viewStore.ts";

/*
 * The statements of rows. All of them are such that an engine can divide `rows` over machines by `partition`: those for one
 * partition name it, those for rows name the partition of each, and no statement joins rows with rows, numbers anything, or
 * writes in a subquery. Each is prepared once a connection, by its name.
 */

export type Statement = { name: string; text: string };

/** The least text above another one, in the order of bytes: no text holds U+0000. */
export const above = (text: string): string => `${text}\x01`;

/** The tables of a generation are named `<generation>/<name>`, and "0" is the byte after "/". */
export const tablesOf = (generation: string): { from: string; before: string } => ({
  from: `${generation}/`,
  before: `${generation}0`,
});

export type Statements = ReturnType<typeof statementsIn>;

/** The statements over the tables of a schema, whose name needs no escaping. */
export function statementsIn(schema: string) {
  const rows = `"${schema}".rows`;
  const checkpoints = `"${schema}".checkpoints`;
  const keys = "unnest($1::text[], $2::text[], $3::text[])";
  const rangeOf = (bounded: boolean, reverse: boolean): Statement => ({
    name: `range${bounded ? "Before" : ""}${reverse ? "Back" : ""}`,
    text: `SELECT sort, value FROM ${rows} WHERE tbl = $1 AND partition = $2 AND sort >= $3${bounded ? " AND sort < $5" : ""}
      ORDER BY sort ${reverse ? "DESC" : "ASC"} LIMIT $4`,
  });
  const ranges = [rangeOf(false, false), rangeOf(true, false), rangeOf(false, true), rangeOf(true, true)] as const;
  return {
    get: { name: "get", text: `SELECT value FROM ${rows} WHERE tbl = $1 AND partition = $2 AND sort = $3` },
    getMany: {
      name: "getMany",
      text: `SELECT k.place, r.value FROM ${keys} WITH ORDINALITY AS k (tbl, partition, sort, place)
        JOIN ${rows} r ON r.tbl = k.tbl AND r.partition = k.partition AND r.sort = k.sort`,
    },
    /** Table, partition, from (inclusive), limit, and before, if the query has that. */
    range: ({ before, reverse = false }: RangeQuery): Statement =>
      ranges[(before === undefined ? 0 : 1) + (reverse ? 2 : 0)] as Statement,
    /** Of so many rows, their partitions, and how many rows each has there. */
    partitions: {
      name: "partitions",
      text: `SELECT partition, count(*)::int FROM
          (SELECT partition FROM ${rows} WHERE tbl = $1 AND partition >= $2 ORDER BY partition LIMIT $3) AS passed
        GROUP BY partition ORDER BY partition`,
    },
    put: {
      name: "put",
      text: `INSERT INTO ${rows} (tbl, partition, sort, value)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
        ON CONFLICT (tbl, partition, sort) DO UPDATE SET value = excluded.value`,
    },
    del: {
      name: "del",
      text: `DELETE FROM ${rows} r USING ${keys} AS k (tbl, partition, sort)
        WHERE r.tbl = k.tbl AND r.partition = k.partition AND r.sort = k.sort`,
    },
    /** Rows of tables, in their order, from a row on; `limit`. */
    page: {
      name: "page",
      text: `SELECT tbl, partition, sort, value FROM ${rows} WHERE (tbl, partition, sort) >= ($1, $2, $3) AND tbl < $4
        ORDER BY tbl, partition, sort LIMIT $5`,
    },
    /** The row that follows after so many. */
    boundary: {
      name: "boundary",
      text: `SELECT tbl, partition, sort FROM ${rows} WHERE (tbl, partition, sort) >= ($1, $2, $3) AND tbl < $4
        ORDER BY tbl, partition, sort OFFSET $5 LIMIT 1`,
    },
    delBetween: {
      name: "delBetween",
      text: `DELETE FROM ${rows} WHERE (tbl, partition, sort) >= ($1, $2, $3) AND (tbl, partition, sort) < ($4, $5, $6)`,
    },
    nextTable: { name: "nextTable", text: `SELECT tbl FROM ${rows} WHERE tbl >= $1 AND tbl < $2 ORDER BY tbl LIMIT 1` },
    /** Of so many rows of a table: how many there are, and about their bytes, those of the index included. */
    weigh: {
      name: "weigh",
      text: `SELECT count(*)::int, coalesce(sum(pg_column_size(value) + 2 * (length(tbl) + length(partition) + length(sort)) + 60), 0)::float8
        FROM (SELECT tbl, partition, sort, value FROM ${rows} WHERE tbl = $1 LIMIT $2) AS passed`,
    },
    checkpoint: { name: "checkpoint", text: `SELECT position, anchor FROM ${checkpoints} WHERE generation = $1` },
    /** Those that stand at the same place, and where. Mostly these are all generations of a slice: they are moved together. */
    checkpoints: {
      name: "checkpoints",
      text: `SELECT array_agg(generation), position, anchor FROM ${checkpoints} WHERE generation = ANY ($1::text[])
        GROUP BY position, anchor`,
    },
    /** Generations, from, to, anchor. What stands elsewhere is not moved. */
    move: {
      name: "move",
      text: `UPDATE ${checkpoints} SET position = $3, anchor = coalesce($4, anchor)
        WHERE generation = ANY ($1::text[]) AND position = $2`,
    },
    /** Generations, to, anchor. What stands anywhere is not moved. */
    begin: {
      name: "begin",
      text: `INSERT INTO ${checkpoints} (generation, position, anchor) SELECT generation, $2, $3
        FROM unnest($1::text[]) AS generation ON CONFLICT (generation) DO NOTHING`,
    },
    /** A generation, and between which names those of its slices are. */
    forget: {
      name: "forget",
      text: `DELETE FROM ${checkpoints} WHERE generation = $1 OR (generation >= $2 AND generation < $3)`,
    },
  } satisfies Record<string, Statement | ((query: RangeQuery) => Statement)>;
}
