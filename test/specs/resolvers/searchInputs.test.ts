import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edgeCursor } from "../../../src/api/arguments.ts";
import type * as Api from "../../../src/api/generated.ts";
import { conversationSearch, entryKey, rounded, userSearch } from "../../../src/api/search/entryInputs.ts";
import { messageKey, messageSearch } from "../../../src/api/search/messageInputs.ts";
import { refusedWith } from "../../support/given.ts";

const near = { latitude: 51.5, longitude: -0.1, radius: 5_000 };
const corner = { latitude: 1, longitude: 2 };
const people = (query: Api.UserQuery) => userSearch(query, {});
const groups = (query: Api.ConversationQuery) => conversationSearch(query, {});

describe("a search for messages", () => {
  test("of nothing is for all of them, newest first", () => {
    expect(messageSearch({ text: null, kind: null, orderBy: null, includePublic: null }, {})).toStrictEqual({
      units: [],
      order: "NEWEST",
      conversationId: null,
      includePublic: false,
      filter: {},
      first: 20,
      after: undefined,
    });
  });

  test("narrows by all that is given, times excluded", () => {
    const given = {
      text: "会议 *hi*",
      conversationId: "g:a",
      senderId: "ann",
      kind: "IMAGE",
      topic: " tea ",
      sentAfter: "2024-05-31T12:00:00Z",
      sentBefore: "2024-05-31T14:00:00.250+02:00",
      includePublic: true,
      orderBy: "RELEVANCE",
    } as const;
    expect(messageSearch(given, { first: 7 })).toStrictEqual({
      units: [
        { tokens: ["会议"], match: "phrase" },
        { tokens: ["hi"], match: "prefix" },
      ],
      order: "RELEVANCE",
      conversationId: "g:a",
      includePublic: true,
      filter: {
        senderIds: ["ann"],
        kinds: ["IMAGE"],
        topic: " tea ",
        sentFrom: Date.UTC(2024, 4, 31, 12, 0, 0, 1),
        sentTo: Date.UTC(2024, 4, 31, 12, 0, 0, 250),
      },
      first: 7,
      after: undefined,
    });
  });

  test.each([
    ["2024-05-31T12:00:00.0005Z", 1, 1],
    ["2024-05-31T12:00:00.0000000Z", 1, 0],
    ["2024-05-31T14:00:00.123000001+02:00", 124, 124],
    ["2024-05-31T12:00:00.5Z", 501, 500],
    ["2024-05-31T12:00:00Z", 1, 0],
  ])("bounded by %s finds what is after it, and what is before it", (time, from, to) => {
    const noon = Date.UTC(2024, 4, 31, 12);
    expect(messageSearch({ sentAfter: time, sentBefore: time }, {}).filter).toStrictEqual({
      sentFrom: noon + from,
      sentTo: noon + to,
    });
  });

  test("goes on after the cursor of an edge", () => {
    const place = { conversationId: "d:a~b", seq: 3, sentAt: -62_167_219_200_000 };
    expect(messageSearch({}, { after: edgeCursor(...messageKey(place)) }).after).toStrictEqual(place);
    const scored = { ...place, score: -1.25e-7 };
    const after = edgeCursor(...messageKey(scored));
    expect(messageSearch({ text: "a", orderBy: "RELEVANCE" }, { after }).after).toStrictEqual(scored);
    refusedWith(() => messageSearch({ text: "a" }, { after }), "BAD_INPUT", { field: "after" });
    // Without words there is nothing to be relevant.
    refusedWith(() => messageSearch({ orderBy: "RELEVANCE" }, { after }), "BAD_INPUT", { field: "after" });
  });
});

describe("a search for people", () => {
  const nameOf = (text: string) => {
    const { ids, handle } = people({ name: text }).query.name ?? { ids: [], handle: undefined };
    return [...ids, ...(handle === undefined ? [] : [`@${handle}`])];
  };
  test.each([
    ["Ann", ["Ann", "@ann"]],
    [" @Ann ", ["@ann"]],
    ["tidings:Ann.Lee", ["Ann.Lee"]],
    ["tidings:g:readers", []],
    ["Ann Lee", []],
    ["李", ["@李"]],
  ])("named %j is for words, or one of %j", (name, ids) => expect(nameOf(name)).toStrictEqual(ids));

  test("is in the order of what was asked for", () => {
    expect(people({ name: "ann" }).order).toBe("name");
    expect(people({ within: [corner, corner, corner] }).order).toBe("name");
    expect(people({ name: "ann", near }).order).toBe("distance");
    expect(people({ near, tags: ["chess"] }).order).toBe("score");
  });

  test("asks for nothing that was not given", () => {
    expect(people({ tags: [" chess "], name: null, friendsOnly: null }).query).toStrictEqual({ tags: ["chess"] });
    expect(groups({ category: "club", tags: null }).query).toStrictEqual({ category: "club" });
  });
});

describe("a search for groups", () => {
  test.each([
    ["g:readers", ["g:readers"]],
    ["tidings:g:readers", ["g:readers"]],
    ["tidings:ann", []],
    ["Readers", []],
  ])("named %j is for words, or one of %j", (name, ids) =>
    expect(groups({ name }).query.name).toMatchObject({ ids, units: expect.any(Array) as unknown }),
  );
});

describe("the cursor of somebody found", () => {
  test("says no more than a rounded distance", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 20_100_000, noNaN: true }), (distance) => {
        const [kind, told, id] = entryKey({ id: "ann", distance, name: "ann", score: 3 }, "distance");
        expect([kind, id]).toStrictEqual(["distance", "ann"]);
        expect(Number(told) % 100).toBe(0);
        expect(Math.abs(Number(told) - distance)).toBeLessThanOrEqual(50);
        expect(userSearch({ near }, { after: edgeCursor("distance", String(told), "ann") }).after).toStrictEqual({
          id: "ann",
          distance: rounded(distance),
        });
      }),
    );
  });

  test("stands for a place in one order", () => {
    const after = edgeCursor(...entryKey({ id: "ann", score: 2.5 }, "score"));
    expect(userSearch({ tags: ["chess"] }, { after }).after).toStrictEqual({ id: "ann", score: 2.5 });
    const named = edgeCursor(...entryKey({ id: "g:a", name: "die leser" }, "name"));
    expect(conversationSearch({ category: "club" }, { after: named }).after).toStrictEqual({ id: "g:a", name: "die leser" });
    refusedWith(() => userSearch({ near }, { after }), "BAD_INPUT", { field: "after" });
    refusedWith(() => userSearch({ name: "ann" }, { after }), "BAD_INPUT", { field: "after" });
  });
});

const placeOf = (...key: string[]) => ({ after: edgeCursor(...key) });
const corners = (count: number) => Array.from({ length: count }, () => corner);

test.each<[string, () => unknown, string, RegExp]>([
  ["an empty text", () => messageSearch({ text: "" }, {}), "text", /at least one letter/],
  ["a text of signs", () => messageSearch({ text: '"*" ' }, {}), "text", /at least one letter/],
  ["a text too long", () => messageSearch({ text: "x".repeat(5_000) }, {}), "text", /1000/],
  ["too many words", () => messageSearch({ text: "x ".repeat(33) }, {}), "text", /32/],
  ["half a character", () => messageSearch({ text: "a \ud83d" }, {}), "text", /surrogate/],
  ["U+0000", () => messageSearch({ text: "a\0" }, {}), "text", /U\+0000/],
  ["a conversation that is none", () => messageSearch({ conversationId: "ann" }, {}), "conversationId", /g:/],
  ["a pair out of order", () => messageSearch({ conversationId: "d:b~a" }, {}), "conversationId", /order/],
  ["a sender that is none", () => messageSearch({ senderId: "a~b" }, {}), "senderId", /A-Z/],
  ["a blank topic", () => messageSearch({ topic: " " }, {}), "topic", /1 to 128/],
  ["half a character in a topic", () => messageSearch({ topic: "\udc00" }, {}), "topic", /1 to 128/],
  ["a topic too long", () => messageSearch({ topic: "t".repeat(129) }, {}), "topic", /1 to 128/],
  ["a time that is none", () => messageSearch({ sentAfter: "yesterday" }, {}), "sentAfter", /2024-05-31T12:00:00Z/],
  ["a day alone", () => messageSearch({ sentBefore: "2024-05-31" }, {}), "sentBefore", /2024-05-31T12:00:00Z/],
  ["a day that never was", () => messageSearch({ sentBefore: "2023-02-29T00:00:00Z" }, {}), "sentBefore", /a time as/],
  ["a page of nothing", () => messageSearch({}, { first: 0 }), "first", /1 to 100/],
  ["a page too large", () => messageSearch({}, { first: 101 }), "first", /1 to 100/],
  ["a cursor that is none", () => messageSearch({}, { after: "x" }), "after", /cursor/],
  ["a cursor of another list", () => messageSearch({}, placeOf("a", "b")), "after", /cursor/],
  ["a cursor of no conversation", () => messageSearch({}, placeOf("g:", "1", "1", "")), "after", /cursor/],
  ["a cursor of no seq", () => messageSearch({}, placeOf("g:a", "1.5", "1", "")), "after", /cursor/],
  ["a cursor of no time", () => messageSearch({}, placeOf("g:a", "1", "Infinity", "")), "after", /cursor/],
  [
    "a cursor of no score",
    () => messageSearch({ text: "a", orderBy: "RELEVANCE" }, placeOf("g:a", "1", "1", "NaN")),
    "after",
    /cursor/,
  ],
  ["nothing asked of people", () => people({ friendsOnly: true }), "query", /at least one/],
  ["an empty name", () => people({ name: " " }), "name", /at least one letter/],
  ["half a character in a name", () => people({ name: "\ud800" }), "name", /surrogate/],
  ["no tags", () => people({ tags: [] }), "tags", /1 to 16/],
  ["too many tags", () => people({ tags: Array<string>(17).fill("a") }), "tags", /1 to 16/],
  ["a blank tag", () => people({ tags: ["a", " "] }), "tags.1", /1 to 64/],
  ["U+0000 in a tag", () => people({ tags: ["\0"] }), "tags.0", /1 to 64/],
  ["a tag too long", () => people({ tags: ["t".repeat(65)] }), "tags.0", /1 to 64/],
  ["a place beyond the pole", () => people({ near: { ...near, latitude: 90.01 } }), "near.latitude", /90/],
  ["a place beyond the antimeridian", () => people({ near: { ...near, longitude: -181 } }), "near.longitude", /180/],
  ["no radius", () => people({ near: { ...near, radius: 0 } }), "near.radius", /above 0/],
  ["a radius round the earth", () => people({ near: { ...near, radius: 20_100_001 } }), "near.radius", /20,100,000/],
  ["a polygon of two corners", () => people({ within: corners(2) }), "within", /3 to 500/],
  ["a polygon of too many", () => people({ within: corners(501) }), "within", /3 to 500/],
  [
    "a corner beyond the pole",
    () => people({ within: [...corners(3), { latitude: -91, longitude: 0 }] }),
    "within.3.latitude",
    /90/,
  ],
  ["a score that is none", () => userSearch({ tags: ["a"] }, placeOf("score", "", "ann")), "after", /cursor/],
  ["a distance that is none", () => userSearch({ near }, placeOf("distance", "0x10", "ann")), "after", /cursor/],
  ["a name with half a character", () => userSearch({ name: "a" }, placeOf("name", "\ud800", "ann")), "after", /cursor/],
  ["a cursor of nobody", () => userSearch({ name: "a" }, placeOf("name", "a", "a~b")), "after", /cursor/],
  ["a page of nobody", () => userSearch({ name: "a" }, { first: -1 }), "first", /1 to 100/],
  ["nothing asked of groups", () => groups({}), "query", /at least one/],
  ["a blank category", () => groups({ category: "" }), "category", /1 to 64/],
  ["a name of signs", () => groups({ name: "!?" }), "name", /at least one letter/],
])("%s is refused by the name of the input", (_, parse, field, saying) => refusedWith(parse, "BAD_INPUT", { field, saying }));
