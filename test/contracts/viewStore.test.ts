import { levelViewStore, sharedLevelViewStore } from "../../src/adapters/viewStore/level/levelViewStore.ts";
import { postgresViewStore, postgresViewStoreAt } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Awaitable, Open } from "../../src/ports/awaitable.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { realPostgres } from "../support/realPostgres.ts";
import { tempDir } from "../support/tempDir.ts";
import { viewStoreContract } from "./viewStore.contract.ts";

const kept = { rows: ["test/rows"], ranges: ["test/rows"], bytes: 1_048_576 };

/** Reads so often that what may be kept at hand is read from there. */
const readingOften = (store: Open<ViewStore>): Open<ViewStore> => {
  const often = async <T>(read: () => Awaitable<T>): Promise<T> => {
    await read();
    await read();
    return read();
  };
  return {
    ...store,
    get: (...asked) => often(() => store.get(...asked)),
    getMany: (keys) => often(() => store.getMany(keys)),
    range: (...asked) => often(() => store.range(...asked)),
  };
};

const viewStores: Record<string, () => Promise<Open<ViewStore>>> = {
  level: async () => {
    const folder = await tempDir();
    const store = await levelViewStore(folder.path);
    const close = async (): Promise<void> => {
      await store.close();
      await folder.remove();
    };
    return { ...store, close };
  },
  "level, a share of another thread's": async () => {
    const folder = await tempDir();
    const owner = await levelViewStore(folder.path);
    const store = await sharedLevelViewStore(owner.share());
    const close = async (): Promise<void> => {
      await store.close();
      await owner.close();
      await folder.remove();
    };
    return { ...store, close };
  },
  "level, rows at hand": async () => {
    const folder = await tempDir();
    const store = readingOften(await levelViewStore(folder.path, { kept }));
    const close = async (): Promise<void> => {
      await store.close();
      await folder.remove();
    };
    return { ...store, close };
  },
};

const real = realPostgres("the view store contract");
if (real) {
  viewStores["PostgreSQL"] = () => postgresViewStore(real.url, { schema: real.newSchema() });
  viewStores["PostgreSQL, of another thread"] = async () => {
    const owner = await postgresViewStore(real.url, { schema: real.newSchema() });
    const store = postgresViewStoreAt(owner.place());
    const close = async (): Promise<void> => {
      await store.close();
      await owner.close();
    };
    return { ...store, close };
  };
  viewStores["PostgreSQL, rows at hand"] = async () =>
    readingOften(await postgresViewStore(real.url, { schema: real.newSchema(), kept }));
}

for (const [name, open] of Object.entries(viewStores)) viewStoreContract(name, open);
