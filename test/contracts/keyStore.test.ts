import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { postgresKeyStore } from "../../src/adapters/keyStore/postgres.ts";
import { sqliteKeyStore } from "../../src/adapters/keyStore/sqlite.ts";
import { postgresViewStore, removePostgresViews } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { bytesApart } from "../support/bytesApart.ts";
import { memoryKeys } from "../support/memoryKeys.ts";
import { realPostgres } from "../support/realPostgres.ts";
import { tempDir } from "../support/tempDir.ts";
import { keyStoreContract } from "./keyStore.contract.ts";

keyStoreContract("memory", () => {
  const store = memoryKeys();
  return { open: () => ({ ...store, close: async () => {} }), remove: async () => {} };
});

keyStoreContract("SQLite", async () => {
  const { path, remove } = await tempDir();
  return { open: () => sqliteKeyStore(join(path, "keys.db"), true), remove };
});

const real = realPostgres("the contract of the store of keys");
if (real)
  keyStoreContract("PostgreSQL", () => {
    const schema = real.newSchema();
    return { open: () => postgresKeyStore(real.url, schema), remove: async () => {} };
  });

if (real)
  test("keys in PostgreSQL stay when the views are dropped, or set aside", async () => {
    const schema = real.newSchema();
    const views = await postgresViewStore(real.url, { schema });
    const store = postgresKeyStore(real.url, schema);
    const kept = { id: "A".repeat(16), owner: "ann", month: "2026-12", master: "one", wrapped: "w" };
    try {
      await store.add([kept]);
      await views.close();
      await removePostgresViews(real.url, schema);
      expect(await store.find([kept.id])).toEqual([kept]);
    } finally {
      await store.close();
    }
  });

test("a file of keys is for this user alone, and is made only where keys are needed", async () => {
  const { path, remove } = await tempDir();
  try {
    const file = join(path, "keys.db");
    expect(sqliteKeyStore(file, false)).toBeUndefined();
    expect(await readdir(path)).toEqual([]);
    const store = sqliteKeyStore(file, true);
    for (const name of await readdir(path)) expect((await stat(join(path, name))).mode & 0o077, name).toBe(0);
    await store.close();
    const again = sqliteKeyStore(file, false);
    expect(await again?.counts()).toEqual({ keys: 0, destroyed: 0 });
    await again?.close();
  } finally {
    await remove();
  }
});

test("of a key that was destroyed, no file has a byte any more, also while others have the store open", async () => {
  const { path, remove } = await tempDir();
  try {
    const file = join(path, "keys.db");
    const [store, other] = [sqliteKeyStore(file, true), sqliteKeyStore(file, true)];
    const keyOf = (owner: string, index: number) => ({
      id: `${owner}${String(index).padStart(16 - owner.length, "0")}`,
      owner,
      month: `2026-${index}`,
      master: "one",
      wrapped: `planted-${owner}-${index}-`.padEnd(80, "x"),
    });
    for (const owner of ["ann", "bob"])
      for (let from = 0; from < 300; from += 50)
        await store.add(Array.from({ length: 50 }, (_, index) => keyOf(owner, from + index)));
    expect(other.find([keyOf("ann", 7).id])).toMatchObject([{ owner: "ann" }]);
    const planted = async (owner: string): Promise<string[]> => {
      const found: string[] = [];
      for (const name of await readdir(path)) if (bytesApart(join(path, name)).includes(`planted-${owner}-`)) found.push(name);
      return found;
    };
    expect(await planted("ann")).not.toEqual([]);
    expect(await store.destroy({ owner: "ann" })).toBe(300);
    expect(await planted("ann")).toEqual([]);
    expect(await planted("bob")).not.toEqual([]);
    await other.close();
    await store.close();
  } finally {
    await remove();
  }
});
