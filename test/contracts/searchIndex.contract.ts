import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { marksOf, parseQuery, tokensOf } from "../../src/domain/words.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import { CheckpointMoved, Unavailable } from "../../src/ports/faults.ts";
import type {
  SearchDocument,
  SearchFilter,
  SearchIndex,
  SearchPlace,
  SearchQuery,
  Visible,
} from "../../src/ports/searchIndex.ts";
import { keptVisible } from "../support/keptVisible.ts";
import { bruteForceSearch, inOrder, type Live } from "../support/bruteForceSearch.ts";
import { type Random, randomOf } from "../support/random.ts";
import { searchIndexEntriesContract } from "./searchIndexEntries.contract.ts";

/** Texts to be searched, and where they come from. */
export type Corpus = {
  name: string;
  lines: { conversation: string; sender: string; text: string; sentAt: number; topic: string | null }[];
};

const position = (place: number): string => `testlog0.${place.toString(36).padStart(11, "0")}`;

/**
 * What every search index must do. `open` is called once; a real server's is not empty, so every test writes to a view of its
 * own. `corpora` are searched by brute force too, `rounds` times each.
 */
export function searchIndexContract(
  kind: "sqlite" | "elasticsearch",
  open: () => Promise<Open<SearchIndex>>,
  corpora: () => Promise<Corpus[]>,
  rounds = 150,
): void {
  describe(`search index contract: ${kind}`, () => {
    let index: Open<SearchIndex>;
    const views: string[] = [];
    beforeAll(async () => {
      index = await open();
    });
    afterAll(async () => {
      // A real server lives on.
      for (const view of views) for (const generation of await index.generations(view)) await index.drop(generation.name);
      await index.close();
    });

    const started = Date.now().toString(36);
    const newView = () => {
      const view = `test${started}x${views.length + 1}@1`;
      views.push(view);
      return view;
    };
    const newGeneration = () => `${newView()}#1`;
    const message = (seq: number, text: string, more: Partial<Live> = {}): Live => ({
      conversationId: "g:a",
      seq,
      version: position(seq),
      senderId: "ann",
      kind: "TEXT",
      topic: null,
      sentAt: 1_700_000_000_000 + seq * 1_000,
      text,
      ...more,
    });
    const queryOf = (text: string, more: Partial<SearchQuery> = {}): SearchQuery => ({
      units: text === "" ? [] : parseQuery(text),
      filter: {},
      order: "NEWEST",
      limit: 100,
      ...more,
    });
    const seqsOf = async (target: string, text: string, filter: SearchFilter = {}): Promise<number[]> =>
      (await index.search(target, queryOf(text, { filter }))).hits.map((hit) => hit.seq);

    describe("search", () => {
      it("finds words, phrases, beginnings and single characters, newest first", async () => {
        const own = newGeneration();
        await index.put(own, [
          message(1, "下午三点在会议室开会"),
          message(2, "nat.add_comm proves add (comm)"),
          message(3, "我們明天見面，帶上abc会议資料"),
          message(4, "東京都は、日本の首都であり"),
          message(5, "한국어 검색 👋 ＨＥＬＬＯ world"),
          message(6, "会"),
          message(7, "佐々木さん h₁ ไทยabc"),
        ]);
        expect(await seqsOf(own, "")).toEqual([7, 6, 5, 4, 3, 2, 1]);
        expect(await seqsOf(own, "会议")).toEqual([3, 1]);
        expect(await seqsOf(own, "会")).toEqual([6, 3, 1]);
        expect(await seqsOf(own, "会议室开会")).toEqual([1]);
        expect(await seqsOf(own, "室 会议")).toEqual([1]);
        expect(await seqsOf(own, "abc")).toEqual([3]);
        expect(await seqsOf(own, "comm add")).toEqual([2]);
        expect(await seqsOf(own, "add_comm")).toEqual([2]);
        expect(await seqsOf(own, '"comm nat"')).toEqual([]);
        expect(await seqsOf(own, '"add comm"*')).toEqual([2]);
        expect(await seqsOf(own, "pro* nat.ad*")).toEqual([2]);
        expect(await seqsOf(own, "首都")).toEqual([4]);
        expect(await seqsOf(own, "都は")).toEqual([4]);
        expect(await seqsOf(own, "は日")).toEqual([]);
        expect(await seqsOf(own, "국어")).toEqual([5]);
        expect(await seqsOf(own, "검")).toEqual([5]);
        expect(await seqsOf(own, "👋 hello")).toEqual([5]);
        expect(await seqsOf(own, "々")).toEqual([7]);
        expect(await seqsOf(own, "々木")).toEqual([7]);
        expect(await seqsOf(own, "h₁")).toEqual([7]);
        expect(await seqsOf(own, "h")).toEqual([]);
        expect(await seqsOf(own, "abc*")).toEqual([3]);
      });

      it("finds characters beside other scripts, whatever they are encoded, accented or written as, and signs", async () => {
        const own = newGeneration();
        await index.put(own, [
          message(1, "购物满100减20活动"),
          message(2, "我用iPhone手机"),
          message(3, "caf\u00e9 한글 ガギグ"),
          message(4, "cafe\u0301 한글 ガギグ".normalize("NFD")),
          message(5, "İstanbul Straße ﾊﾝｶｸ"),
          message(6, "開會 ★ 🇨🇳🇺🇸 5€ a→b"),
          message(7, "满意 100 1,000"),
        ]);
        for (const [text, seqs] of [
          ["满100", [1]],
          ["100减", [1]],
          ["减20活", [1]],
          ["物满100减20活动", [1]],
          ["满10*", [1]],
          ["用iPhone", [2]],
          ["iPhone手", [2]],
          ["我iPhone", []],
          ["用iPhone手机", [2]],
          ["café", [4, 3]],
          ["cafe\u0301", [4, 3]],
          ["CAFE", [4, 3]],
          ["한글", [4, 3]],
          ["한".normalize("NFD"), [4, 3]],
          ["ギグ".normalize("NFD"), [4, 3]],
          ["ｶﾞｷﾞ", [4, 3]],
          ["カ", [5]],
          ["istanbul", [5]],
          ["İSTANBUL", [5]],
          ["strasse", [5]],
          ["ハンカク", [5]],
          ["开会", [6]],
          ["开", [6]],
          ["★", [6]],
          ["🇺🇸", [6]],
          ["🇨🇳", [6]],
          ["5€", [6]],
          ["→", [6]],
          ["1,000", [7]],
          ["1000", []],
        ] as [string, number[]][])
          expect(await seqsOf(own, text), text).toEqual(seqs);
      });

      it("gives no operator, wildcard or quote of an engine a meaning", async () => {
        const own = newGeneration();
        await index.put(own, [message(1, "a or b near c and not d t c e"), message(2, "alpha")]);
        for (const [text, seqs] of [
          ["OR", [1]],
          ["a OR zzz", []],
          ["NOT a", [1]],
          ["NEAR(a c)", []],
          ["NEAR c", [1]],
          ["t:a", []],
          ["c:c1", []],
          ["e", [1]],
          ["al?ha", []],
          ["/al.*/", []],
          ["^a", [1]],
          ["a AND", [1]],
          ['"a" ""', [1]],
          ["{t c}:e", [1]],
          ["_exists_:live", []],
          ["a\\", [1]],
          ["'; drop table documents_1; --", []],
          ["\u0001a\u0007", [1]],
        ] as [string, number[]][])
          expect([text, await seqsOf(own, text)]).toEqual([text, seqs]);
      });

      it("narrows by conversation, window, sender, kind, topic and time, together", async () => {
        const own = newGeneration();
        await index.put(own, [
          message(1, "word", { topic: "t 1" }),
          message(2, "word", { senderId: "bob", kind: "IMAGE" }),
          message(3, "word", { conversationId: "d:ann~bob", topic: "T 1" }),
          message(4, "word", { conversationId: "g:A" }),
        ]);
        for (const text of ["word", ""]) {
          const seqs = (filter: SearchFilter) => seqsOf(own, text, filter);
          expect(await seqs({ conversationIds: ["g:a"] })).toEqual([2, 1]);
          expect(await seqs({ conversationIds: ["g:A", "d:ann~bob", "g:none"] })).toEqual([4, 3]);
          expect(await seqs({ conversationIds: [] })).toEqual([]);
          expect(await seqs({ senderIds: ["bob"] })).toEqual([2]);
          expect(await seqs({ senderIds: [] })).toEqual([]);
          expect(await seqs({ kinds: ["IMAGE", "FILE"] })).toEqual([2]);
          expect(await seqs({ topic: "t 1" })).toEqual([1]);
          expect(await seqs({ sentFrom: 1_700_000_002_000, sentTo: 1_700_000_004_000 })).toEqual([3, 2]);
          expect(await seqs({ sentTo: 1_700_000_002_000 })).toEqual([1]);
          expect(await seqs({ visible: { conversationIds: [], windows: [] } })).toEqual([]);
          const visible = { conversationIds: ["g:A"], windows: [{ conversationId: "g:a", fromSeq: 2 }] };
          expect(await seqs({ visible })).toEqual([4, 2]);
          expect(await seqs({ visible, conversationIds: ["g:a"] })).toEqual([2]);
          expect(await seqs({ visible, conversationIds: ["d:ann~bob"] })).toEqual([]);
          const stays = [1, 3].map((seq) => ({ conversationId: "g:a", fromSeq: seq, toSeq: seq }));
          expect(await seqs({ visible: { conversationIds: [], windows: stays } })).toEqual([1]);
          expect(await seqs({ visible: { conversationIds: ["g:a"], windows: stays } })).toEqual([2, 1]);
        }
      });

      it("searches thousands of conversations by their windows", async () => {
        const own = newGeneration();
        const groups = Array.from({ length: 1_500 }, (_, group) => `g:${group}`);
        const documents = groups.flatMap((conversationId, group) =>
          [1, 2].map((seq) => message(seq, "word", { conversationId, sentAt: group, senderId: `u${group % 3}` })),
        );
        await index.put(own, documents);
        const windows = groups.map((conversationId, group) => ({ conversationId, fromSeq: 2, toSeq: group % 2 === 0 ? 1 : 5 }));
        const query = queryOf("word", { filter: { visible: { conversationIds: ["g:0"], windows } }, facets: 2, limit: 200 });
        const hits = await pages(own, query);
        expect(hits).toEqual(bruteForceSearch(documents).search(query));
        expect(hits).toHaveLength(752);
        const { facets } = await index.search(own, query);
        expect(facets?.total).toBe(752);
        expect(facets?.bySender).toEqual([
          { key: "u0", count: 252 },
          { key: "u1", count: 250 },
        ]);
        expect(facets?.byConversation).toEqual([
          { key: "g:0", count: 2 },
          { key: "g:1", count: 1 },
        ]);
      });

      it("follows what may be seen where that is kept, whatever was asked before", async () => {
        const [own, other] = [newGeneration(), newGeneration()];
        const documents = ["g:a", "g:b", "g:c"].flatMap((conversationId, group) =>
          [1, 2, 3].map((seq) => message(seq, "word", { conversationId, sentAt: 10 * group + seq })),
        );
        await index.put(own, documents);
        const kept = keptVisible();
        const plain = ({ conversationIds, windows }: Visible): Visible => ({ conversationIds, windows });
        const finds = async (expected: string[], target = own) => {
          for (const filter of [{ visible: kept.now() }, { visible: plain(kept.now()) }]) {
            const { hits, facets } = await index.search(target, queryOf("word", { filter, facets: 5 }));
            const found = hits.map(({ conversationId, seq }) => `${conversationId}:${seq}`);
            expect([found, facets?.total]).toEqual([expected, expected.length]);
          }
        };
        await finds([]);
        kept.change("g:a", "all");
        kept.change("g:b", [{ fromSeq: 2, toSeq: 2 }]);
        // The index has nothing of it yet.
        kept.change("g:d", [{ fromSeq: 2 }]);
        await finds(["g:b:2", "g:a:3", "g:a:2", "g:a:1"]);
        await finds(["g:b:2", "g:a:3", "g:a:2", "g:a:1"]);
        const before = kept.now();
        kept.change("g:a", [{ fromSeq: 1, toSeq: 1 }, { fromSeq: 3 }]);
        kept.change("g:b", []);
        await finds(["g:a:3", "g:a:1"]);
        kept.change("g:c", "all");
        const more = [1, 2].map((seq) => message(seq, "word", { conversationId: "g:d", sentAt: 100 + seq }));
        await index.put(own, more);
        await finds(["g:d:2", "g:c:3", "g:c:2", "g:c:1", "g:a:3", "g:a:1"]);
        kept.change("g:d", "all");
        await finds(["g:d:2", "g:d:1", "g:c:3", "g:c:2", "g:c:1", "g:a:3", "g:a:1"]);
        // More changes than are known of: all of it is told anew.
        kept.forgetChanges();
        kept.change("g:c", []);
        await finds(["g:d:2", "g:d:1", "g:a:3", "g:a:1"]);
        // Another index has other conversations.
        await index.put(other, [message(1, "word", { conversationId: "g:c" }), message(2, "word", { conversationId: "g:d" })]);
        await finds(["g:d:2"], other);
        await finds(["g:d:2", "g:d:1", "g:a:3", "g:a:1"]);
        // A search that waited does not bring back what was there before.
        await index.search(own, queryOf("word", { filter: { visible: before } }));
        await finds(["g:d:2", "g:d:1", "g:a:3", "g:a:1"]);
        // Narrowed, too.
        const narrowed = { visible: kept.now(), conversationIds: ["g:a", "g:b"] };
        expect(await seqsOf(own, "word", narrowed)).toEqual([3, 1]);
      });

      it("counts by sender, conversation and month over all pages", async () => {
        const own = newGeneration();
        await index.put(own, [
          message(1, "word", { sentAt: Date.UTC(2022, 0, 31, 23, 59) }),
          message(2, "word", { sentAt: Date.UTC(2022, 1, 1) }),
          message(3, "word", { sentAt: Date.UTC(1969, 11, 31), conversationId: "g:b", senderId: "bob" }),
          message(4, "other"),
        ]);
        const facets = {
          total: 3,
          bySender: [
            { key: "ann", count: 2 },
            { key: "bob", count: 1 },
          ],
          byConversation: [
            { key: "g:a", count: 2 },
            { key: "g:b", count: 1 },
          ],
          byMonth: ["2022-02", "2022-01", "1969-12"].map((key) => ({ key, count: 1 })),
        };
        for (const limit of [0, 1, 10])
          expect((await index.search(own, queryOf("word", { limit, facets: 10 }))).facets).toEqual(facets);
        const few = await index.search(own, queryOf("word", { facets: 1, order: "RELEVANCE" }));
        expect(few.facets?.byMonth).toEqual([{ key: "2022-02", count: 1 }]);
        expect((await index.search(own, queryOf("none", { facets: 1 }))).facets).toEqual({
          total: 0,
          bySender: [],
          byConversation: [],
          byMonth: [],
        });
      });

      it("stops counting where it is told to", async () => {
        const own = newGeneration();
        const documents = Array.from({ length: 30 }, (_, i) => message(i + 1, "word", { senderId: i % 2 === 0 ? "ann" : "bob" }));
        await index.put(own, documents);
        const counts = async (countUpTo: number) =>
          (await index.search(own, queryOf("word", { limit: 0, facets: 9, countUpTo }))).facets;
        for (const most of [30, 31, 10_000]) expect(await counts(most)).toEqual(await counts(1_000_000));
        const some = await counts(10);
        expect(some?.total).toBe(10);
        for (const facet of [some?.bySender, some?.byConversation, some?.byMonth])
          expect(facet?.reduce((sum, { count }) => sum + count, 0)).toBe(10);
        expect((await index.search(own, queryOf("word", { limit: 7, facets: 9, countUpTo: 10 }))).hits).toHaveLength(7);
      });

      it("ranks by relevance, page by page", async () => {
        const own = newGeneration();
        const texts = Array.from({ length: 40 }, (_, i) => `${"rare ".repeat((i % 4) + 1)}${"filler ".repeat(i % 7)}`);
        await index.put(
          own,
          texts.map((text, i) => message(i + 1, text)),
        );
        const query = queryOf("rare", { order: "RELEVANCE", limit: 7 });
        const hits = await pages(own, query);
        expect(hits.map((hit) => hit.seq).sort((a, b) => a - b)).toEqual(texts.map((_, i) => i + 1));
        const scores = hits.map((hit) => hit.score ?? NaN);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        // Four times and nothing else; once among much else.
        expect(texts[(hits[0]?.seq ?? 0) - 1]?.trim()).toBe("rare rare rare rare");
        expect(texts[(hits.at(-1)?.seq ?? 0) - 1]).toMatch(/^rare (filler )+$/);
        expect((await index.search(own, queryOf("", { order: "RELEVANCE" }))).hits[0]).toEqual({
          conversationId: "g:a",
          seq: 40,
          sentAt: 1_700_000_040_000,
        });
      });
    });

    const pages = async (target: string, query: SearchQuery): Promise<SearchPlace[]> => {
      const hits: SearchPlace[] = [];
      for (let after = query.after; ;) {
        const page = await index.search(target, { ...query, ...(after && { after }) });
        expect(page.hits.length).toBeLessThanOrEqual(query.limit);
        hits.push(...page.hits);
        if (!page.hasMore) return hits;
        expect(page.hits).toHaveLength(query.limit);
        after = page.hits.at(-1);
      }
    };

    it("tells where words are in the newest text, if at all, and only if it is asked", async () => {
      const own = newGeneration();
      const texts = ["Rare words, rare  WORDS", "東京都は稀 rare", "a rare, a rare, and rare words", "ｒａｒｅ 👋 rarely"];
      const changed = message(2, "now it is rare", { version: position(90) });
      await index.put(own, [...texts.map((text, i) => message(i + 1, text)), changed]);
      const documents = new Map(texts.map((text, i) => [i + 1, message(i + 1, text)])).set(2, changed);
      for (const order of ["NEWEST", "RELEVANCE"] as const)
        for (const [text, count] of [
          ["rare", 4],
          ["rare words", 2],
          ['"rare words"', 2],
          ["", 4],
        ] as const) {
          const query = queryOf(text, { order });
          const { hits } = await index.search(own, { ...query, marks: true });
          expect(hits).toHaveLength(count);
          for (const { seq, found } of hits) {
            const { version, text: whole = "" } = documents.get(seq) ?? {};
            expect(found ?? null).toBeOneOf([null, { version, marks: marksOf(whole, query.units) }]);
          }
          if (kind === "sqlite" && order === "NEWEST" && text !== "") expect(hits.every(({ found }) => found)).toBe(true);
          expect(hits.map(({ found: _, ...place }) => place)).toEqual((await index.search(own, query)).hits);
        }
    });

    describe("pages", () => {
      it("give every message once in order, where many have the same time too", async () => {
        const own = newGeneration();
        const documents = Array.from({ length: 60 }, (_, i) =>
          message((i * 7) % 60, "word", { conversationId: `g:${"bBa"[i % 3]}`, sentAt: i < 40 ? 5 : -i }),
        );
        await index.put(own, documents);
        const all = bruteForceSearch(documents).search(queryOf("word"));
        for (const text of ["word", ""])
          for (const limit of [1, 7, 39, 40, 41, 60, 100]) expect(await pages(own, queryOf(text, { limit }))).toEqual(all);
      });

      it("stay where they are while messages arrive", async () => {
        const own = newGeneration();
        await index.put(
          own,
          Array.from({ length: 10 }, (_, i) => message(i + 1, "word")),
        );
        const first = await index.search(own, queryOf("word", { limit: 4 }));
        await index.put(own, [message(11, "word"), message(12, "word", { sentAt: 1_700_000_010_000 })]);
        const after = first.hits.at(-1) as SearchPlace;
        const second = await index.search(own, queryOf("word", { limit: 100, after }));
        expect(second.hits.map((hit) => hit.seq)).toEqual([6, 5, 4, 3, 2, 1]);
      });
    });

    it("gives pages by relevance that hold together while messages arrive", async () => {
      const own = newGeneration();
      const text = (times: number) => `${"rare ".repeat(times)}${"other ".repeat(8 - times)}`;
      const first = Array.from({ length: 60 }, (_, i) => message(i + 1, text(i % 3 === 0 ? 0 : 1 + (i % 5))));
      await index.put(own, first);
      const found: number[] = [];
      let arrived = 1_000;
      const arrive = (): SearchDocument[] =>
        Array.from({ length: 15 }, (_, i) => message(arrived++, `${text(1 + (i % 6))}${"long ".repeat(i * 5)}`));
      for (let after: SearchPlace | undefined; ;) {
        const page = await index.search(own, queryOf("rare", { order: "RELEVANCE", limit: 6, ...(after && { after }) }));
        found.push(...page.hits.map((hit) => hit.seq));
        if (!page.hasMore) break;
        after = page.hits.at(-1);
        await index.put(own, arrive());
      }
      expect(new Set(found).size).toBe(found.length);
      const matching = first.filter((_, i) => i % 3 !== 0).map(({ seq }) => seq);
      expect(found.filter((seq) => seq < 1_000).sort((one, other) => one - other)).toEqual(matching);
    });

    it("scores each message by itself, whatever others hold", async () => {
      const own = newGeneration();
      const texts = [
        "common common rare",
        "common rare rare",
        "common common common rare",
        "rarely common and rare, or even the rarest",
      ];
      await index.put(
        own,
        texts.map((text, i) => message(i + 1, text)),
      );
      const queries = ["common", "rare common", "rare* common", "commo* rare", '"common rare"', '"common rar"*'];
      const found = () =>
        Promise.all(
          queries.map(async (text) => {
            const query = queryOf(text, { order: "RELEVANCE", filter: { conversationIds: ["g:a"] } });
            return (await index.search(own, query)).hits;
          }),
        );
      const before = await found();
      expect(before[1]).toHaveLength(4);
      const others = (from: number, text: (nth: number) => string) =>
        Array.from({ length: 300 }, (_, i) => message(from + i, text(i), { conversationId: "g:others", senderId: "bob" }));
      for (const [place, text] of ["rare rares rarest", "common long ".repeat(50), "commons commonly rary"].entries()) {
        await index.put(
          own,
          others(1_000 * (place + 1), (i) => `${text} rare${i}`),
        );
        expect(await found()).toEqual(before);
      }
    });

    it("goes on by relevance after a hit that has vanished", async () => {
      const own = newGeneration();
      await index.put(
        own,
        [1, 2, 3, 4, 5].map((seq) => message(seq, `${"rare ".repeat(seq)}${"other ".repeat(9 - seq)}`)),
      );
      const page = (after?: SearchPlace) =>
        index.search(own, queryOf("rare", { order: "RELEVANCE", limit: 2, ...(after && { after }) }));
      const after = (await page()).hits.at(-1);
      expect(after?.seq).toBe(4);
      await index.put(own, [{ conversationId: "g:a", seq: 4, version: position(9), recalled: true }]);
      expect((await page(after)).hits.map((hit) => hit.seq)).toEqual([3, 2]);
    });

    describe("put", () => {
      it("keeps of each message the highest version, in whatever order they come", async () => {
        const own = newGeneration();
        await index.put(own, [message(1, "first"), message(1, "third", { version: position(30) })]);
        await index.put(own, [message(1, "second", { version: position(20) })]);
        expect([await seqsOf(own, "first"), await seqsOf(own, "second"), await seqsOf(own, "third")]).toEqual([[], [], [1]]);
        await index.put(own, [message(1, "third again", { version: position(30), sentAt: 9 })]);
        expect(await seqsOf(own, "again", { sentTo: 10 })).toEqual([1]);
        const recalled: SearchDocument = { conversationId: "g:a", seq: 1, version: position(40), recalled: true };
        await index.put(own, [recalled]);
        await index.put(own, [message(1, "fourth", { version: position(39) })]);
        expect(await seqsOf(own, "")).toEqual([]);
        expect(await index.messages(own, null, 10)).toEqual([recalled]);
        await index.put(own, [message(1, "fifth", { version: position(41) })]);
        expect(await seqsOf(own, "")).toEqual([1]);
        expect(await index.messages(own, null, 10)).toEqual([message(1, "fifth", { version: position(41) })]);
      });

      it("takes versions of 64 bits", async () => {
        const own = newGeneration();
        const offset = (least: string) => `testlog0.${`1y2p0ij32e8e${least}`.repeat(2)}`;
        await index.put(own, [message(1, "old", { version: offset("6") })]);
        await index.put(own, [message(1, "new", { version: offset("7") })]);
        await index.put(own, [message(1, "old", { version: offset("6") })]);
        expect(await index.messages(own, null, 1)).toEqual([message(1, "new", { version: offset("7") })]);
      });

      it("moves the checkpoint from where it must stand, or does not", async () => {
        const [view, own] = ((view) => [view, `${view}#1`])(newView());
        expect(await index.generations(view)).toEqual([]);
        await index.put(own, [], { from: null, to: position(1) });
        await index.put(own, [message(1, "word")], { from: position(1), to: position(2) });
        for (const from of [null, position(1), ""])
          await expect(index.put(own, [], { from, to: position(9) })).rejects.toThrow(CheckpointMoved);
        await index.put(own, [message(2, "word")]);
        expect(await index.generations(view)).toEqual([{ name: own, checkpoint: position(2), active: false }]);
        expect(await seqsOf(own, "word")).toEqual([2, 1]);
      });

      it("makes a generation that nothing is put into, and goes on from there", async () => {
        const [view, own] = ((view) => [view, `${view}#1`])(newView());
        for (let time = 0; time < 2; time++) {
          expect(await index.put(own, [])).toEqual([]);
          expect(await index.generations(view)).toEqual([{ name: own, checkpoint: null, active: false }]);
        }
        await index.put(own, [message(1, "word")], { from: null, to: position(1) });
        expect(await index.generations(view)).toEqual([{ name: own, checkpoint: position(1), active: false }]);
        expect(await seqsOf(own, "word")).toEqual([1]);
      });

      it("keeps the newest event beside the checkpoint, until another one is given", async () => {
        const [view, own] = ((view) => [view, `${view}#1`])(newView());
        const anchorAt = (seq: number) => ({ position: position(seq), stream: "a", revision: seq, id: `id ${seq}` });
        const kept = async () => (await index.generations(view)).map(({ checkpoint, anchor }) => [checkpoint, anchor]);
        await index.put(own, [], { from: null, to: position(1), anchor: anchorAt(1) });
        expect(await kept()).toEqual([[position(1), anchorAt(1)]]);
        await index.put(own, [message(1, "word")], { from: position(1), to: position(2) });
        expect(await kept()).toEqual([[position(2), anchorAt(1)]]);
        await index.put(own, [], { from: position(2), to: position(3), anchor: anchorAt(3) });
        expect(await kept()).toEqual([[position(3), anchorAt(3)]]);
      });

      it("lets one of several through that move the same checkpoint", async () => {
        const [view, own] = ((view) => [view, `${view}#1`])(newView());
        await index.put(own, []);
        const outcomes = await Promise.allSettled(
          [1, 2, 3, 4].map((place) => index.put(own, [], { from: null, to: position(place) })),
        );
        expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        for (const outcome of outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(CheckpointMoved);
        const won = outcomes.findIndex(({ status }) => status === "fulfilled");
        expect((await index.generations(view))[0]?.checkpoint).toBe(position(won + 1));
      });

      it("takes long and odd texts", async () => {
        const own = newGeneration();
        const texts = [
          "x".repeat(5_000),
          "会".repeat(5_000),
          "👋".repeat(3_000),
          '"\\\n\t\u0001{}',
          "",
          "İstanbul ΟΔΟΣ.Α",
          "a".repeat(200),
        ];
        const documents = texts.map((text, i) => message(i + 1, text));
        expect(await index.put(own, documents)).toEqual([]);
        expect(await index.messages(own, null, 100)).toEqual(documents);
        expect(await seqsOf(own, "x".repeat(7 * 127))).toEqual([1]);
        expect(await seqsOf(own, "会".repeat(900))).toEqual([2]);
        expect(await seqsOf(own, "👋".repeat(400))).toEqual([3]);
        expect(await seqsOf(own, "i̇stanbul οδος.α")).toEqual([6]);
        expect(await seqsOf(own, `${"a".repeat(127)}*`)).toEqual([7]);
      });
    });

    describe("messages", () => {
      it("gives back every document by conversation and seq, page by page", async () => {
        const own = newGeneration();
        const documents: SearchDocument[] = ["g:b", "g:B", "g:aa", "g:a"].flatMap((conversationId) =>
          [10, 9, 1].map((seq) => message(seq, `text ${seq}`, { conversationId, topic: seq === 1 ? "topic" : null })),
        );
        documents.push({ conversationId: "g:a", seq: 5, version: position(1), recalled: true });
        await index.put(own, documents, { from: null, to: position(10) });
        const sorted = [...documents].sort((one, other) =>
          one.conversationId < other.conversationId ? -1 : one.conversationId > other.conversationId ? 1 : one.seq - other.seq,
        );
        for (const limit of [1, 4, 100]) {
          const found: SearchDocument[] = [];
          for (let after: SearchDocument | null = null; ;) {
            const page: SearchDocument[] = await index.messages(own, after, limit);
            if (page.length === 0) break;
            found.push(...page);
            after = page.at(-1) as SearchDocument;
          }
          expect(found).toEqual(sorted);
        }
        expect(await index.messages(newGeneration(), null, 10)).toEqual([]);
      });
    });

    describe("generations", () => {
      it("are swapped at once, and searches of the view follow", async () => {
        const view = newView();
        const [one, two] = [`${view}#1`, `${view}#2`];
        await expect(index.search(view, queryOf("word"))).rejects.toThrow(Unavailable);
        await index.put(one, [message(1, "word")]);
        await expect(index.search(view, queryOf("word"))).rejects.toThrow(Unavailable);
        await index.activate(one);
        expect(await seqsOf(view, "word")).toEqual([1]);
        await index.put(one, [message(2, "word")], { from: null, to: position(2) });
        expect(await seqsOf(view, "word")).toEqual([2, 1]);
        await index.put(two, [message(3, "word")], { from: null, to: position(3) });
        expect(await seqsOf(view, "word")).toEqual([2, 1]);
        await index.activate(two);
        await index.activate(two);
        expect(await seqsOf(view, "word")).toEqual([3]);
        expect(await seqsOf(one, "word")).toEqual([2, 1]);
        expect(await index.generations(view)).toEqual([
          { name: one, checkpoint: position(2), active: false },
          { name: two, checkpoint: position(3), active: true },
        ]);
        await index.drop(one);
        await index.drop(one);
        expect((await index.generations(view)).map((generation) => generation.name)).toEqual([two]);
        await expect(index.search(one, queryOf("word"))).rejects.toThrow(Unavailable);
        await index.put(one, [message(4, "word")], { from: null, to: position(4) });
        expect(await seqsOf(one, "word")).toEqual([4]);
        expect(await seqsOf(view, "word")).toEqual([3]);
      });

      it("are told by number, and one that another checkpoint is expected of is not made", async () => {
        const view = newView();
        for (const run of [10, 9]) await index.put(`${view}#${run}`, []);
        const put = index.put(`${view}#2`, [message(1, "word")], { from: position(1), to: position(2) });
        await expect(put).rejects.toThrow(CheckpointMoved);
        expect((await index.generations(view)).map(({ name }) => name)).toEqual([9, 10].map((run) => `${view}#${run}`));
      });

      it("refuses what is no generation's name", async () => {
        for (const bad of ["search", "search@1", "Search@1#1", "a@1#x", "../a@1#1", "*@1#1"])
          await expect(index.put(bad, [])).rejects.toThrow(/generation's name/);
      });
    });

    searchIndexEntriesContract({ index: () => index, newView, newGeneration, position }, rounds);

    it("says how it is", async () => {
      await index.put(newGeneration(), [message(1, "word")]);
      const status = await index.status();
      expect(status).toMatchObject({ reachable: true, version: expect.stringMatching(/^\d+\.\d+/) as string });
      expect(status.kind).toBe(kind);
      expect(status.bytes).toBeGreaterThan(0);
    });

    it("finds what brute force finds", { timeout: 300_000 }, async () => {
      for (const { name: corpus, lines } of await corpora()) {
        const own = newGeneration();
        const random = randomOf(7);
        const seqs = new Map<string, number>();
        const documents: SearchDocument[] = lines.map(({ conversation, sender, text, sentAt, topic }, place) => {
          const conversationId = `g:${conversation}`;
          const seq = (seqs.get(conversationId) ?? 0) + 1;
          seqs.set(conversationId, seq);
          return {
            conversationId,
            seq,
            version: position(place + 1),
            senderId: sender,
            kind: ["TEXT", "IMAGE"][place % 2] ?? "",
            topic,
            sentAt,
            text,
          };
        });
        const started = Date.now();
        for (let at = 0; at < documents.length; at += 1_000)
          expect(await index.put(own, documents.slice(at, at + 1_000))).toEqual([]);
        const indexed = Date.now();
        const brute = bruteForceSearch(documents);
        let hits = 0;
        for (let round = 0; round < rounds; round++) {
          const query = queryOf(randomQuery(random, brute.live), { filter: randomFilter(random, brute.live), limit: PAGE });
          const expected = brute.search(query);
          const page = await index.search(own, query);
          expect([query, page.hits]).toEqual([query, expected.slice(0, PAGE)]);
          hits += expected.length;
          // By relevance the first page of more is another one.
          if (round % 5 === 0 && expected.length <= PAGE) {
            const ranked = await index.search(own, { ...query, order: "RELEVANCE", facets: 5 });
            expect([query, [...ranked.hits].sort(inOrder).map(({ score: _, ...hit }) => hit)]).toEqual([
              query,
              expected.slice(0, PAGE),
            ]);
            expect([query, ranked.facets?.total]).toEqual([query, expected.length]);
          }
        }
        console.info(
          `${kind}, ${corpus}: ${documents.length} messages indexed in ${indexed - started} ms; ${rounds} queries, ${hits} hits, all as by brute force`,
        );
        expect(hits).toBeGreaterThan(rounds);
        await index.drop(own);
      }
    });
  });
}

/** Every engine gives so many at once. */
const PAGE = 5_000;

/** A word, two words, a phrase, two characters, one, a beginning, of a text that is there; sometimes of two texts. */
function randomQuery(random: Random, live: readonly Live[]): string {
  const piece = (): string => {
    const { text } = random.pick(live);
    const tokens = tokensOf(text);
    if (tokens.length === 0) return "word";
    const at = random.below(tokens.length);
    const token = tokens[at] as (typeof tokens)[number];
    const upTo = tokens[Math.min(tokens.length - 1, at + random.below(4))]?.end ?? token.end;
    switch (random.below(5)) {
      case 0:
        return `"${text.slice(token.start, upTo).replaceAll('"', " ")}"`;
      case 1:
        return `${[...text.slice(token.start, token.end)].slice(0, 2).join("")}*`;
      case 2:
        return [...text.slice(token.start, token.end)][0] ?? "a";
      default:
        return text.slice(token.start, token.end);
    }
  };
  const query = Array.from({ length: 1 + random.below(2) }, piece)
    .join(" ")
    .slice(0, 1_000);
  // Half a character is none.
  return query.replaceAll(/\p{Surrogate}|\0/gu, " ");
}

function randomFilter(random: Random, live: readonly Live[]): SearchFilter {
  const some = <T>(of: (message: Live) => T): T[] => Array.from({ length: 1 + random.below(3) }, () => of(random.pick(live)));
  const filter: SearchFilter = {};
  if (random.below(3) === 0) filter.conversationIds = some((message) => message.conversationId);
  if (random.below(6) === 0) filter.senderIds = some((message) => message.senderId);
  if (random.below(6) === 0) filter.kinds = ["TEXT"];
  if (random.below(8) === 0) filter.sentFrom = random.pick(live).sentAt;
  if (random.below(8) === 0) filter.sentTo = random.pick(live).sentAt;
  const topic = random.pick(live).topic;
  if (random.below(8) === 0 && topic !== null) filter.topic = topic;
  if (random.below(3) === 0) {
    const windows = some(({ conversationId, seq }) => ({
      conversationId,
      fromSeq: seq,
      ...(seq % 2 === 0 && { toSeq: seq + 500 }),
    }));
    filter.visible = { conversationIds: some((message) => message.conversationId), windows };
  }
  return filter;
}
