import { postgresViewStore, removePostgresViews } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import type { RealPostgres } from "./realPostgres.ts";

/** Gives views on PostgreSQL in a schema of their own, which is removed afterwards. */
export async function withPostgresViews<T>(
  { url, newSchema }: RealPostgres,
  work: (store: Open<ViewStore>) => Promise<T>,
): Promise<T> {
  const schema = newSchema();
  const store = await postgresViewStore(url, { schema });
  try {
    return await work(store);
  } finally {
    await store.close();
    await removePostgresViews(url, schema);
  }
}

/** Every row of a generation as text: `generation/table partition sort value`. */
export async function linesOf(store: Pick<ViewStore, "snapshot">, generation: string): Promise<string[]> {
  const snapshot = await store.snapshot();
  try {
    const rows = await snapshot.rows(generation, undefined, Number.MAX_SAFE_INTEGER);
    return rows.map(({ table, partition, sort, text }) => `${generation}/${table} ${partition} ${sort} ${text}`);
  } finally {
    await snapshot.close();
  }
}
