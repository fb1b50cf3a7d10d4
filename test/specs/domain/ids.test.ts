import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  directConversationOf,
  directInOrder,
  directMembers,
  isUserId,
  messageIdOf,
  parseMessageId,
  readUser,
  readUserId,
  userIdFor,
  userNameIn,
} from "../../../src/domain/ids.ts";
import { runs } from "../../support/property.ts";

/** What a user's id was before any text could be one. */
const WITHOUT_ESCAPES = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const plainIds = fc.stringMatching(WITHOUT_ESCAPES);
/** Texts that could be taken for encoded ones, among them. */
const lookAlikes = fc
  .array(fc.constantFrom("=", "=7C", "=7c", "=41", "=3D", "=C3", "=A9", "%7C", "a", "é", ".", "-", "|", "(", "👍"), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(""));
const names = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter((text) => !/\p{Surrogate}/u.test(text)),
  fc.emailAddress(),
  plainIds,
  lookAlikes,
);
const property = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void) =>
  fc.assert(
    fc.property(arbitrary, (value) => holds(value)),
    { numRuns: runs(1_000) },
  );
const idFor = (name: string): string => userIdFor(name) ?? expect.fail(`${JSON.stringify(name)} has no id`);

describe("the id of the user whom a text names", () => {
  test.each([
    ["ann", "ann"],
    ["auth0|123", "auth0=7C123"],
    ["ann@example.org", "ann=40example.org"],
    ["-ann", "=2Dann"],
    ["李", "=E6=9D=8E"],
    ["a=7Cb", "a=3D7Cb"],
    ["a b~c:d*'()!", "a=20b=7Ec=3Ad=2A=27=28=29=21"],
    ["\0", "=00"],
  ])("of %j is %s", (name, id) => {
    expect(userIdFor(name)).toBe(id);
    expect(userNameIn(id)).toBe(name);
  });

  test("is the text itself where that was an id before: no user becomes another", () =>
    property(plainIds, (id) => {
      expect(readUserId(id)).toEqual({ id });
      expect(userNameIn(id)).toBe(id);
      expect(isUserId(id)).toBe(true);
    }));

  test("tells the text again, and has no other characters than those of ids", () =>
    property(names, (name) => {
      const id = idFor(name);
      expect(userNameIn(id)).toBe(name);
      expect(id).toMatch(/^[A-Za-z0-9=][A-Za-z0-9=._-]*$/);
      expect(isUserId(id)).toBe(id.length <= 64);
    }));

  test("is of no two texts, also where one looks like the id of the other", () => {
    property(fc.tuple(names, names), ([one, other]) => void expect(idFor(one) === idFor(other)).toBe(one === other));
    property(names, (name) => {
      const id = idFor(name);
      if (id !== name) expect(idFor(id)).not.toBe(id);
    });
  });

  test("is written in one way: what is not the id of any text is no id", () => {
    for (const id of ["=41", "a=7c", "a=", "a=4", "=", "=80", "=C3", "=C0=AF", "=ED=A0=80", ".a", "_a", "-a", "a=2D", "a|b", ""])
      expect([id, isUserId(id)]).toEqual([id, false]);
    property(lookAlikes, (text) => {
      const name = userNameIn(text);
      if (name !== undefined) expect(userIdFor(name)).toBe(text);
    });
  });

  test("is refused, not cut, where it would have more than 64 characters", () => {
    expect(readUserId("a".repeat(64))).toEqual({ id: "a".repeat(64) });
    expect(readUserId("a".repeat(65))).toEqual({ fault: "it makes an id of 65 characters, and there are 64 at most" });
    expect(readUserId(`auth0|${"a".repeat(57)}`)).toEqual({
      fault: "it makes an id of 65 characters, and there are 64 at most",
    });
  });

  test.each([undefined, null, "", 7, {}, ["ann"], "\ud800", "a\udc00b"])("%j names nobody", (name) => {
    expect(readUserId(name)).toEqual({ fault: "it is not a text of at least one character" });
  });

  test("may be typed in its place", () => {
    expect(readUser("auth0=7C123")).toEqual({ id: "auth0=7C123" });
    expect(readUser("auth0|123")).toEqual({ id: "auth0=7C123" });
    expect(readUser("a=7c")).toEqual({ id: "a=3D7c" });
    expect(readUser("")).toMatchObject({ fault: expect.any(String) as string });
  });
});

test("conversations and messages of whomever are named by these ids", () =>
  property(
    fc.tuple(names, names).filter(([one, other]) => one !== other && isUserId(idFor(one)) && isUserId(idFor(other))),
    ([one, other]) => {
      const members = [idFor(one), idFor(other)].sort((a, b) => (a < b ? -1 : 1)) as [string, string];
      const id = directConversationOf(members[1], members[0]);
      expect(directMembers(id)).toEqual(members);
      expect(directInOrder(id)).toBeUndefined();
      expect(directInOrder(`d:${members[1]}~${members[0]}`)).toBe(id);
      expect(directMembers(`d:${members[1]}~${members[0]}`)).toBeUndefined();
      expect(parseMessageId(messageIdOf(id, 7))).toEqual({ conversation: id, seq: 7 });
    },
  ));

test.each(["d:bob~bob", "d:a=7c~a", "d:~a", "g:bob", "bob", "d:b~a~c", `d:${"b".repeat(65)}~a`])("%s has no order", (id) =>
  expect(directInOrder(id)).toBeUndefined(),
);
