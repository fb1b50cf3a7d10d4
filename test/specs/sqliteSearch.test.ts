import { DatabaseSync } from "@photostructure/sqlite";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { searchFile } from "../../src/adapters/searchIndex/sqlite/database.ts";
import { sqliteSearchIndex } from "../../src/adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import { parseQuery } from "../../src/domain/words.ts";
import { Unavailable } from "../../src/ports/faults.ts";
import type { SearchDocument, SearchQuery } from "../../src/ports/searchIndex.ts";
import { tempDir } from "../support/tempDir.ts";

const message: SearchDocument = {
  conversationId: "g:a",
  seq: 1,
  version: "testlog0.00000000001",
  senderId: "ann",
  kind: "TEXT",
  topic: null,
  sentAt: 1,
  text: "下午开会",
};
const query: SearchQuery = { units: parseQuery("开会"), filter: {}, order: "NEWEST", limit: 10 };

describe("the search index in DATA_DIR", () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  beforeEach(async () => {
    folder = await tempDir();
  });
  afterEach(() => folder.remove());

  it("is as it was when it is opened again, in a folder that it makes", async () => {
    const dataDir = join(folder.path, "data");
    const before = await sqliteSearchIndex(dataDir);
    await before.put("search@1#1", [message], { from: null, to: message.version });
    await before.activate("search@1#1");
    await before.close();
    await before.close();
    await expect(before.search("search@1", query)).rejects.toThrow(Unavailable);
    const after = await sqliteSearchIndex(dataDir);
    expect((await after.search("search@1", query)).hits).toEqual([{ conversationId: "g:a", seq: 1, sentAt: 1 }]);
    expect(await after.generations("search@1")).toEqual([{ name: "search@1#1", checkpoint: message.version, active: true }]);
    await after.close();
  });

  it("orders messages of any time", async () => {
    const index = await sqliteSearchIndex(folder.path);
    const times = [253_402_300_799_999, -62_135_596_800_000, 0, -1, 8.64e15, 8.64e15 - 1, -8.64e15];
    await index.put(
      "search@1#1",
      times.map((sentAt, place) => ({ ...message, seq: place + 1, sentAt })),
    );
    const first = await index.search("search@1#1", { ...query, limit: 1 });
    const rest = await index.search("search@1#1", {
      ...query,
      after: first.hits[0] ?? { conversationId: "", seq: 0, sentAt: 0 },
    });
    expect([...first.hits, ...rest.hits].map((hit) => hit.sentAt)).toEqual([...times].sort((one, other) => other - one));
    await index.close();
  });

  it("is not opened where it is no index of this version", async () => {
    const file = searchFile(folder.path);
    const other = new DatabaseSync(file);
    other.exec("create table t (x); pragma application_id = 7");
    other.close();
    await expect(sqliteSearchIndex(folder.path)).rejects.toThrow(/another program/);
    await writeFile(file, "x".repeat(5_000));
    await expect(sqliteSearchIndex(folder.path)).rejects.toThrow(/may be deleted/);
  });
});
