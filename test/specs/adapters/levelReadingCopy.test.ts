import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { levelViewStore } from "../../../src/adapters/viewStore/level/levelViewStore.ts";
import { defaultTuning, openFirst } from "../../../src/adapters/viewStore/level/open.ts";
import { readingCopy, ViewStoreBusy } from "../../../src/adapters/viewStore/level/readingCopy.ts";
import { tempDir } from "../../support/tempDir.ts";

let folder: Awaited<ReturnType<typeof tempDir>>;
beforeEach(async () => {
  folder = await tempDir();
});
afterEach(() => folder.remove());

const put = (sort: string) => ({ op: "put", table: "t@1#1/rows", partition: "p", sort, value: sort }) as const;

/** A closed store with rows in tables and others in its write-ahead file. */
async function written(): Promise<string> {
  const directory = join(folder.path, "views");
  for (const sort of ["in a table", "in the write-ahead file"]) {
    const store = await levelViewStore(directory);
    await store.commit([put(sort)], []);
    await store.close();
  }
  return directory;
}

const contents = async (directory: string) =>
  Promise.all((await readdir(directory)).sort().map(async (name) => [name, await readFile(join(directory, name), "base64")]));

test("a copy has every row, and what is done with it leaves the store as it was", async () => {
  const directory = await written();
  const before = await contents(directory);
  const copy = await readingCopy(directory);
  const store = await levelViewStore(copy.path);
  expect((await store.range("t@1#1/rows", "p", { limit: 9 })).map(({ sort }) => sort)).toEqual([
    "in a table",
    "in the write-ahead file",
  ]);
  await store.commit([put("only in the copy")]);
  await store.drop("t@1#1");
  await store.close();
  await copy.remove();
  expect(await contents(directory)).toEqual(before);
  await expect(readdir(copy.path)).rejects.toThrow("ENOENT");
});

test("a copy keeps what it has while the store is opened, and its tables are merged away", async () => {
  const directory = await written();
  const copy = await readingCopy(directory);
  const handle = await openFirst(directory, defaultTuning);
  await handle.clear();
  await handle.compactRange("\0", "\uffff");
  await handle.close();
  const store = await levelViewStore(copy.path);
  expect((await store.range("t@1#1/rows", "p", { limit: 9 })).map(({ sort }) => sort)).toEqual([
    "in a table",
    "in the write-ahead file",
  ]);
  await store.close();
  await copy.remove();
});

test("a store that somebody left in the middle of a change is not copied", async () => {
  const directory = await written();
  await rm(join(directory, "CURRENT"));
  await expect(readingCopy(directory)).rejects.toBeInstanceOf(ViewStoreBusy);
});

test("damage that was found before is known in the copy", async () => {
  const directory = await written();
  await writeFile(join(directory, "CORRUPT"), "a row is no JSON");
  const copy = await readingCopy(directory);
  await expect(levelViewStore(copy.path)).rejects.toMatchObject({ name: "ViewStoreCorrupt" });
  await copy.remove();
});
