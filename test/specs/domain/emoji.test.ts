import { expect, test } from "vitest";
import { emojiOf } from "../../../src/domain/emoji.ts";
import { refusedWith } from "../../support/given.ts";

test.each(["👍", "👍🏽", "❤️", "☝🏻", "1️⃣", "🇩🇪", "🏳️‍🌈", "🏃‍♀️", "👨‍👩‍👧‍👦", "👩🏻‍❤️‍💋‍👨🏿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])("%s is one emoji, as it is kept", (emoji) => {
  expect(emojiOf(emoji)).toBe(emoji);
  expect(emojiOf(emoji.replaceAll("\ufe0f", ""))).toBe(emoji);
});

test("what a later version of Unicode may add is an emoji", () => {
  const later = String.fromCodePoint(0x1fadd);
  expect(emojiOf(later)).toBe(later);
});

test.each(["", " ", "a", "7", "👍👍", "👍a", "🇩", "👍\u0301", "\u200d", "\ud83d", "❤\u200d".repeat(25) + "❤"])(
  "%j is not",
  (text) => {
    refusedWith(() => emojiOf(text), "BAD_INPUT", { field: "emoji" });
  },
);
