import { openDB } from "idb";

/** All that a store holds: whoever puts it back later has what a crash at this moment would have left. */
export type Copy = ReadonlyMap<string, readonly (readonly [key: IDBValidKey, value: unknown])[]>;

export async function copied(name: string): Promise<Copy> {
  const database = await openDB(name);
  // Of one moment: what is written together is copied together.
  const tx = database.transaction([...database.objectStoreNames]);
  const rows = await Promise.all(
    [...tx.objectStoreNames].map(async (store) => {
      const [keys, values] = await Promise.all([tx.objectStore(store).getAllKeys(), tx.objectStore(store).getAll()]);
      return [store, keys.map((key, index) => [key, values[index] as unknown] as const)] as const;
    }),
  );
  await tx.done;
  database.close();
  return new Map(rows);
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
