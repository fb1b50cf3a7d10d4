import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { allowing } from "../../../src/adapters/searchIndex/sqlite/allowing.ts";
import { sqliteSearchIndex } from "../../../src/adapters/searchIndex/sqlite/sqliteSearchIndex.ts";
import { sending } from "../../../src/adapters/searchIndex/sqlite/sentVisible.ts";
import { tablesOf } from "../../../src/adapters/searchIndex/sqlite/tables.ts";
import { parseQuery } from "../../../src/domain/words.ts";
import { TookTooLong } from "../../../src/ports/faults.ts";
import type { SearchDocument, SearchQuery, Visible } from "../../../src/ports/searchIndex.ts";
import { keptVisible } from "../../support/keptVisible.ts";
import { tempDir } from "../../support/tempDir.ts";

type Kept = Visible & { kept: NonNullable<Visible["kept"]> };
const now = (kept: ReturnType<typeof keptVisible>): Kept => kept.now() as Kept;

describe("a set that a search's thread keeps", () => {
  const AT_MOST = 65;
  const tables = tablesOf(1);
  let db: InstanceType<typeof DatabaseSync>;
  beforeEach(() => {
    db = new DatabaseSync(":memory:", { returnArrays: true });
    db.exec(`create table ${tables.conversations} (number integer primary key, id text not null unique)`);
    db.exec(`insert into ${tables.conversations} (id) values ('g:1'), ('g:2'), ('g:3')`);
  });
  afterEach(() => db.close());
  const rows = () => db.prepare("select conversation, from_seq, to_seq from temp.allowed order by 1, 2").all() as unknown;

  it("is sent as a whole once, then as what changed, then by its name", () => {
    const sets = allowing(db);
    const sent = sending();
    const kept = keptVisible();
    kept.change("g:1", "all");
    const first = sent.of(now(kept));
    expect(first).toHaveProperty("all");
    expect(sets.keptSet(tables, first, AT_MOST)).toMatchObject({ conversations: [1], hasWindows: false });
    kept.change("g:3", [{ fromSeq: 4, toSeq: 5 }]);
    const second = sent.of(now(kept));
    expect(second).toMatchObject({ changes: [{ conversationId: "g:3" }] });
    expect(sets.keptSet(tables, second, AT_MOST)).toMatchObject({ conversations: [1, 3], hasWindows: true });
    expect(sent.of(now(kept))).toMatchObject({ changes: [] });
    expect(rows()).toEqual([
      [1, 0, Number.MAX_SAFE_INTEGER],
      [3, 4, 5],
    ]);
    kept.change("g:1", []);
    expect(sets.keptSet(tables, sent.of(now(kept)), AT_MOST)).toMatchObject({ conversations: [3] });
    expect(rows()).toEqual([[3, 4, 5]]);
  });

  it("gets the conversations that the index did not have, as they may be seen by then", () => {
    const sets = allowing(db);
    const sent = sending();
    const kept = keptVisible();
    for (const id of ["g:1", "g:4", "g:5", "g:6"]) kept.change(id, [{ fromSeq: 2 }]);
    const asked = () => sets.keptSet(tables, sent.of(now(kept)), AT_MOST)?.conversations;
    expect(asked()).toEqual([1]);
    kept.change("g:5", []);
    kept.change("g:6", "all");
    expect(asked()).toEqual([1]);
    db.exec(`insert into ${tables.conversations} (id) values ('g:4'), ('g:5'), ('g:other'), ('g:6')`);
    expect(asked()).toEqual([1, 4, 7]);
    expect(rows()).toEqual([
      [1, 2, Number.MAX_SAFE_INTEGER],
      [4, 2, Number.MAX_SAFE_INTEGER],
      [7, 0, Number.MAX_SAFE_INTEGER],
    ]);
  });

  it("is asked for as a whole where it was pushed out, forgotten, or never told", () => {
    const sets = allowing(db, 2_500);
    const sent = sending();
    const [one, two, three] = [keptVisible(), keptVisible(), keptVisible()];
    for (const kept of [one, two, three]) {
      for (const id of ["g:1", "g:2"]) kept.change(id, "all");
      expect(sets.keptSet(tables, sent.of(now(kept)), AT_MOST)).toBeDefined();
    }
    expect(sets.bytes()).toBeLessThanOrEqual(2_500);
    one.change("g:1", []);
    expect(sets.keptSet(tables, sent.of(now(one)), AT_MOST)).toBeUndefined();
    sent.lost(now(one).kept.id);
    expect(sets.keptSet(tables, sent.of(now(one)), AT_MOST)).toMatchObject({ conversations: [2] });
    sets.forget();
    expect(rows()).toEqual([]);
    expect(sets.keptSet(tables, sent.of(now(one)), AT_MOST)).toBeUndefined();
    expect(sets.keptSet(tables, { id: 1, version: 2, since: 1, changes: [] }, AT_MOST)).toBeUndefined();
  });

  it("does not go back to what an earlier search was sent", () => {
    const sets = allowing(db);
    const sent = sending();
    const kept = keptVisible();
    kept.change("g:1", "all");
    const waited = now(kept);
    kept.change("g:1", []);
    expect(sets.keptSet(tables, sent.of(now(kept)), AT_MOST)).toMatchObject({ conversations: [] });
    expect(sets.keptSet(tables, sent.of(waited), AT_MOST)).toMatchObject({ conversations: [] });
  });
});

describe("a search by what is kept", () => {
  const message = (conversationId: string, seq: number, text: string): SearchDocument => ({
    conversationId,
    seq,
    version: `testlog0.${String(seq).padStart(11, "0")}`,
    senderId: "ann",
    kind: "TEXT",
    topic: null,
    sentAt: seq,
    text,
  });
  const queryOf = (text: string, visible: Visible): SearchQuery => ({
    units: parseQuery(text),
    filter: { visible },
    order: "NEWEST",
    limit: 10,
  });

  it("finds by the rights of now after a search was given up, and in a thread that was started again", async () => {
    const folder = await tempDir();
    const kept = keptVisible();
    kept.change("g:a", "all");
    kept.change("g:b", "all");
    const open = async () => sqliteSearchIndex(folder.path, { searchMs: 60_000 });
    const seqs = async (index: Awaited<ReturnType<typeof open>>) =>
      (await index.search("search@1#1", queryOf("tea", kept.now()))).hits.map(({ seq }) => seq);
    const first = await open();
    await first.put("search@1#1", [message("g:a", 1, "tea"), message("g:b", 2, "tea")]);
    expect(await seqs(first)).toEqual([2, 1]);
    kept.change("g:b", []);
    // A search that fails gives its transaction up, and with it all that is kept there.
    await expect(first.search("search@2", queryOf("tea", kept.now()))).rejects.toThrow();
    expect(await seqs(first)).toEqual([1]);
    await first.close();
    const second = await open();
    expect(await seqs(second)).toEqual([1]);
    kept.change("g:a", []);
    expect(await seqs(second)).toEqual([]);
    await second.close();
    await folder.remove();
  });

  it("is given up in time, like any other", async () => {
    const folder = await tempDir();
    const index = await sqliteSearchIndex(folder.path, { searchMs: 0 });
    await index.put("search@1#1", [message("g:a", 1, "tea")]);
    const kept = keptVisible();
    kept.change("g:a", "all");
    await expect(index.search("search@1#1", queryOf("tea", kept.now()))).rejects.toThrow(TookTooLong);
    await index.close();
    await folder.remove();
  });
});
