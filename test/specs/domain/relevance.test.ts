import { describe, expect, it } from "vitest";
import { relevance } from "../../../src/domain/relevance.ts";
import { parseQuery } from "../../../src/domain/words.ts";

const score = (query: string, text: string): number => relevance(parseQuery(query))(text);
/** The texts, the most relevant first. */
const ranked = (query: string, ...texts: string[]): string[] =>
  [...texts].sort((one, other) => score(query, other) - score(query, one));

describe("the relevance of a text", () => {
  it.each([
    ["fox", "fox fox", "fox dog", "fox dog dog dog dog dog"],
    ["Café", "café CAFE cafe\u0301", "a café in it", "a café, and a much longer text around it"],
    ['"quick fox"', "quick fox, quick fox", "quick fox, quick foxes", "quick fox, and foxes that are quick"],
    ["fo*", "fox four fort", "fox four dogs", "the fox and dogs"],
    ["会议", "会议会议", "开会议事厅", "会议,一个很长的句子在这里"],
    ["会", "会会会", "开会啦", "开会啦一个很长的句子"],
    ["fox dog", "fox dog dog fox", "fox dog dog cat", "fox dog with many other words between"],
  ])("%s: more of it first, then what is shorter", (query, ...texts) => {
    expect(ranked(query, ...[...texts].reverse())).toEqual(texts);
  });

  it("counts whole words where whole words are looked for", () => {
    expect(score("fox", "fox foxes")).toBe(score("fox", "fox horse"));
    expect(score("fox*", "fox foxes")).toBeGreaterThan(score("fox*", "fox horse"));
  });

  it("is above 0 of whatever was found, and more of the same counts less and less", () => {
    expect(score("fox", "nothing of it")).toBeGreaterThan(0);
    const gain = (times: number) => score("fox", "fox ".repeat(times)) - score("fox", "fox ".repeat(times - 1));
    expect(gain(2)).toBeGreaterThan(gain(10));
    expect(score("fox", "fox ".repeat(4_000))).toBeLessThan(score("fox", "fox") * 3);
  });
});
