import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { events } from "../../../src/domain/events.ts";
import { usualMessage } from "../../../src/domain/usualMessage.ts";

const usual = {
  conversationId: "g:chess",
  senderId: "alice",
  clientMutationId: "m",
  kind: "TEXT",
  topic: null,
  text: "hello",
  attachments: [],
  replyTo: null,
  mentions: [],
  mentionsAll: false,
};

/** What may stand in a member, right, wrong and at the edges. */
const ids = fc.constantFrom<unknown>("alice", "al=C3=A9", "=E9", "", ".a", "a b", "x".repeat(64), "x".repeat(65), null, 1);
const texts = (most: number) =>
  fc.constantFrom<unknown>(
    null,
    "",
    " ",
    "x",
    "x".repeat(most),
    "x".repeat(most + 1),
    "𝄞".repeat(most),
    "\ud83d",
    7,
    {},
    undefined,
  );
const members = {
  conversationId: fc.constantFrom<unknown>(
    "g:chess",
    "c:news",
    "d:alice~bob",
    "d:bob~alice",
    "d:a~=E9",
    "g:",
    "x:1",
    "g:a b",
    "",
    null,
    5,
  ),
  senderId: ids,
  clientMutationId: fc.constantFrom<unknown>("", "m", null, 3),
  kind: fc.constantFrom<unknown>("TEXT", "IMAGE", "text", null),
  topic: texts(128),
  text: texts(16_384),
  attachments: fc.constantFrom<unknown>(
    [],
    {},
    null,
    [{}],
    [{ url: "https://a.example/b", name: "b", mediaType: "text/plain", size: 1, width: null, height: null }],
  ),
  replyTo: fc.constantFrom<unknown>(null, 1, 0, -1, 1.5, 2 ** 53, "1"),
  mentions: fc.oneof(
    fc.array(ids, { maxLength: 3 }),
    fc.constantFrom<unknown>(null, {}, Array(128).fill("bob"), Array(129).fill("bob")),
  ),
  mentionsAll: fc.constantFrom<unknown>(true, false, null, 0),
  expiresAfterSeconds: fc.constantFrom<unknown>(5, 4, "5"),
  scheduled: fc.constantFrom<unknown>(true, false),
  imported: fc.constantFrom<unknown>(
    { sentAt: "2024-02-29T23:59:59.999Z" },
    { sentAt: "2023-02-29T23:59:59.999Z", more: 1 },
    { sentAt: "2024-01-01T00:00:00.000Z", more: 1 },
    { sentAt: "2024-01-01T00:00:00Z" },
    { sentAt: 5 },
    {},
    [],
    null,
  ),
  forwardedFrom: fc.constantFrom<unknown>({ conversationId: "g:chess", seq: 1, count: 1 }, {}),
  textGiven: fc.constantFrom<unknown>("a".repeat(43), "a", 1),
  more: fc.constantFrom<unknown>(1),
};

/** JSON, as a log holds it: nearly usual, with some members that are otherwise, or missing. */
const stored = fc
  .tuple(
    fc.record(members, { requiredKeys: [] }),
    fc.subarray(Object.keys(usual), { maxLength: 2 }),
    fc.subarray(Object.keys(members), { maxLength: 4 }),
  )
  .map(([others, missing, taken]) => {
    const chosen = Object.entries(others).filter(([name]) => taken.includes(name));
    const all = Object.entries({ ...usual, ...Object.fromEntries(chosen) });
    return JSON.parse(
      JSON.stringify(Object.fromEntries(all.filter(([name]) => taken.includes(name) || !missing.includes(name)))),
    ) as unknown;
  });

describe("a message as nearly all are", () => {
  test("is given as its schema gives it, member by member, or the schema is left to say what it is", () => {
    let found = 0;
    fc.assert(
      fc.property(stored, (data) => {
        const quick = usualMessage(data);
        if (quick === undefined) return;
        found++;
        const parsed = events.MessageSent.safeParse(data);
        expect(parsed.success).toBe(true);
        // As texts: their members are in the same order.
        expect(JSON.stringify(quick)).toBe(JSON.stringify(parsed.data));
      }),
      { numRuns: 5_000 },
    );
    expect(found).toBeGreaterThan(500);
  });

  test.each([
    [{}],
    [{ topic: "opening", text: "𝄞é中", replyTo: 3, mentions: ["bob", "carol"], mentionsAll: true }],
    [{ conversationId: "d:alice~bob", text: null }],
    [{ imported: { sentAt: "2024-02-29T23:59:59.999Z" } }],
    [{ laterMember: 1 }],
  ])("is found without the schema: %j", (members) => {
    const data = { ...usual, ...members };
    expect(JSON.stringify(usualMessage(data))).toBe(JSON.stringify(events.MessageSent.parse(data)));
  });

  test.each([null, undefined, "text", 5, [], {}])("is not what is no message: %j", (data) =>
    expect(usualMessage(data)).toBeUndefined(),
  );
});
