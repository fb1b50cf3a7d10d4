import { expect, test } from "vitest";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditDirectory, sqliteTreeStore } from "../../src/adapters/auditTree/sqliteTreeStore.ts";
import { memoryTree } from "../support/memoryTree.ts";
import { tempDir } from "../support/tempDir.ts";
import { auditTreeContract } from "./auditTree.contract.ts";

auditTreeContract("memory", () => ({ store: memoryTree(), close: async () => {} }));

auditTreeContract("SQLite", async () => {
  const directory = await tempDir();
  const store = sqliteTreeStore(directory.path, "aaaaaaaa", true);
  return {
    store,
    close: async () => {
      await store.close();
      await directory.remove();
    },
  };
});

test("a tree in SQLite stays, and is read while it is written", async () => {
  const directory = await tempDir();
  try {
    expect(sqliteTreeStore(directory.path, "aaaaaaaa", false)).toBeUndefined();
    const store = sqliteTreeStore(directory.path, "aaaaaaaa", true);
    const reader = sqliteTreeStore(directory.path, "aaaaaaaa", false);
    await store.grow(undefined, { size: 1, position: "p" }, [], []);
    expect(await reader?.extent()).toEqual({ size: 1, position: "p" });
    await reader?.close();
    await store.close();
    const again = sqliteTreeStore(directory.path, "aaaaaaaa", true);
    expect(await again.extent()).toEqual({ size: 1, position: "p" });
    await again.close();
    await writeFile(
      join(auditDirectory(directory.path), "bbbbbbbb.sqlite"),
      "not a database, but some text that is long enough".repeat(40),
    );
    expect(() => sqliteTreeStore(directory.path, "bbbbbbbb", true)).toThrow("cannot be used");
  } finally {
    await directory.remove();
  }
});
