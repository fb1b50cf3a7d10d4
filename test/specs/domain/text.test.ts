import { describe, expect, test } from "vitest";
import { message, messageText } from "../../../src/domain/conversation.ts";
import { MAX_TEXT } from "../../../src/domain/events.ts";
import { decider as group } from "../../../src/domain/group.ts";
import { inLine, isBlank, isLonger } from "../../../src/domain/text.ts";
import { decider as user } from "../../../src/domain/user.ts";
import { given, refusedWith } from "../../support/given.ts";

/** What shows nothing, each by itself. */
const UNSEEN = {
  "a space": " ",
  "an ideographic space": "\u3000",
  "an ogham space": "\u1680",
  "a zero width space": "\u200b",
  "a word joiner": "\u2060",
  "a zero width joiner": "\u200d",
  "a Hangul filler": "\u3164",
  "a Hangul choseong filler": "\u115f",
  "a halfwidth Hangul filler": "\uffa0",
  "a blank braille pattern": "\u2800",
  "a soft hyphen": "\u00ad",
  "a lone combining acute": "\u0301",
  "a lone enclosing keycap": "\u20e3",
  "a right-to-left override": "\u202e",
  "an isolate": "\u2066\u2069",
  "a byte order mark": "\ufeff",
  "a variation selector": "\ufe0f",
  "a Mongolian vowel separator": "\u180e",
  "a tag": "\u{e0041}",
  "a control": "\u0007",
  "a line break": "\r\n\u2028",
  "an interlinear anchor": "\ufff9",
  "an object replacement": "\ufffc",
  "a note without a head": "\u{1d159}",
  "all of it": " \u200b\u3164\u2800\u00ad\u0301\u202e\ufe0f\u2060 ",
};

describe("what is seen", () => {
  test.each(Object.entries(UNSEEN))("%s is nothing, however often", (_, text) => {
    for (const repeated of [text, text.repeat(9)]) expect(isBlank(repeated)).toBe(true);
  });

  test.each([
    "a",
    "।",
    "老",
    "👋",
    "👩‍👩‍👧",
    "🇩🇪",
    "1️⃣",
    "e\u0301",
    "\u06dd",
    "\u0600",
    "★",
    "…",
    "\ue000",
    "한",
    "\u{1f9ff}",
    "\u200b.\u200b",
    "​\u{10ffff}x",
  ])("%j is something", (text) => expect(isBlank(text)).toBe(false));
});

describe("a character", () => {
  test("is a code point", () => {
    for (const character of ["a", "é", "老", "👋", "𠮷"]) {
      expect(isLonger(character.repeat(MAX_TEXT), MAX_TEXT)).toBe(false);
      expect(isLonger(character.repeat(MAX_TEXT + 1), MAX_TEXT)).toBe(true);
      expect(messageText(character.repeat(MAX_TEXT))).toHaveLength(character.length * MAX_TEXT);
      refusedWith(() => messageText(character.repeat(MAX_TEXT + 1)), "BAD_INPUT", { field: "text" });
    }
    expect(isLonger("👋a", 2)).toBe(false);
    expect(isLonger("👋ab", 2)).toBe(true);
  });
});

describe("a message", () => {
  const sent = { conversationId: "g:1", senderId: "ann", clientMutationId: "m" };
  const file = { url: "https://example.org/a", mediaType: "image/png", size: 1, width: null, height: null };

  test.each(Object.entries(UNSEEN))("of nothing but %s is none, nor is a topic or a caption", (_, text) => {
    refusedWith(() => message({ ...sent, kind: "TEXT", text }), "BAD_INPUT", { field: "text" });
    const image = message({ ...sent, kind: "IMAGE", text, topic: text, attachments: [{ ...file, name: "a.png" }] });
    expect([image.text, image.topic]).toEqual([null, null]);
    refusedWith(() => message({ ...sent, kind: "IMAGE", attachments: [{ ...file, name: text }] }), "BAD_INPUT", {
      field: "attachments.0.name",
    });
  });

  test("is kept as it was typed, but a file shows the ending that it has", () => {
    const text = " \u202eabc\u202c\n\u200b";
    expect(message({ ...sent, kind: "TEXT", text }).text).toBe(text);
    const { attachments } = message({ ...sent, kind: "FILE", attachments: [{ ...file, name: "photo\u202egnp.exe" }] });
    expect(attachments[0]?.name).toBe("photognp.exe");
  });
});

describe("names", () => {
  const profile = { userId: "ann", handle: "ann", avatarUrl: null, gender: null, birthday: null, signature: null };
  const register = (name: string, tags: { name: string; score: number }[] = []) =>
    ({ type: "Register", today: "2024-01-01", ...profile, name, tags }) as const;
  const create = (title: string, tags: { name: string; score: number }[] = []) =>
    ({
      type: "Create",
      groupId: "g:1",
      by: "ann",
      memberIds: [],
      memberCap: 9,
      title,
      tags,
      ...{ avatarUrl: null, description: null, announcement: null, category: null },
      joinPolicy: "OPEN",
      ...{ public: true, historyVisible: true },
    }) as const;

  test.each(Object.entries(UNSEEN))("of nothing but %s are refused, of people, groups and tags", (_, name) => {
    given(user).when(register(name)).refused("BAD_INPUT", { field: "name" });
    given(user)
      .when(register("Ann", [{ name, score: 1 }]))
      .refused("BAD_INPUT", { field: "tags.0.name" });
    given(group).when(create(name)).refused("BAD_INPUT", { field: "title" });
    given(group)
      .when(create("Tea", [{ name, score: 1 }]))
      .refused("BAD_INPUT", { field: "tags.0.name" });
  });

  test("drop what misleads, and keep what scripts and emoji need", () => {
    expect(inLine(" \u202eAnn\u202c\u200b \u2066Lee\u2069\t\u00adX\u3164 ")).toBe("Ann Lee X");
    expect(inLine("one\r\ntwo\u2028three")).toBe("one two three");
    for (const name of ["👩‍👩‍👧", "می‌خواهم", "क्‍ष", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]) expect(inLine(name)).toBe(name);
    const events = user.decide(undefined, register("Ann\u202e Lee", [{ name: "\u2067tea\u2069", score: 1 }]));
    expect(events).toMatchObject([{ data: { name: "Ann Lee", tags: [{ name: "tea", score: 1 }] } }]);
    expect(group.decide(undefined, create("Tea\u202e party"))).toMatchObject([{ data: { title: "Tea party" } }]);
  });

  test("of 128 characters of any kind are taken, one more is not", () => {
    for (const character of ["a", "老", "👋"]) {
      expect(user.decide(undefined, register(character.repeat(128)))).toMatchObject([{ data: { name: character.repeat(128) } }]);
      given(user)
        .when(register(character.repeat(129)))
        .refused("BAD_INPUT", { field: "name" });
      expect(group.decide(undefined, create(character.repeat(128)))).toHaveLength(1);
    }
  });

  test("of tags are one where only their encoding differs", () => {
    given(user)
      .when(
        register("Ann", [
          { name: "café", score: 1 },
          { name: "cafe\u0301", score: 2 },
        ]),
      )
      .refused("BAD_INPUT", { field: "tags" });
  });
});
