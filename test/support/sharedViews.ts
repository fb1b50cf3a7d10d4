import { onTestFinished } from "vitest";
import {
  type PostgresThreadStore,
  postgresViewStore,
  postgresViewStoreAt,
} from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { RealPostgres } from "./realPostgres.ts";

/** Views of their own that several servers share, until the test is over. Each call opens them for one server or reader. */
export async function sharedViews({ url, newSchema }: RealPostgres): Promise<() => PostgresThreadStore> {
  const owner = await postgresViewStore(url, { schema: newSchema(), shared: true });
  onTestFinished(() => owner.close());
  return () => {
    const store = postgresViewStoreAt(owner.place());
    onTestFinished(() => store.close());
    return store;
  };
}
