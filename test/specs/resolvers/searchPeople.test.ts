import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { distance, isInside, type Point, snapped } from "../../../src/domain/place.ts";
import { refused } from "../../support/refused.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

const begin = async (options: Parameters<typeof apiWorld>[0] = {}) => {
  here = await apiWorld({ searched: true, ...options });
  return here;
};

type PageInfo = { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
type Found<Node> = { edges: { cursor: string; node: Node }[]; pageInfo: PageInfo };
type UserHit = { user: { id: string }; score: number | null; distance: number | null };
type GroupHit = { conversation: { id: string }; score: number | null };

const USERS = `query ($query: UserQuery!, $first: Int, $after: String, $atLeast: Cursor) {
  searchUsers(query: $query, first: $first, after: $after, atLeast: $atLeast) {
    edges { cursor node { user { id } score distance } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const GROUPS = `query ($query: ConversationQuery!, $first: Int, $after: String, $atLeast: Cursor) {
  searchConversations(query: $query, first: $first, after: $after, atLeast: $atLeast) {
    edges { cursor node { conversation { id title } score } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

const people = async (user: string, query: Json, more: Json = {}) =>
  (await here.ask(user, USERS, { query, ...more }))["searchUsers"] as Found<UserHit>;
const peopleIds = async (user: string, query: Json, more: Json = {}) =>
  (await people(user, query, { first: 100, ...more })).edges.map(({ node }) => node.user.id);
const groups = async (user: string, query: Json, more: Json = {}) =>
  (await here.ask(user, GROUPS, { query, ...more }))["searchConversations"] as Found<GroupHit>;
const groupIds = async (user: string, query: Json, more: Json = {}) =>
  (await groups(user, query, { first: 100, ...more })).edges.map(({ node }) => node.conversation.id);

const call = async (user: string, field: string, type: string, input: Json): Promise<string> => {
  const document = `mutation ($input: ${type}!) { ${field}(input: $input) { cursor } }`;
  const done = await here.ask(user, document, { input: { clientMutationId: here.key(), ...input } });
  return (done[field] as { cursor: string }).cursor;
};
const register = (user: string, more: Json = {}) =>
  call(user, "register", "RegisterInput", { handle: user, name: user, ...more });
const update = (user: string, more: Json) => call(user, "updateProfile", "UpdateProfileInput", more);
const locate = (user: string, point: Point | null) => call(user, "setLocation", "SetLocationInput", { point });

const tags = (scores: Record<string, number>) => Object.entries(scores).map(([name, score]) => ({ name, score }));

/** Metres to the north of a point. */
const north = ({ latitude, longitude }: Point, metres: number): Point => ({
  latitude: latitude + metres / 111_195.08,
  longitude,
});
const LONDON: Point = { latitude: 51.5, longitude: -0.12 };
/** Metres from one to where another is said to be. */
const told = (from: Point, to: Point): number => Math.round(distance(from, snapped(to)) / 100) * 100;

describe("people are found", () => {
  test("by words of the name, by id, handle and code", async () => {
    await begin();
    await register("u-1", { handle: "ada", name: "Ada Lovelace" });
    await register("u-2", { handle: "grace", name: "Grace Brewster Hopper" });
    await register("u-3", { handle: "xiaoming", name: "王小明" });
    await register("u-4", { handle: "u-1.x", name: "Ada u-2" });
    await here.caughtUp();
    for (const [name, ids] of [
      ["ada", ["u-1", "u-4"]],
      ["ADA love*", ["u-1"]],
      ['"brewster hopper"', ["u-2"]],
      ["hopper grace", ["u-2"]],
      ["小明", ["u-3"]],
      ["王", ["u-3"]],
      ["u-1", ["u-1"]],
      // Words of one's name, and the other's id.
      ["u-2", ["u-4", "u-2"]],
      ["@GRACE", ["u-2"]],
      [" xiaoming ", ["u-3"]],
      ["tidings:u-3", ["u-3"]],
      ["tidings:g:u-3", []],
      ["nobody", []],
    ] as const)
      expect(await peopleIds("u-1", { name }), name).toEqual(ids);
    expect(await people("u-1", { name: "王" })).toMatchObject({
      edges: [{ node: { user: { id: "u-3" }, score: null, distance: null } }],
    });
  });

  test("by one tag and by several, the highest sum of scores first", async () => {
    await begin();
    await register("ann", { tags: tags({ Chess: 3, tea: 1.5, go: 9 }) });
    await register("bob", { tags: tags({ chess: 5, ＴＥＡ: 0.25 }) });
    await register("cat", { tags: tags({ chess: 3, "green tea": 8 }) });
    await register("dan");
    await here.caughtUp();
    const scored = async (asked: string[], more: Json = {}) =>
      (await people("dan", { tags: asked, ...more }, { first: 100 })).edges.map(({ node }) => [node.user.id, node.score]);
    expect(await scored(["chess"])).toEqual([
      ["bob", 5],
      ["ann", 3],
      ["cat", 3],
    ]);
    expect(await scored(["chess", "Tea"])).toEqual([
      ["bob", 5.25],
      ["ann", 4.5],
    ]);
    expect(await scored(["go", "CHESS", "chess", "tea"])).toEqual([["ann", 13.5]]);
    expect(await scored(["chess"], { name: "ann" })).toEqual([["ann", 3]]);
    expect(await scored(["tea", "green tea"])).toEqual([]);
    expect(await scored(["gre*"])).toEqual([]);
  });

  test("nearby, the nearest first, at distances rounded to 100 m", async () => {
    await begin();
    const metres = { ann: 0, bob: 149, cat: 301, dan: 1_234, eve: 4_900 };
    const far = Object.fromEntries(Object.entries(metres).map(([user, all]) => [user, told(LONDON, north(LONDON, all))]));
    for (const [user, all] of Object.entries(metres)) {
      await register(user);
      await locate(user, north(LONDON, all));
      expect(Math.abs((far[user] ?? 0) - all)).toBeLessThan(150);
    }
    await register("fay");
    await here.caughtUp();
    const near = async (radius: number, more: Json = {}) =>
      (await people("fay", { near: { ...LONDON, radius }, ...more }, { first: 100 })).edges.map(({ node }) => [
        node.user.id,
        node.distance,
      ]);
    expect(await near(5_000)).toEqual(Object.entries(far));
    expect(await near(250)).toEqual(Object.entries(far).slice(0, 2));
    expect(await near(20_100_000, { name: "eve" })).toEqual([["eve", far["eve"]]]);
    await update("dan", { tags: tags({ tea: 1 }) });
    await update("bob", { tags: tags({ tea: 2 }) });
    await here.caughtUp();
    const both = await people("fay", { near: { ...LONDON, radius: 5_000 }, tags: ["tea"] });
    expect(both.edges.map(({ node }) => node)).toEqual([
      { user: { id: "bob" }, score: 2, distance: far["bob"] },
      { user: { id: "dan" }, score: 1, distance: far["dan"] },
    ]);
  });

  test("inside of a polygon, across the antimeridian too", async () => {
    await begin();
    await register("fay");
    for (const [user, latitude, longitude] of [
      ["ann", 0.5, 179.5],
      ["bob", 0.5, -179.5],
      ["cat", 0.5, 0],
      ["dan", 2, 179.5],
    ] as const) {
      await register(user);
      await locate(user, { latitude, longitude });
    }
    await here.caughtUp();
    const corners = [
      { latitude: 0, longitude: 179 },
      { latitude: 1, longitude: 179 },
      { latitude: 1, longitude: -179 },
      { latitude: 0, longitude: -179 },
    ];
    expect(await peopleIds("fay", { within: corners })).toEqual(["ann", "bob"]);
    expect(await peopleIds("fay", { within: corners, name: "bob" })).toEqual(["bob"]);
  });

  test("as a friend, if they are", async () => {
    await begin();
    for (const user of ["ann", "anna", "annika"]) await register(user);
    const ask = (from: string, userId: string) =>
      here.services.commands.requestFriendship(
        { userId: from, admin: false },
        { clientMutationId: here.key(), userId, note: null, alias: null },
      );
    await ask("ann", "anna");
    await ask("anna", "ann");
    await ask("ann", "annika");
    await here.caughtUp();
    expect(await peopleIds("ann", { name: "an*", friendsOnly: true })).toEqual(["anna"]);
    expect(await peopleIds("anna", { name: "an*", friendsOnly: true })).toEqual(["ann"]);
    expect(await peopleIds("ann", { name: "an*" })).toEqual(["ann", "anna", "annika"]);
  });

  test("but nobody as a friend who has none", async () => {
    await begin();
    await register("ann");
    await here.caughtUp();
    expect(await people("ann", { name: "ann", friendsOnly: true })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
    await refused(people("ann", { friendsOnly: true }), "BAD_INPUT", "query");
  });

  test("by what they say of themselves now, whatever the index says", async () => {
    const { fold, folding, search } = await begin({ manual: true });
    await folding(register("ann", { name: "Ann Lee", tags: tags({ tea: 1 }) }));
    await folding(register("bob", { name: "Bob Lee", tags: tags({ tea: 2 }) }));
    await search?.fold();
    await folding(update("bob", { name: "Robert", tags: [] }));
    await fold();
    expect(await peopleIds("ann", { name: "lee" })).toEqual(["ann"]);
    expect(await peopleIds("ann", { tags: ["tea"] })).toEqual(["ann"]);
    // The index is ahead of the views.
    await update("bob", { name: "Lee Roberts" });
    await register("cat", { name: "Cat Lee" });
    await search?.fold();
    expect(await folding(peopleIds("ann", { name: "lee" }))).toEqual(["ann", "cat", "bob"]);
  });
});

describe("a place", () => {
  test("is the owner's to give, to move and to take back", async () => {
    await begin();
    await register("ann");
    await register("bob");
    const near = { near: { ...LONDON, radius: 1_000 } };
    expect(await peopleIds("bob", near, { atLeast: await here.log.end() })).toEqual([]);
    expect(await peopleIds("bob", near, { atLeast: await locate("ann", LONDON) })).toEqual(["ann"]);
    expect(await peopleIds("bob", near, { atLeast: await locate("ann", north(LONDON, 2_000)) })).toEqual([]);
    expect(await peopleIds("bob", near, { atLeast: await locate("ann", LONDON) })).toEqual(["ann"]);
    expect(await peopleIds("bob", near, { atLeast: await locate("ann", null) })).toEqual([]);
    expect(await peopleIds("bob", { within: [0, 1, 2].map((n) => north(LONDON, n * 1_000)), name: "ann" })).toEqual([]);
    expect(await peopleIds("bob", { name: "ann" })).toEqual(["ann"]);
  });

  test("that was forgotten in the call, or is none, changes nothing", async () => {
    await begin();
    await register("ann");
    await locate("ann", LONDON);
    const end = await here.log.end();
    await refused(call("ann", "setLocation", "SetLocationInput", {}), "BAD_INPUT", "point");
    await refused(locate("ann", { latitude: 91, longitude: 0 }), "BAD_INPUT", "point.latitude");
    await refused(locate("ann", { latitude: 0, longitude: 180.5 }), "BAD_INPUT", "point.longitude");
    await refused(
      call("ann", "setLocation", "SetLocationInput", { clientMutationId: " ", point: null }),
      "BAD_INPUT",
      "clientMutationId",
    );
    await refused(locate("bob", LONDON), "NOT_FOUND");
    expect(await here.log.end()).toBe(end);
    await locate("ann", LONDON);
    expect((await here.ask("ann", `{ user(id: "ann") { id } }`))["user"]).toEqual({ id: "ann" });
  });

  test("given twice by the same call is given once", async () => {
    await begin();
    await register("ann");
    const given = { clientMutationId: "k", point: LONDON };
    const first = await call("ann", "setLocation", "SetLocationInput", given);
    await locate("ann", null);
    const end = await here.log.end();
    expect(await call("ann", "setLocation", "SetLocationInput", given)).toBe(first);
    expect(await here.log.end()).toBe(end);
  });

  test("is told to nobody: neither in rows nor in cursors is a distance that is not rounded", async () => {
    await begin();
    await register("bob");
    for (let n = 0; n < 12; n++) {
      await register(`u${n}`);
      await locate(`u${n}`, north(LONDON, 100.7 * n + 13.3));
    }
    await here.caughtUp();
    const near = { near: { ...LONDON, radius: 5_000 } };
    const { edges, pageInfo } = await people("bob", near);
    expect(edges).toHaveLength(12);
    for (const cursor of [...edges.map(({ cursor: own }) => own), pageInfo.startCursor, pageInfo.endCursor]) {
      const [order, far] = JSON.parse(Buffer.from(String(cursor), "base64url").toString()) as [string, string];
      expect([order, Number(far) % 100]).toEqual(["distance", 0]);
    }
    for (const { node } of edges) expect((node.distance ?? 1) % 100).toBe(0);
  });
});

describe("what is asked about a place tells no more than the cell that it is in", () => {
  /** What strangers can ask: is `who` inside of this, that near, how far, before or after whom, on which page? */
  const sees = async (user: string, query: Json, who: string) => {
    const { edges } = await people(user, query, { first: 100 });
    return edges.find(({ node }) => node.user.id === who)?.node ?? null;
  };

  const PLACES: [string, Point][] = [
    ["in a town", { latitude: 51.501_364, longitude: -0.141_89 }],
    ["near a pole", { latitude: -89.998_31, longitude: 12.3 }],
    ["beside the antimeridian", { latitude: -16.801_7, longitude: 179.999_93 }],
  ];

  test.each(PLACES)("%s, two in one cell are told apart by nothing", async (_, exact) => {
    await begin();
    const middle = snapped(exact);
    await register("spy");
    for (const [user, at] of Object.entries({ ann: exact, bob: middle })) {
      await register(user, { name: "the same", tags: tags({ tea: 1 }) });
      await locate(user, at);
    }
    await here.caughtUp();
    const metres = fc.double({ min: 0, max: 400, noNaN: true });
    const way = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
    await fc.assert(
      fc.asyncProperty(metres, way, fc.double({ min: 1, max: 600, noNaN: true }), async (far, angle, radius) => {
        const wide = 111_195.08 * Math.max(1e-4, Math.cos((exact.latitude * Math.PI) / 180));
        const east = ((exact.longitude + (far * Math.sin(angle)) / wide + 540) % 360) - 180;
        const from = { latitude: Math.max(-90, north(exact, far * Math.cos(angle)).latitude), longitude: east };
        const box = [0, 1, 2, 3].map((corner) => ({
          latitude: corner % 3 === 0 ? from.latitude : Math.min(90, from.latitude + radius / 111_195.08),
          longitude: corner < 2 ? from.longitude : ((from.longitude + radius / wide + 540) % 360) - 180,
        }));
        for (const query of [{ near: { ...from, radius } }, { within: box }, { tags: ["tea"], near: { ...from, radius } }]) {
          const [ann, bob] = await Promise.all([sees("spy", query, "ann"), sees("spy", query, "bob")]);
          expect({ ...ann, user: null }).toEqual({ ...bob, user: null });
        }
      }),
      { numRuns: 40 },
    );
    // Two of one place, one after the other by their ids: neither order nor cursors tell who is nearer.
    const { edges } = await people("spy", { near: { ...north(exact, 30), radius: 2_000 } });
    expect(edges.map(({ node }) => node.user.id)).toEqual(["ann", "bob"]);
  });

  test("cut in half again and again, it is found in the middle of its cell", async () => {
    await begin();
    const exact = { latitude: 51.501_364, longitude: -0.141_89 };
    const middle = snapped(exact);
    expect(distance(exact, middle)).toBeGreaterThan(10);
    await register("spy");
    await register("ann");
    await locate("ann", exact);
    await here.caughtUp();
    const isIn = async (query: Json) => (await sees("spy", query, "ann")) !== null;
    const halved = async (low: number, high: number, isAbove: (value: number) => Promise<boolean>) => {
      for (let step = 0; step < 40; step++) {
        const half = (low + high) / 2;
        if (await isAbove(half)) low = half;
        else high = half;
      }
      return low;
    };
    const box = (south: number, west: number) =>
      [
        [south, west],
        [52, west],
        [52, 1],
        [south, 1],
      ].map(([latitude, longitude]) => ({ latitude, longitude }));
    const latitude = await halved(51, 52, (south) => isIn({ within: box(south, -1) }));
    const longitude = await halved(-1, 1, (west) => isIn({ within: box(51, west) }));
    expect(distance({ latitude, longitude }, middle)).toBeLessThan(1);
    const radius = await halved(
      0,
      200_000,
      async (metres) => !(await isIn({ near: { latitude: 51, longitude: 0, radius: metres } })),
    );
    expect(Math.abs(radius - distance({ latitude: 51, longitude: 0 }, middle))).toBeLessThan(1);
  });
});

describe("pages", () => {
  test.each([
    ["by name", { name: "lee" }],
    ["by score", { tags: ["tea"] }],
    ["by distance", { near: { ...LONDON, radius: 100_000 } }],
    [
      "within",
      {
        within: [
          { latitude: 51, longitude: -1 },
          { latitude: 53, longitude: -1 },
          { latitude: 52, longitude: 1 },
        ],
      },
    ],
  ])("%s give everybody once", async (_, query) => {
    await begin();
    await register("bob");
    for (let n = 0; n < 30; n++) {
      const id = `u${(n * 7) % 30}`;
      // Many are alike: of one name, score, place.
      await register(id, { name: `Lee ${n % 3}`, tags: tags({ tea: n % 4 }) });
      await locate(id, north(LONDON, 30 * (n % 7)));
    }
    await here.caughtUp();
    const all = await peopleIds("bob", query);
    expect(new Set(all).size).toBe(30);
    const walked: string[] = [];
    for (let after: string | null = null; ;) {
      const { edges, pageInfo }: Found<UserHit> = await people("bob", query, { first: 4, after });
      walked.push(...edges.map(({ node }) => node.user.id));
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(walked).toEqual(all);
  });

  test("by distance go on where somebody has moved away from their end", async () => {
    await begin();
    await register("bob");
    for (let n = 0; n < 8; n++) {
      await register(`u${n}`);
      await locate(`u${n}`, north(LONDON, 120 * n));
    }
    await here.caughtUp();
    const query = { near: { ...LONDON, radius: 5_000 } };
    const first = await people("bob", query, { first: 3 });
    expect(first.edges.map(({ node }) => node.user.id)).toEqual(["u0", "u1", "u2"]);
    await locate("u2", null);
    await here.caughtUp();
    const rest = await peopleIds("bob", query, { after: first.pageInfo.endCursor });
    expect(rest.filter((id) => !["u0", "u1"].includes(id))).toEqual(["u3", "u4", "u5", "u6", "u7"]);
    expect(new Set(rest).size).toBe(rest.length);
  });

  test("are what a naive look at everybody gives", { timeout: 60_000 }, async () => {
    await begin();
    await register("bob", { handle: "robert", name: "Robert" });
    const words = ["Ann", "Lee", "李", "tea"];
    const count = 60;
    const everybody = Array.from({ length: count }, (_, n) => ({
      id: `u${n}`,
      name: `${words[n % 4]} ${words[(n >> 2) % 4]}`,
      tags: { tea: n % 5, ...(n % 2 === 0 ? { chess: n % 3 } : {}) },
      point: n % 6 === 0 ? null : { latitude: ((n * 37) % 180) - 90 + 0.5, longitude: ((n * 61) % 360) - 180 + 0.25 },
    }));
    for (const { id, name, tags: scores, point } of everybody) {
      await register(id, { name, tags: tags(scores) });
      if (point) await locate(id, point);
    }
    await here.caughtUp();
    const degrees = { latitude: fc.integer({ min: -89, max: 89 }), longitude: fc.integer({ min: -179, max: 179 }) };
    const asked = fc
      .record({
        name: fc.option(fc.constantFrom("ann", "lee", "李", "te*"), { nil: undefined }),
        tags: fc.option(fc.constantFrom(["tea"], ["tea", "chess"], ["go"]), { nil: undefined }),
        near: fc.option(fc.record({ ...degrees, radius: fc.integer({ min: 1_000, max: 20_000_000 }) }), { nil: undefined }),
        within: fc.option(
          fc.record(degrees).map(({ latitude, longitude }) =>
            [
              [-20, -30],
              [20, -30],
              [20, 30],
              [-20, 30],
            ].map(([dy = 0, dx = 0]) => ({
              latitude: Math.max(-89.9, Math.min(89.9, latitude + dy)),
              longitude: ((((longitude + dx + 180) % 360) + 360) % 360) - 180,
            })),
          ),
          { nil: undefined },
        ),
      })
      .filter(({ name, tags: some, near, within }) => [name, some, near, within].some((each) => each !== undefined));
    await fc.assert(
      fc.asyncProperty(asked, async (query) => {
        const { name, tags: some, near, within } = query;
        const expected = everybody
          .filter((each) => {
            const inName = each.name.toLowerCase().split(" ");
            const isNamed = name === undefined || inName.some((word) => (name === "te*" ? word === "tea" : word === name));
            const isTagged = (some ?? []).every((tag) => tag in each.tags);
            const isNear = !near || (each.point !== null && distance(snapped(each.point), near) <= near.radius);
            return isNamed && isTagged && isNear && (!within || (each.point !== null && isInside(snapped(each.point), within)));
          })
          .map(({ id }) => id)
          .sort();
        expect((await peopleIds("bob", query)).sort()).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe("groups are found", () => {
  const group = async (owner: string, title: string, more: Json = {}, members: string[] = []) =>
    here.group(owner, members, { title, ...more });

  test("by words of the title, id, code, tags and category", async () => {
    await begin();
    await register("ann");
    const chess = await group("ann", "The Chess Club", { category: "Club", tags: tags({ chess: 5, tea: 1 }) });
    const tea = await group("ann", "Tea 品茶", { category: "ｃｌｕｂ", tags: tags({ tea: 3 }) });
    await here.caughtUp();
    for (const [query, ids] of [
      [{ name: "chess" }, [chess]],
      [{ name: "品茶" }, [tea]],
      [{ name: "the" }, [chess]],
      [{ name: chess }, [chess]],
      [{ name: `tidings:${tea}` }, [tea]],
      [{ name: "tidings:ann" }, []],
      [{ tags: ["tea"] }, [tea, chess]],
      [{ tags: ["TEA", "chess"] }, [chess]],
      [{ category: "CLUB" }, [tea, chess]],
      [{ category: "club", name: "tea" }, [tea]],
      [{ category: "clubs" }, []],
    ] as const)
      expect(await groupIds("ann", query), JSON.stringify(query)).toEqual(ids);
    const { edges } = await groups("ann", { tags: ["tea", "chess"] });
    expect(edges.map(({ node }) => node)).toEqual([{ conversation: { id: chess, title: "The Chess Club" }, score: 6 }]);
    expect((await groups("ann", { name: "tea" })).edges.map(({ node }) => node.score)).toEqual([null]);
  });

  test("that are public, or that the viewer is or was in: those that can be opened", async () => {
    await begin();
    for (const user of ["ann", "bob", "cat"]) await register(user);
    const open = await group("ann", "Readers in public", { public: true });
    const closed = await group("ann", "Readers in private", {}, ["bob"]);
    await group("ann", "Readers alone");
    await here.caughtUp();
    expect(await groupIds("cat", { name: "readers" })).toEqual([open]);
    expect(await groupIds("cat", { name: closed })).toEqual([]);
    expect(await groupIds("bob", { name: "readers" })).toEqual([closed, open]);
    const left = await call("bob", "leave", "NodeInput", { id: closed });
    expect(await groupIds("bob", { name: "readers" }, { atLeast: left })).toEqual([closed, open]);
    for (const id of await groupIds("bob", { name: "readers" }))
      expect((await here.ask("bob", `query ($id: ID!) { conversation(id: $id) { id } }`, { id }))["conversation"]).toEqual({
        id,
      });
  });

  test("and not those that one has left and that are found otherwise since: not even as one more, or by a score", async () => {
    await begin();
    for (const user of ["ann", "bob"]) await register(user);
    const tagged = (score: number) => ({ tags: tags({ tea: score }) });
    const own = await group("bob", "A giraffe", tagged(9));
    const ids = [];
    for (const more of [{}, {}, {}, {}]) ids.push(await group("ann", "Readers", { ...tagged(1), ...more }, ["bob"]));
    const [titled = "", retagged = "", labelled = "", told = ""] = ids;
    for (const id of ids) await call("bob", "leave", "NodeInput", { id });
    const change = (id: string, more: Json) => call("ann", "updateConversation", "UpdateConversationInput", { id, ...more });
    await change(titled, { title: "Readers of a giraffe" });
    await change(retagged, tagged(7));
    await change(labelled, { category: "clubs" });
    await change(told, { announcement: "about a giraffe", description: "of a giraffe" });
    await here.caughtUp();
    const alone = { hasNextPage: false, hasPreviousPage: false };
    const first = (query: Json) => groups("bob", query, { first: 1 });
    expect(await first({ name: "giraffe" })).toMatchObject({ edges: [{ node: { conversation: { id: own } } }], pageInfo: alone });
    expect(await groupIds("bob", { category: "clubs" })).toEqual([]);
    const { edges } = await groups("bob", { tags: ["tea"] });
    expect(edges.map(({ node }) => [node.conversation.id, node.score])).toEqual([
      [own, 9],
      [told, 1],
    ]);
    expect(await groupIds("bob", { name: "readers" })).toEqual([told]);
    // Back in one, it is found as it is.
    await call("ann", "addMembers", "MembersInput", { conversationId: titled, userIds: ["bob"] });
    await here.caughtUp();
    expect((await first({ name: "giraffe" })).pageInfo.hasNextPage).toBe(true);
    expect(await groupIds("bob", { name: "giraffe" })).toEqual([own, titled]);
  });

  test("and no others, whatever the index gives", async () => {
    const { search, services } = await begin();
    await register("ann");
    await register("bob");
    const own = await group("bob", "Readers of bob");
    await group("ann", "Readers alone");
    await here.caughtUp();
    expect(await groupIds("bob", { name: "readers" })).toEqual([own]);
    expect(search?.asked.entries.map(({ visibleIds }) => visibleIds)).toEqual([[own]]);
    const asks = services.search.entries;
    services.search.entries = ({ visibleIds: _, ...query }, by) => asks(query, by);
    expect(await groupIds("bob", { name: "readers" })).toEqual([own]);
  });

  test("page by page", async () => {
    await begin();
    await register("ann");
    const ids = new Set<string>();
    for (let n = 0; n < 12; n++) ids.add(await group("ann", `Readers ${n % 4}`, { tags: tags({ books: n % 3 }) }));
    await here.caughtUp();
    for (const query of [{ name: "readers" }, { tags: ["books"] }]) {
      const walked: string[] = [];
      for (let after: string | null = null; ;) {
        const { edges, pageInfo }: Found<GroupHit> = await groups("ann", query, { first: 5, after });
        walked.push(...edges.map(({ node }) => node.conversation.id));
        if (!pageInfo.hasNextPage) break;
        after = pageInfo.endCursor;
      }
      expect(walked).toEqual(await groupIds("ann", query));
      expect(new Set(walked)).toEqual(ids);
    }
  });

  test("only where the views have them, too", async () => {
    const { fold, folding, search } = await begin({ manual: true });
    await folding(register("ann"));
    await fold();
    const created = {
      groupId: "g:new",
      ownerId: "bob",
      title: "Readers",
      avatarUrl: null,
      description: null,
      announcement: null,
      category: null,
      tags: [],
      joinPolicy: "OPEN" as const,
      public: true,
      historyVisible: false,
    };
    await here.record(streams.group("g:new"), "bob", [{ type: "GroupCreated", data: created }]);
    await search?.fold();
    expect(await folding(groupIds("ann", { name: "readers" }))).toEqual(["g:new"]);
  });
});

describe("a code", () => {
  const CODE = `query ($text: String!) { code(text: $text) {
    __typename ... on User { id own: code } ... on Conversation { id title shared: code } ... on Invite { invite: code createdBy { id } }
  } }`;
  const read = async (user: string, text: string) => (await here.ask(user, CODE, { text }))["code"];

  test("is a user's, or that of a group that the viewer may open", async () => {
    await begin();
    await register("ann");
    await register("bob");
    const closed = await here.group("ann");
    const open = await here.group("ann", [], { public: true });
    expect(await read("bob", "tidings:ann")).toEqual({ __typename: "User", id: "ann", own: "tidings:ann" });
    expect(await read("bob", ` tidings:${open}\n`)).toMatchObject({ __typename: "Conversation", shared: `tidings:${open}` });
    expect(await read("ann", `tidings:${closed}`)).toMatchObject({ __typename: "Conversation", id: closed, title: "ann's" });
    for (const text of [`tidings:${closed}`, "tidings:g:none", "tidings:nobody", "tidings:d:ann~bob", "ann", "", "\0", "\ud800"])
      expect(await read("bob", text), text).toBeNull();
  });

  test("is null of a direct conversation", async () => {
    await begin();
    await register("ann");
    await register("bob");
    await here.send("ann", "bob");
    const { conversation } = await here.ask("ann", `{ conversation(id: "d:ann~bob") { code } }`);
    expect(conversation).toEqual({ code: null });
  });
});
