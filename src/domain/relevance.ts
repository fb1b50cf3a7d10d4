import { normalise } from "./folding.ts";
import { type Unit, wordsOf } from "./words.ts";

/** How soon repetitions stop counting: the usual value of BM25. */
const SATURATION = 1.2;
/** How much the length of a text counts against it. */
const BY_LENGTH = 0.75;
/** The number of characters of a text that is neither long nor short. */
const USUAL_LENGTH = 100;

/** The worth of something that is found so many times in a text that is so many times as long as usual. */
const worth = (times: number, length: number): number =>
  (times * (SATURATION + 1)) / (times + SATURATION * (1 - BY_LENGTH + BY_LENGTH * length));

/** The worth of something that is found once in a text that is so many times as long as usual. */
export const once = (length: number): number => worth(1, length);

const PLAIN = /^[a-z0-9]+$/;

/** How often something is found in a normalised text. */
type Count = (normalised: string, words: () => readonly string[]) => number;

/**
 * How well a text that holds all of these units fits them: above 0, higher if they are more frequent or the text is shorter. It
 * depends on this text alone. Engines usually weigh how rare a word is among all texts: that would tell searchers about texts
 * that they may not see. And because everything that is found holds all of the units, it would hardly change the order.
 */
export function relevance(units: readonly Unit[]): (text: string) => number {
  const counts = units.map(countOf);
  return (text) => {
    const normalised = normalise(text);
    let words: string[] | undefined;
    const wordsOnce = () => (words ??= wordsOf(text));
    const length = normalised.length / USUAL_LENGTH;
    return counts.reduce((sum, count) => {
      const times = Math.max(1, count(normalised, wordsOnce));
      return sum + worth(times, length);
    }, 0);
  };
}

function countOf({ tokens, match }: Unit): Count {
  const isPrefix = match === "prefix";
  // Words of other letters do not need the text taken apart, which takes many times as long.
  if (!tokens.every((token) => PLAIN.test(token))) return (_, words) => countIn(words(), tokens, isPrefix);
  const plain = new RegExp(`(?<![a-z0-9])${tokens.join("[^a-z0-9]+")}${isPrefix ? "" : "(?![a-z0-9])"}`, "g");
  return (normalised) => normalised.match(plain)?.length ?? 0;
}

function countIn(words: readonly string[], tokens: readonly string[], isPrefix: boolean): number {
  const last = tokens.length - 1;
  const fits = (word: string | undefined, index: number): boolean =>
    isPrefix && index === last ? (word?.startsWith(tokens[index] ?? "") ?? false) : word === tokens[index];
  let count = 0;
  for (let at = 0; at + last < words.length; at++) if (tokens.every((_, index) => fits(words[at + index], index))) count++;
  return count;
}
