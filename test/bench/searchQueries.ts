import { chance, type Line } from "./searchLines.ts";

/** Texts that are looked for, each another one: as people wrote them, so that frequent ones are frequent here too. */
export type Texts = { name: string; texts: string[] };

/** A piece of a text by chance; undefined where it has none such. */
type Pick = (text: string, next: () => number) => string | undefined;

const HAN = /\p{Script=Han}+/gu;
const WORD = /\b[a-z]{4,20}\b/gi;
const WORDS = /\b[a-z]{2,20}(?: [a-z]{2,20}){1,5}\b/gi;

const oneOf = <T>(items: readonly T[], next: () => number): T | undefined => items[Math.floor(next() * items.length)];
const piecesOf = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([piece]) => piece);

/** So many characters of Chinese that stand beside one another. */
const chinese =
  (least: number, most: number): Pick =>
  (text, next) => {
    const run = oneOf(piecesOf(text, HAN), next) ?? "";
    const length = least + Math.floor(next() * (most - least + 1));
    const from = Math.floor(next() * (run.length - length + 1));
    return run.length < length ? undefined : run.slice(from, from + length);
  };

const englishPhrase: Pick = (text, next) => {
  const words = oneOf(piecesOf(text, WORDS), next)?.split(" ") ?? [];
  const length = 2 + Math.floor(next() * 3);
  const from = Math.floor(next() * (words.length - length + 1));
  return words.length < length ? undefined : `"${words.slice(from, from + length).join(" ")}"`;
};

const kinds: readonly { name: string; pick: Pick }[] = [
  { name: "Chinese word of two characters", pick: chinese(2, 2) },
  { name: "English word", pick: (text, next) => oneOf(piecesOf(text, WORD), next) },
  { name: "Chinese phrase of 3 to 5 characters", pick: chinese(3, 5) },
  { name: "English phrase of 2 to 4 words", pick: englishPhrase },
];

/** So many texts of each kind; fewer where the lines hold no more. */
export const searchTexts = (lines: readonly Line[], count: number): Texts[] =>
  kinds.map(({ name, pick }, index) => {
    const next = chance(index + 1);
    const holding = lines.filter(({ text }) => pick(text, next) !== undefined);
    const texts = new Set<string>();
    for (let tries = 0; texts.size < count && tries < 100 * count; tries++) {
      const text = pick(oneOf(holding, next)?.text ?? "", next);
      if (text !== undefined) texts.add(text);
    }
    return { name, texts: [...texts] };
  });
