import { describe, expect, it } from "vitest";
import { distance, type Point } from "../../src/domain/place.ts";
import { parseQuery } from "../../src/domain/words.ts";
import { Unavailable } from "../../src/ports/faults.ts";
import type { DirectoryEntry, EntryPlace, EntryQuery, SearchDocument, SearchIndex } from "../../src/ports/searchIndex.ts";
import { bruteForceDirectory } from "../support/bruteForceDirectory.ts";
import { type Random, randomOf } from "../support/random.ts";

/** An index to be tested, and names that no other test uses. */
export type IndexUnderTest = {
  index(): SearchIndex;
  newView(): string;
  newGeneration(): string;
  position(place: number): string;
};

const user = (id: string, more: Partial<DirectoryEntry> = {}): DirectoryEntry => ({
  entry: "USER",
  id,
  version: "testlog0.00000000001",
  name: id,
  handle: null,
  tags: [],
  category: null,
  place: null,
  public: true,
  ...more,
});
const group = (id: string, more: Partial<DirectoryEntry> = {}): DirectoryEntry => user(id, { entry: "GROUP", ...more });
const at = (latitude: number, longitude: number): Point => ({ latitude, longitude });
const tags = (scores: Record<string, number>) => Object.entries(scores).map(([name, score]) => ({ name, score }));
const users = (more: Partial<EntryQuery> = {}): EntryQuery => ({ entry: "USER", limit: 100, ...more });
const named = (text: string): EntryQuery["name"] => ({ units: parseQuery(text), ids: [] });

/** What every search index must do with people and groups. `rounds`: how many queries are compared with brute force. */
export function searchIndexEntriesContract({ index, newView, newGeneration, position }: IndexUnderTest, rounds: number): void {
  const idsOf = async (target: string, query: EntryQuery): Promise<string[]> =>
    (await index().find(target, query)).hits.map((hit) => hit.id);

  const pages = async (target: string, query: EntryQuery): Promise<EntryPlace[]> => {
    const hits: EntryPlace[] = [];
    for (let after = query.after; ;) {
      const page = await index().find(target, { ...query, ...(after && { after }) });
      expect(page.hits.length).toBeLessThanOrEqual(query.limit);
      hits.push(...page.hits);
      if (!page.hasMore) return hits;
      expect(page.hits).toHaveLength(query.limit);
      after = page.hits.at(-1);
    }
  };

  describe("find", () => {
    it("finds by words of the name, by id and by handle", async () => {
      const own = newGeneration();
      await index().put(own, [
        user("ann", { name: "Ann Ｌｅｅ" }),
        user("bob", { name: "李安 (Bob)", handle: "ann.lee" }),
        user("zed", { name: "lee" }),
        group("g:lee", { name: "Lee's" }),
      ]);
      expect(await idsOf(own, users({ name: named("lee") }))).toEqual(["ann", "zed"]);
      expect(await idsOf(own, users({ name: named("LEE ann") }))).toEqual(["ann"]);
      expect(await idsOf(own, users({ name: named("an*") }))).toEqual(["ann"]);
      expect(await idsOf(own, users({ name: named("安") }))).toEqual(["bob"]);
      expect(
        await idsOf(own, users({ name: { ...named("李安"), units: parseQuery("李安"), ids: ["zed", "nobody", "g:lee"] } })),
      ).toEqual(["zed", "bob"]);
      expect(await idsOf(own, users({ name: { units: parseQuery("lee"), ids: ["ann"], handle: "ann.lee" } }))).toEqual([
        "ann",
        "zed",
        "bob",
      ]);
      expect(await idsOf(own, users({ name: { units: [], ids: ["zed"] } }))).toEqual(["zed"]);
      expect(await idsOf(own, users({ name: { units: [], ids: [] } }))).toEqual([]);
      expect(await idsOf(own, { entry: "GROUP", limit: 9, name: named("lee") })).toEqual(["g:lee"]);
      expect(await index().find(own, users())).toMatchObject({
        hits: [
          { id: "ann", name: "ann lee" },
          { id: "zed", name: "lee" },
          { id: "bob", name: "李安 (bob)" },
        ],
        hasMore: false,
      });
      expect(await index().find(own, users({ limit: 0 }))).toMatchObject({ hits: [], hasMore: true });
    });

    it("finds by names, tags and categories that are encoded or accented in another way", async () => {
      const own = newGeneration();
      const [composed, parted] = ["René 한글 學校", "René 한글 學校".normalize("NFD")];
      await index().put(own, [
        user("ann", { name: composed, tags: tags({ café: 1 }) }),
        user("bob", { name: parted, tags: tags({ ["café".normalize("NFD")]: 2, ガギ: 1 }) }),
        group("g:a", { name: parted, category: "Münster" }),
      ]);
      for (const name of ["rené", "Rene\u0301", "rene", "한글", "한".normalize("NFD"), "学校"])
        expect(await idsOf(own, users({ name: named(name) })), name).toEqual(["ann", "bob"]);
      for (const name of [composed, parted])
        expect(await idsOf(own, { entry: "GROUP", limit: 9, name: named(name) })).toEqual(["g:a"]);
      for (const tag of ["café", "cafe\u0301", "CAFE"])
        expect((await index().find(own, users({ tags: [tag] }))).hits).toEqual([
          { id: "bob", score: 2 },
          { id: "ann", score: 1 },
        ]);
      expect(await idsOf(own, users({ tags: ["ガギ".normalize("NFD")] }))).toEqual(["bob"]);
      expect(await idsOf(own, { entry: "GROUP", limit: 9, category: "Mu\u0308nster" })).toEqual(["g:a"]);
    });

    it("finds by tags, all of them, the highest sum of their scores first", async () => {
      const own = newGeneration();
      await index().put(own, [
        user("ann", { tags: tags({ Music: 0.1, hiking: 0.7, 围棋: 3 }) }),
        user("bob", { tags: tags({ ｍｕｓｉｃ: 0.2, hiking: 0.6 }) }),
        user("cat", { tags: tags({ music: 0.2, chess: 9 }) }),
        user("dan", { tags: tags({ music: 0.1, MUSIC: 0.15, hiking: 0.65 }) }),
        group("g:m", { tags: tags({ music: 5 }) }),
      ]);
      const found = async (...names: string[]) => (await index().find(own, users({ tags: names }))).hits;
      expect(await found("MUSIC")).toEqual([
        { id: "bob", score: 0.2 },
        { id: "cat", score: 0.2 },
        { id: "dan", score: 0.15 },
        { id: "ann", score: 0.1 },
      ]);
      expect(await found("music", "Hiking", "hiking")).toEqual([
        { id: "bob", score: 0.6 + 0.2 },
        { id: "dan", score: 0.65 + 0.15 },
        { id: "ann", score: 0.7 + 0.1 },
      ]);
      expect(await found("围棋", "music")).toEqual([{ id: "ann", score: 0.1 + 3 }]);
      expect(await found("music", "none")).toEqual([]);
      expect(await idsOf(own, users({ tags: ["music"], name: named("cat") }))).toEqual(["cat"]);
    });

    it("finds what is near, the nearest first, and across the antimeridian", async () => {
      const own = newGeneration();
      await index().put(own, [
        user("suva", { place: at(-18.1416, 178.4419) }),
        user("taveuni", { place: at(-16.8, -179.97) }),
        user("apia", { place: at(-13.8333, -171.7667), tags: tags({ boat: 2 }) }),
        user("line", { place: at(-17, 180), tags: tags({ boat: 2 }) }),
        user("pole", { place: at(90, 12) }),
        user("nowhere", { tags: tags({ boat: 5 }) }),
      ]);
      const near = { ...at(-17, 179.9), radius: 300_000 };
      const { hits } = await index().find(own, users({ near }));
      expect(hits.map((hit) => hit.id)).toEqual(["line", "taveuni", "suva"]);
      hits.forEach(({ distance: metres = NaN }, place) => {
        const exact = [at(-17, 180), at(-16.8, -179.97), at(-18.1416, 178.4419)].map((point) => distance(near, point));
        expect(Math.abs(metres - (exact[place] ?? 0))).toBeLessThan(0.1);
      });
      const boats = await index().find(own, users({ near: { ...near, radius: 2_000_000 }, tags: ["boat"] }));
      expect(boats.hits).toEqual([
        { id: "apia", score: 2, distance: expect.closeTo(distance(near, at(-13.8333, -171.7667)), 0) as number },
        { id: "line", score: 2, distance: expect.closeTo(distance(near, at(-17, 180)), 0) as number },
      ]);
      expect(await idsOf(own, users({ near: { ...at(89.9, -100), radius: 20_000 } }))).toEqual(["pole"]);
      expect(await idsOf(own, users({ near: { ...at(-18.1416, 178.4419), radius: 0.5 } }))).toEqual(["suva"]);
      expect((await idsOf(own, users({ near: { ...at(0, 0), radius: 20_100_000 } }))).length).toBe(5);
    });

    it("finds what lies in a polygon, by name", async () => {
      const own = newGeneration();
      await index().put(own, [
        user("suva", { place: at(-18.1416, 178.4419) }),
        user("taveuni", { place: at(-16.8, -179.97) }),
        user("line", { place: at(-17, -180) }),
        user("apia", { place: at(-13.8333, -171.7667) }),
        user("pole", { place: at(-90, 12) }),
        user("nowhere"),
      ]);
      const fiji = [at(-15, 176), at(-15, -178), at(-20, -178), at(-20, 176)];
      expect(await idsOf(own, users({ within: fiji }))).toEqual(["line", "suva", "taveuni"]);
      expect(await idsOf(own, users({ within: fiji.map(({ latitude, longitude }) => at(-latitude, longitude)) }))).toEqual([]);
      expect(await idsOf(own, users({ within: [at(-15, 176), at(-15, 179), at(-20, 176)] }))).toEqual([]);
      const antarctic = [at(-66, 0), at(-66, 120), at(-66, -120)];
      expect(await idsOf(own, users({ within: antarctic }))).toEqual(["pole"]);
      expect(await idsOf(own, users({ within: fiji, near: { ...at(-17, 180), radius: 50_000 } }))).toEqual(["line", "taveuni"]);
    });

    it("finds by category, and what is public or may be seen", async () => {
      const own = newGeneration();
      await index().put(own, [
        group("g:a", { category: "Sport" }),
        group("g:b", { category: "ＳＰＯＲＴ", public: false }),
        group("g:c", { category: "sports" }),
        group("g:d", { public: false }),
      ]);
      const groups = (more: Partial<EntryQuery>) => idsOf(own, { entry: "GROUP", limit: 10, ...more });
      expect(await groups({ category: "sport" })).toEqual(["g:a", "g:b"]);
      expect(await groups({ category: "sport", visibleIds: [] })).toEqual(["g:a"]);
      expect(await groups({ visibleIds: [] })).toEqual(["g:a", "g:c"]);
      const many = Array.from({ length: 70_000 }, (_, i) => `g:${i}`);
      expect(await groups({ visibleIds: [...many, "g:d", "g:x"] })).toEqual(["g:a", "g:c", "g:d"]);
      expect(await groups({ onlyIds: [...many, "g:c", "g:d", "g:x"] })).toEqual(["g:c", "g:d"]);
      expect(await groups({ onlyIds: ["g:c", "g:d"], visibleIds: [] })).toEqual(["g:c"]);
      expect(await groups({ onlyIds: [], category: "sport" })).toEqual([]);
    });

    it("takes names and tags as they come", async () => {
      const own = newGeneration();
      const odd = [
        '"',
        'a" OR "b',
        "NEAR(a b)",
        "' ; drop table x --",
        "*",
        "_exists_:id",
        "👩‍👩‍👧",
        "\u0001\u0007",
        "İstanbul",
        "x".repeat(64),
        "%_",
        ":tag0",
      ];
      const entries = odd.map((text, place) => user(`u${place}`, { name: text, tags: tags({ [text]: place, all: 1 }) }));
      expect(await index().put(own, entries)).toEqual([]);
      expect(await index().entries(own, "", 100)).toEqual([...entries].sort((one, other) => (one.id < other.id ? -1 : 1)));
      for (const [place, text] of odd.entries()) {
        expect([text, await idsOf(own, users({ tags: [text] }))]).toEqual([text, [`u${place}`]]);
        expect([text, (await index().find(own, users({ tags: ["all", text] }))).hits]).toEqual([
          text,
          [{ id: `u${place}`, score: place + 1 }],
        ]);
      }
      expect(await idsOf(own, users({ tags: ["al*"] }))).toEqual([]);
      expect(await idsOf(own, users({ name: named("near") }))).toEqual(["u2"]);
      expect(await idsOf(own, users({ category: '"', name: named("a") }))).toEqual([]);
      expect(await pages(own, users({ limit: 5 }))).toHaveLength(odd.length);
    });
  });

  describe("put and get", () => {
    it("keep of each entry the highest version, whole", async () => {
      const own = newGeneration();
      const third = user("ann", { version: position(30), name: "third", tags: tags({ b: 2 }), place: at(3, 3) });
      await index().put(own, [
        user("ann", { version: position(10), name: "first", tags: tags({ a: 1, b: 1 }), place: at(1, 1) }),
        third,
      ]);
      await index().put(own, [user("ann", { version: position(20), name: "second", tags: tags({ a: 1 }), place: at(2, 2) })]);
      const near = (latitude: number) => users({ near: { ...at(latitude, latitude), radius: 1_000 } });
      expect(await index().get(own, ["ann"])).toEqual([third]);
      expect(await idsOf(own, users({ name: named("third") }))).toEqual(["ann"]);
      for (const query of [
        users({ name: named("first") }),
        users({ name: named("second") }),
        users({ tags: ["a"] }),
        near(1),
        near(2),
      ])
        expect(await idsOf(own, query)).toEqual([]);
      expect(await index().find(own, users({ tags: ["b"] }))).toMatchObject({ hits: [{ id: "ann", score: 2 }], hasMore: false });
      expect(await idsOf(own, near(3))).toEqual(["ann"]);
      const again = user("ann", { version: position(30), name: "again", handle: "h", tags: tags({ b: 3 }) });
      await index().put(own, [again]);
      expect(await index().get(own, ["ann"])).toEqual([again]);
      expect(await idsOf(own, near(3))).toEqual([]);
      expect(await idsOf(own, users({ name: { units: [], ids: [], handle: "h" } }))).toEqual(["ann"]);
      expect(await pages(own, users())).toEqual([{ id: "ann", name: "again" }]);
    });

    it("give documents in the order asked for, as the last put left them, with gaps", async () => {
      const view = newView();
      const own = `${view}#1`;
      expect(await index().get(own, ["ann", "g:a:1"])).toEqual([undefined, undefined]);
      const message: SearchDocument = {
        conversationId: "g:a",
        seq: 1,
        version: position(1),
        senderId: "ann",
        kind: "TEXT",
        topic: "t",
        sentAt: 1.7e12,
        text: "text",
      };
      const recalled: SearchDocument = { conversationId: "d:ann~bob", seq: 12, version: position(2), recalled: true };
      const entries = [
        user("ann", { handle: "ann", place: at(1.23456789012345, -179.99999999999997) }),
        group("g:5", { category: "c" }),
      ];
      await index().put(own, [message, recalled, ...entries]);
      const ids = ["g:5", "none", "d:ann~bob:12", "g:a:2", "ann", "g:a:1", "ann", "g:a", "", "g:none:1"];
      expect(await index().get(own, ids)).toEqual([
        entries[1],
        undefined,
        recalled,
        undefined,
        entries[0],
        message,
        entries[0],
        undefined,
        undefined,
        undefined,
      ]);
      expect(await index().get(own, [])).toEqual([]);
      await index().activate(own);
      const edited: SearchDocument = { ...message, version: position(3), text: "edited" };
      await index().put(own, [edited]);
      expect(await index().get(own, ["g:a:1"])).toEqual([edited]);
      await index().put(`${view}#2`, []);
      expect(await index().get(`${view}#2`, ["ann"])).toEqual([undefined]);
    });

    it("give back every entry by id, page by page", async () => {
      const own = newGeneration();
      const entries = ["b", "B", "aa", "a", "g:a", "10", "9"].map((id) => (id.startsWith("g:") ? group(id) : user(id)));
      await index().put(own, entries);
      const sorted = [...entries].sort((one, other) => (one.id < other.id ? -1 : 1));
      for (const limit of [1, 3, 100]) {
        const found: DirectoryEntry[] = [];
        for (let after = ""; ;) {
          const page = await index().entries(own, after, limit);
          if (page.length === 0) break;
          found.push(...page);
          after = page.at(-1)?.id ?? "";
        }
        expect(found).toEqual(sorted);
      }
      expect(await index().entries(newGeneration(), "", 10)).toEqual([]);
    });

    it("are part of their generation", async () => {
      const view = newView();
      const [one, two] = [`${view}#1`, `${view}#2`];
      await expect(index().find(view, users())).rejects.toThrow(Unavailable);
      await index().put(one, [user("ann")]);
      await expect(index().find(view, users())).rejects.toThrow(Unavailable);
      await index().activate(one);
      expect(await idsOf(view, users())).toEqual(["ann"]);
      await index().put(one, [user("bob")], { from: null, to: position(2) });
      expect(await idsOf(view, users())).toEqual(["ann", "bob"]);
      await index().put(two, [user("cat")]);
      await index().activate(two);
      expect(await idsOf(view, users())).toEqual(["cat"]);
      expect(await idsOf(one, users())).toEqual(["ann", "bob"]);
      await index().drop(one);
      await expect(index().find(one, users())).rejects.toThrow(Unavailable);
      expect(await index().entries(one, "", 10)).toEqual([]);
      await index().put(one, [user("dan")]);
      expect(await idsOf(one, users())).toEqual(["dan"]);
    });
  });

  it("finds of people and groups what brute force finds", { timeout: 300_000 }, async () => {
    const own = newGeneration();
    const random = randomOf(11);
    const first = madeUpEntries(random, 2_500, position);
    // Many changed since, some of them told again afterwards as they had been.
    const changed = madeUpEntries(random, 800, (place) => position(place + 10_000));
    for (const part of [first.slice(0, 1_500), changed, first.slice(1_000)]) expect(await index().put(own, part)).toEqual([]);
    const entries = [...new Map([...first, ...changed].map((entry) => [entry.id, entry])).values()];
    const brute = bruteForceDirectory(entries);
    let found = 0;
    for (let round = 0; round < rounds; round++) {
      const query = randomEntryQuery(random, entries);
      const expected = brute(query);
      const hits = await pages(own, query);
      found += hits.length;
      const [hasScore, hasDistance] = [query.tags !== undefined, query.near !== undefined];
      expect([query, hits.map((hit) => hit.id).sort()]).toEqual([query, expected.map((each) => each.id).sort()]);
      const exact = new Map(expected.map((each) => [each.id, each]));
      hits.forEach((hit, place) => {
        const { score, distance: metres, name } = exact.get(hit.id) as Required<EntryPlace>;
        // Distances that differ by less than engines round have no order of their own.
        const isAsNear = hasDistance && !hasScore && Math.abs(metres - (expected[place]?.distance ?? NaN)) < 0.1;
        if (!isAsNear) expect([query, place, hit.id]).toEqual([query, place, expected[place]?.id]);
        const { distance: told, ...rest } = hit;
        expect([query, rest]).toEqual([query, { id: hit.id, ...(hasScore ? { score } : !hasDistance && { name }) }]);
        expect(told === undefined ? undefined : Math.abs(told - metres) < 0.1).toBe(hasDistance ? true : undefined);
      });
    }
    console.info(`${entries.length} people and groups: ${rounds} queries, ${found} hits, all as by brute force`);
    expect(found).toBeGreaterThan(rounds);
  });
}

const NAMES = [
  "Ann",
  "ANN",
  "李",
  "李安",
  "王小明",
  "김민준",
  "さくら",
  "サーバー",
  "Ｌｅｅ",
  "Нина",
  "Αλέξανδρος",
  "سارة",
  "👋",
  "O'Neil",
  "-",
  "x.y",
  "Ａnn",
  "né",
];
const TAGS = ["music", "Music", "围棋", "hiking", "ＦＯＯＤ", "food", "Ёлка", "ёлка", "chess club", "a"];
const CATEGORIES = ["Sport", "sport", "学习", "Music", null];
const MIDDLES = [at(31.23, 121.47), at(-17, 179.99), at(-17, -179.99), at(89.99, 40), at(-89.9, 0), at(51.5, 0), at(0, 0)];

const part = (random: Random): number => random.below(1_000_000_000) / 1_000_000_000;

function randomPoint(random: Random): Point {
  if (random.below(30) === 0) return at(random.pick([90, -90, 0]), random.pick([180, -180, 0]));
  if (random.below(4) === 0) return at(part(random) * 180 - 90, part(random) * 360 - 180);
  const middle = random.pick(MIDDLES);
  const spread = random.pick([0.001, 0.1, 5]);
  const latitude = middle.latitude + (part(random) - 0.5) * spread;
  const longitude = middle.longitude + (part(random) - 0.5) * spread;
  return at(
    Math.max(-90, Math.min(90, latitude)),
    longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude,
  );
}

/** People and groups of so many ids, each once. */
const madeUpEntries = (random: Random, count: number, position: (place: number) => string): DirectoryEntry[] =>
  Array.from({ length: count }, (_, place) => {
    const isGroup = place % 4 === 0;
    const words = Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES));
    const names = new Set(Array.from({ length: random.below(4) }, () => random.pick(TAGS)));
    return {
      entry: isGroup ? "GROUP" : "USER",
      id: `${isGroup ? "g:" : ""}${((place * 7_919) % count).toString(36)}`,
      version: position(place + 1),
      name: words.join(random.pick([" ", "", "-"])),
      handle: isGroup ? null : `h${place}`,
      tags: [...names].map((name) => ({ name, score: random.pick([1, 0.1, 0.2, 0.3, 0, 1e6, part(random)]) })),
      category: isGroup ? random.pick(CATEGORIES) : null,
      place: isGroup || random.below(5) === 0 ? null : randomPoint(random),
      public: !isGroup || random.below(3) > 0,
    };
  });

function randomEntryQuery(random: Random, entries: readonly DirectoryEntry[]): EntryQuery {
  const query: EntryQuery = {
    entry: random.pick(["USER", "USER", "GROUP"] as const),
    limit: random.pick([2_000, 2_000, 700, 150]),
  };
  const some = <T>(most: number, of: () => T): T[] => Array.from({ length: 1 + random.below(most) }, of);
  if (random.below(3) === 0) {
    const words = some(2, () =>
      random.pick(["ann", "李", "李安", "an*", "민준", "o'neil", "ー", "x", "α*", "нина", "👋", "né", "さくら"]),
    );
    query.name = {
      units: random.below(5) === 0 ? [] : parseQuery(words.join(" ")),
      ids: random.below(2) === 0 ? [] : some(4, () => random.pick(entries).id),
      ...(random.below(3) === 0 && { handle: `h${random.below(2_500)}` }),
    };
  }
  if (random.below(3) === 0) query.tags = some(3, () => random.pick([...TAGS, "FOOD", "none"]));
  if (random.below(4) === 0) query.onlyIds = some(200, () => random.pick(entries).id);
  if (query.entry === "GROUP") {
    if (random.below(2) === 0) query.category = random.pick(["SPORT", "学习", "music", "none"]);
    if (random.below(2) === 0) query.visibleIds = some(50, () => random.pick(entries).id);
    return query;
  }
  if (random.below(2) === 0) query.near = nearOf(random, entries);
  if (random.below(3) === 0) query.within = polygonOf(random);
  return query;
}

/** A circle without anyone within a metre of its border, where engines may differ. */
function nearOf(random: Random, entries: readonly DirectoryEntry[]): NonNullable<EntryQuery["near"]> {
  const middle = randomPoint(random);
  const distances = entries.flatMap(({ place }) => (place ? [distance(middle, place)] : []));
  for (;;) {
    const radius = part(random) * random.pick([100, 5_000, 300_000, 5_000_000, 20_100_000]) + 1;
    if (distances.every((metres) => Math.abs(metres - radius) >= 1)) return { ...middle, radius };
  }
}

function polygonOf(random: Random): Point[] {
  if (random.below(4) === 0) return Array.from({ length: 3 + random.below(4) }, () => randomPoint(random));
  const { latitude, longitude } = randomPoint(random);
  const spread = random.pick([0.05, 4, 40, 150]);
  const corners = 3 + random.below(6);
  return Array.from({ length: corners }, (_, corner) => {
    const angle = (corner / corners) * 2 * Math.PI;
    const far = spread * (0.2 + part(random));
    const east = longitude + far * Math.sin(angle);
    return at(
      Math.max(-90, Math.min(90, latitude + far * Math.cos(angle))),
      east > 180 ? east - 360 : east < -180 ? east + 360 : east,
    );
  });
}
