import { DatabaseSync } from "@photostructure/sqlite";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { searchFile } from "../../../src/adapters/searchIndex/sqlite/database.ts";
import { localSearchIndex } from "../../../src/adapters/searchIndex/sqlite/localSearchIndex.ts";
import { sqliteSearchIndex } from "../../../src/adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import { parseQuery } from "../../../src/domain/words.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import { DamagedIndex, explained, Unavailable } from "../../../src/ports/faults.ts";
import type { DirectoryEntry, SearchDocument, SearchIndex, SearchQuery } from "../../../src/ports/searchIndex.ts";
import { tempDir } from "../../support/tempDir.ts";

const message = {
  conversationId: "g:a",
  seq: 1,
  version: "testlog0.00000000001",
  senderId: "ann",
  kind: "TEXT",
  topic: null,
  sentAt: 1,
  text: "下午开会",
} satisfies SearchDocument;
const position = (place: number): string => `testlog0.${(place + 1).toString(36).padStart(11, "0")}`;
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
    const makeOther = (): void => {
      const other = new DatabaseSync(file);
      other.exec("create table t (x); pragma application_id = 7");
      other.close();
    };
    makeOther();
    for (const open of [sqliteSearchIndex, localSearchIndex]) {
      const whyNot = async (message: string): Promise<string> => {
        const error: unknown = await open(folder.path).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(message.endsWith("damaged") ? DamagedIndex : Unavailable);
        // The file is for operators alone.
        expect((error as Error).message).toBe(message);
        return explained(error);
      };
      expect(await whyNot("the search index cannot be opened")).toMatch(/another program/);
      await writeFile(file, "x".repeat(5_000));
      expect(await whyNot("the search index is damaged")).toMatch(/search\.sqlite: file is not a database/);
      await rm(file);
      const later = new DatabaseSync(file);
      later.exec(`pragma application_id = ${0x54696453}; pragma user_version = 1; create table t (x)`);
      later.close();
      expect(await whyNot("the search index is damaged")).toMatch(/another version of Tidings/);
      await rm(file);
      makeOther();
    }
  });

  it("says how it is when it is closed too", async () => {
    for (const open of [sqliteSearchIndex, localSearchIndex]) {
      const index = await open(folder.path);
      expect(await index.status()).toMatchObject({ kind: "sqlite", reachable: true, version: expect.any(String) as string });
      await index.close();
      expect(await index.status()).toEqual({ kind: "sqlite", reachable: false, detail: "the search index is closed" });
    }
  });
});

describe("the search index in two threads", () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let writer: Open<SearchIndex>;
  let reader: Open<SearchIndex>;
  beforeEach(async () => {
    folder = await tempDir();
    [writer, reader] = await Promise.all([localSearchIndex(folder.path), sqliteSearchIndex(folder.path)]);
  });
  afterEach(async () => {
    await reader.close();
    await writer.close();
    await folder.remove();
  });

  const user = (id: string): DirectoryEntry => ({
    entry: "USER",
    id,
    version: message.version,
    name: "李安",
    handle: null,
    tags: [{ name: "tag", score: 1 }],
    category: null,
    place: { latitude: 1, longitude: 1 },
    public: true,
  });
  const users = Array.from({ length: 30 }, (_, place) => user(`u${place}`));
  const messages = Array.from({ length: 30 }, (_, place): SearchDocument => ({ ...message, seq: place + 1 }));

  it("is opened by several at once where it is new", async () => {
    for (let round = 0; round < 8; round++) {
      const dataDir = join(folder.path, `new${round}`);
      const opened = await Promise.all([sqliteSearchIndex(dataDir), sqliteSearchIndex(dataDir), localSearchIndex(dataDir)]);
      const [first, ...others] = opened;
      await first.put("search@1#1", [message]);
      for (const other of others) expect(await other.messages("search@1#1", null, 9)).toEqual([message]);
      await Promise.all(opened.map((each) => each.close()));
    }
  });

  it("finds what the other one has written, at once", async () => {
    const find = (run: number) => reader.find(`search@1#${run}`, { entry: "USER", limit: 9, tags: ["tag"] });
    await expect(reader.search("search@1", query)).rejects.toThrow(Unavailable);
    for (const run of [1, 2]) {
      await writer.put(`search@1#${run}`, [message, user("u1")], { from: null, to: message.version });
      await writer.activate(`search@1#${run}`);
      expect((await reader.search("search@1", query)).hits).toHaveLength(1);
      expect((await find(run)).hits).toHaveLength(1);
      expect(await reader.get(`search@1#${run}`, ["u1"])).toEqual([user("u1")]);
      await writer.put(`search@1#${run}`, [{ ...message, seq: 2 }, user("u2")]);
      expect((await reader.search("search@1", query)).hits).toHaveLength(2);
      expect((await find(run)).hits).toHaveLength(2);
    }
    await writer.drop("search@1#1");
    await expect(find(1)).rejects.toThrow(Unavailable);
    expect(await reader.generations("search@1")).toEqual([{ name: "search@1#2", checkpoint: message.version, active: true }]);
  });

  it("is read whole while generations are made, swapped and dropped", async () => {
    await writer.put("search@1#0", [...messages, ...users]);
    await writer.activate("search@1#0");
    for (let run = 1; run <= 25; run++) {
      // They are read while this thread writes.
      const reads = Array.from({ length: 40 }, async () => {
        const found = await reader.search("search@1", { ...query, limit: 99, facets: 9 });
        const near = { latitude: 1, longitude: 1, radius: 9 };
        const people = await reader.find("search@1", { entry: "USER", limit: 99, near, tags: ["tag"] });
        return [found.hits.length, found.facets?.total, people.hits.length];
      });
      const writes = [
        writer.put(`search@1#${run}`, [...messages, ...users]),
        writer.activate(`search@1#${run}`),
        writer.drop(`search@1#${run - 1}`),
      ];
      await Promise.all(writes);
      expect(new Set((await Promise.all(reads)).map(String))).toEqual(new Set(["30,30,30"]));
    }
  });

  it("keeps its write-ahead log short while others read all the time", async () => {
    const another = await sqliteSearchIndex(folder.path);
    await writer.put("search@1#1", messages);
    const reads = [reader, another].flatMap((index) =>
      Array.from({ length: 3_000 }, () => index.search("search@1#1", { ...query, facets: 9 })),
    );
    const text = " ".repeat(500_000);
    let longest = 0;
    for (let round = 0; round < 60; round++) {
      const documents = Array.from({ length: 5 }, (_, place) => ({ ...message, seq: place + 1, text, version: position(round) }));
      await writer.put("search@1#2", documents);
      longest = Math.max(longest, (await stat(`${searchFile(folder.path)}-wal`)).size);
    }
    for (const { hits } of await Promise.all(reads)) expect(hits).toHaveLength(10);
    await another.close();
    // 150 MB were written; the log is 64 MB long at most, and the last write.
    expect(longest).toBeLessThan(70 * 2 ** 20);
  });
});
