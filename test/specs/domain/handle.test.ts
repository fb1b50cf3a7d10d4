import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decider as handle, lookOf } from "../../../src/domain/handle.ts";
import { type Event, normaliseHandle } from "../../../src/domain/handleForm.ts";
import { given, refusedWith } from "../../support/given.ts";

const claimed = (userId: string): Event => ({ type: "HandleClaimed", data: { handle: "ada", userId } });
const released = (userId: string): Event => ({ type: "HandleReleased", data: { handle: "ada", userId } });

describe("normaliseHandle", () => {
  test.each([
    ["Ada", "ada"],
    ["  @Ada.Lovelace ", "ada.lovelace"],
    ["＠Ａｄａ", "ada"],
    ["Ångström", "ångström"],
    ["A\u030angstro\u0308m", "ångström"],
    ["会议_1", "会议_1"],
    ["9-lives", "9-lives"],
    ["İstanbul", "i̇stanbul"],
    ["हिन्दी", "हिन्दी"],
    ["a".repeat(64), "a".repeat(64)],
  ])("%j is %j", (typed, handle) => expect(normaliseHandle(typed)).toBe(handle));

  test.each([
    "",
    " ",
    "@",
    "@@ada",
    "-ada",
    ".ada",
    "_ada",
    "a b",
    "a:b",
    "a~b",
    "a/b",
    "😀",
    "a\0",
    "a\ud800",
    "\u0301a",
    "a\u200bb",
    "a\u3164",
    "a\ufe0f",
    "a".repeat(65),
  ])("%j is refused", (typed) => refusedWith(() => normaliseHandle(typed), "BAD_INPUT", { field: "handle", saying: /1 to 64/ }));

  test("the form of a form is itself", () => {
    const isPlain = (text: string) => /^[\p{L}\p{M}\p{N}]+$/u.test(text) && !/\p{Default_Ignorable_Code_Point}/u.test(text);
    const letter = fc
      .integer({ min: 1, max: 0x2ffff })
      .map((code) => String.fromCodePoint(code))
      .filter((character) => isPlain(character) && isPlain(character.normalize("NFKC")));
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 6 }), (letters) => {
        const once = normaliseHandle(`a${letters.join("")}`);
        expect(normaliseHandle(once)).toBe(once);
        expect(normaliseHandle(` @${once}`)).toBe(once);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the look of a handle", () => {
  test.each([
    ["σας", "σασ"],
    ["ann", "аnn"],
    ["paypal", "раураl"],
    ["istanbul", "İstanbul"],
    ["istanbul", "ıstanbul"],
    ["jan", "j\u0307an"],
    ["ill", "i\u0307ll"],
    ["adam", "аdam"],
    ["élan", "e\u0301\u0301lan"],
    ["google", "gооgle"],
    ["straße", "straßе"],
  ])("%j and %j are one", (one, other) => {
    expect(lookOf(normaliseHandle(other))).toBe(lookOf(normaliseHandle(one)));
  });

  test.each([
    ["user1", "userl"],
    ["barn", "bam"],
    ["ann", "anna"],
    ["elan", "élan"],
    ["李", "季"],
    ["анна", "анка"],
    ["한글", "한굴"],
  ])("%j and %j are two", (one, other) => {
    expect(lookOf(normaliseHandle(other))).not.toBe(lookOf(normaliseHandle(one)));
  });

  test("of one of ASCII is itself: its stream is the one that it always had", () => {
    for (const handle of ["ann", "user10", "mm", "a.b_c-d", "9"]) expect(lookOf(handle)).toBe(handle);
  });
});

describe("a handle", () => {
  test.each(["all", "Everyone", "@here", "ADMIN", "system", "аdmin", "аll", "ѕystem", "admın", "ｈｅｒｅ"])(
    "%s is nobody's",
    (name) => {
      given(handle)
        .when({ type: "Claim", handle: name, userId: "u1" })
        .refused("BAD_INPUT", { field: "handle", saying: /reserved/ });
    },
  );
  test("that was nobody's later on stays with who had it before", () => {
    const before: Event = { type: "HandleClaimed", data: { handle: "admin", userId: "u1" } };
    given(handle, before).when({ type: "Claim", handle: "admin", userId: "u1" }).nothing();
  });
  test("is claimed in its normal form", () =>
    given(handle).when({ type: "Claim", handle: "@Ada", userId: "u1" }).then(claimed("u1")));
  test("is refused to another while it is held", () =>
    given(handle, claimed("u1"))
      .when({ type: "Claim", handle: "ADA", userId: "u2" })
      .refused("CONFLICT", { field: "handle", saying: /is taken/ }));
  test("a claim by who holds it goes on", () =>
    given(handle, claimed("u1")).when({ type: "Claim", handle: "ada", userId: "u1" }).nothing());
  test("is free again once released", () =>
    given(handle, claimed("u1"), released("u1")).when({ type: "Claim", handle: "ada", userId: "u2" }).then(claimed("u2")));
  test("is released by who holds it", () =>
    given(handle, claimed("u1")).when({ type: "Release", handle: "Ada", userId: "u1" }).then(released("u1")));
  test("a release by another changes nothing", () =>
    given(handle, claimed("u1")).when({ type: "Release", handle: "ada", userId: "u2" }).nothing());
  test("a release of a free one changes nothing", () =>
    given(handle).when({ type: "Release", handle: "ada", userId: "u1" }).nothing());
  test("an ill-formed one is refused", () =>
    given(handle).when({ type: "Claim", handle: "a b", userId: "u1" }).refused("BAD_INPUT", { field: "handle" }));
});
