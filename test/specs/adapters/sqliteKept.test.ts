import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localSearchIndex } from "../../../src/adapters/searchIndex/sqlite/localSearchIndex.ts";
import { parseQuery } from "../../../src/domain/words.ts";
import type { Open } from "../../../src/ports/awaitable.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import type { SearchDocument, SearchFilter, SearchIndex } from "../../../src/ports/searchIndex.ts";
import { tempDir } from "../../support/tempDir.ts";

type Live = Extract<SearchDocument, { text: string }>;
type Visible = NonNullable<SearchFilter["visible"]>;

const GENERATION = "search@1#1";
const position = (place: number): string => `testlog0.${place.toString(36).padStart(11, "0")}`;
const message = (conversationId: string, seq = 1, more: Partial<Live> = {}): Live => ({
  conversationId,
  seq,
  version: position(seq),
  senderId: "ann",
  kind: "TEXT",
  topic: null,
  sentAt: seq,
  text: "下午开会",
  ...more,
});
const groups = (count: number): string[] => Array.from({ length: count }, (_, number) => `g:${number}`);

describe("what the embedded search index keeps in memory", () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let index: Open<SearchIndex>;
  beforeEach(async () => {
    folder = await tempDir();
    index = await localSearchIndex(folder.path);
  });
  afterEach(async () => {
    await index.close();
    await folder.remove();
  });

  const found = async (visible: Visible, text = "开会", target = GENERATION): Promise<string[]> => {
    const query = { units: parseQuery(text), filter: { visible }, order: "NEWEST", limit: 100 } as const;
    return (await index.search(target, query)).hits.map(({ conversationId, seq }) => `${conversationId}:${seq}`);
  };
  const wholly = (conversationIds: readonly string[]): Visible => ({ conversationIds, windows: [] });

  it.each([1, 64, 65, 1_000])("finds conversations that come later, among %i that may be found", async (count) => {
    const visible = wholly(groups(count));
    await index.put(GENERATION, [message("g:elsewhere")]);
    expect(await found(visible)).toEqual([]);
    await index.put(GENERATION, [message("g:0")]);
    expect(await found(visible)).toEqual(["g:0:1"]);
    await index.put(GENERATION, [message("g:0", 2)]);
    expect(await found(visible)).toEqual(["g:0:2", "g:0:1"]);
    await index.put(
      GENERATION,
      groups(count).map((id) => message(id, 3)),
    );
    expect(await found(visible)).toHaveLength(Math.min(100, count + 2));
  });

  it.each([1, 100])("takes no window for another, among %i conversations", async (count) => {
    await index.put(
      GENERATION,
      groups(count).flatMap((id) => [message(id, 1), message(id, 2), message(id, 3)]),
    );
    const others = groups(count).slice(1);
    const of = (fromSeq: number, toSeq?: number): Visible => ({
      conversationIds: [],
      windows: [
        { conversationId: "g:0", fromSeq, ...(toSeq !== undefined && { toSeq }) },
        ...others.map((conversationId) => ({ conversationId, fromSeq: 9 })),
      ],
    });
    expect(await found(of(2))).toEqual(["g:0:3", "g:0:2"]);
    expect(await found(of(2, 2))).toEqual(["g:0:2"]);
    expect(await found(of(3))).toEqual(["g:0:3"]);
    expect(await found(of(2))).toEqual(["g:0:3", "g:0:2"]);
  });

  it("is of one generation, and not of another", async () => {
    const visible = wholly(groups(100));
    // Conversations have other numbers there.
    await index.put(GENERATION, [message("g:0"), message("g:x"), message("g:y")]);
    await index.put("search@1#2", [message("g:x"), message("g:y"), message("g:0"), message("g:1")]);
    expect(await found(visible)).toEqual(["g:0:1"]);
    expect(await found(visible, "开会", "search@1#2")).toEqual(["g:0:1", "g:1:1"]);
    await index.drop(GENERATION);
    await index.put(GENERATION, [message("g:y"), message("g:2")]);
    expect(await found(visible)).toEqual(["g:2:1"]);
  });

  it("is let go of where it is too much", async () => {
    await index.put(
      GENERATION,
      groups(5).map((id) => message(id, 2)),
    );
    const of = (number: number): Visible => ({
      conversationIds: [],
      windows: Array.from({ length: 80_000 }, (_, window) => ({
        conversationId: `g:${number}`,
        fromSeq: 2 * window + 2,
        toSeq: 2 * window + 2,
      })),
    });
    for (const number of [0, 1, 2, 0, 3, 4, 1, 0]) expect(await found(of(number))).toEqual([`g:${number}:2`]);
  });

  it("holds nothing of what was rolled back", async () => {
    const visible = wholly(groups(100));
    await index.put(GENERATION, [message("g:elsewhere")]);
    // Its conversation would have been the next one.
    const broken = { ...message("g:broken"), text: null } as unknown as SearchDocument;
    await expect(index.put(GENERATION, [message("g:0"), broken])).rejects.toThrow(Unavailable);
    expect(await found(visible)).toEqual([]);
    await index.put(GENERATION, [message("g:1"), message("g:0")]);
    expect(await found(visible)).toEqual(["g:0:1", "g:1:1"]);
    // A search that fails on its way, the first for what it may find.
    const first: Visible = { conversationIds: [], windows: [{ conversationId: "g:0", fromSeq: 1, toSeq: 1 }] };
    const wrong = {
      units: [{ tokens: ["a"], match: "phrase" }],
      filter: { visible: first, senderIds: [1n] },
      order: "NEWEST",
      limit: 1,
    };
    await expect(index.search(GENERATION, wrong as unknown as Parameters<SearchIndex["search"]>[1])).rejects.toThrow();
    expect(await found(first)).toEqual(["g:0:1"]);
  });

  it("is what another one has written, too", async () => {
    const other = await localSearchIndex(folder.path);
    const text = async (seq: number) => {
      const [document] = await index.get(GENERATION, [`g:0:${seq}`]);
      return document && "text" in document ? document.text : document;
    };
    await index.put(GENERATION, [message("g:0", 1)]);
    await other.put(GENERATION, [message("g:0", 2, { version: position(7), text: "newer" }), message("g:1", 1)]);
    await index.put(GENERATION, [message("g:0", 2, { version: position(6), text: "older" }), message("g:2", 1)]);
    expect(await text(2)).toBe("newer");
    await index.put(GENERATION, [message("g:0", 2, { version: position(8), text: "newest" })]);
    expect(await text(2)).toBe("newest");
    expect(await found(wholly(groups(3)), "newest")).toEqual(["g:0:2"]);
    expect(await found(wholly(groups(3)), "newer")).toEqual([]);
    await other.close();
  });

  it("knows the messages of before, when it is opened again", async () => {
    await index.put(GENERATION, [message("g:0", 5, { version: position(9) }), message("g:1", 5, { version: position(9) })]);
    await index.put(GENERATION, [{ conversationId: "g:1", seq: 6, version: position(10), recalled: true }]);
    await index.close();
    index = await localSearchIndex(folder.path);
    await index.put(GENERATION, [
      message("g:0", 5, { version: position(8), text: "older" }),
      message("g:1", 6, { version: position(8), text: "older" }),
      message("g:1", 4),
    ]);
    expect(await found(wholly(groups(2)), "older")).toEqual([]);
    expect(await found(wholly(groups(2)))).toEqual(["g:0:5", "g:1:5", "g:1:4"]);
  });
});
