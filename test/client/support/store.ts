import { openDB } from "idb";

/** All that a store holds: whoever puts it back later has what a crash at this moment would have left. */
export type Copy = ReadonlyMap<string, readonly (readonly [key: string, value: unknown])[]>;

export async function copied(name: string): Promise<Copy> {
  const database = await openDB(name);
  const copy = new Map<string, (readonly [string, unknown])[]>();
  for (const store of database.objectStoreNames) {
    const keys = (await database.getAllKeys(store)) as string[];
    copy.set(
      store,
      await Promise.all(keys.map(async (key) => [key, (await database.get(store, key)) as unknown] as const)),
    );
  }
  database.close();
  return copy;
}

export async function putBack(name: string, copy: Copy): Promise<void> {
  const database = await openDB(name);
  for (const [store, rows] of copy) {
    const tx = database.transaction(store, "readwrite");
    await tx.store.clear();
    for (const [key, value] of rows) await (tx.store.keyPath === null ? tx.store.put(value, key) : tx.store.put(value));
    await tx.done;
  }
  database.close();
}
