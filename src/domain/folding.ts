import TRADITIONAL from "opencc-js/dict/TSCharacters";

/*
 * Text as it is compared and searched, part of the analysis `im_v2`. projections/README.md says what was decided, and why.
 */

const ASCII = /^\p{ASCII}*$/u;

/**
 * What is not seen and separates nothing: joiners, marks of direction, variation selectors, soft hyphens; and the tatweel, which
 * only makes a word longer.
 */
const UNSEEN = String.raw`[\p{Default_Ignorable_Code_Point}\u0640]`;
const UNSEEN_ALL = new RegExp(`[${UNSEEN}--\\u200b]+`, "gv");

/**
 * Other widths of ASCII, of katakana and of signs of money; Latin ligatures. Everyone reads them as their compatibility forms.
 */
const WIDTHS = /[\uff01-\uff5e\uff61-\uff9f\uffe0\uffe1\uffe5\uffe6\ufb00-\ufb06]+/g;

/**
 * Characters that may have marks which are left out, or may be written in two ways: only text with these is looked through for
 * them.
 */
const MARKED = /[\p{Mn}\u00aa-\u052f\u0591-\u0670\u1ab0-\u1aff\u1dc0-\u1fff\u20d0-\u20ff\u2c60-\u2c7f\ua720-\ua7ff\u212a\u212b]/u;
/** Accents on Latin and Greek. */
const ACCENTS = /([\p{Script=Latin}\p{Script=Greek}])\p{Mn}+/gu;
/** The two dots of `ё`; the points of Hebrew and Arabic vowels. */
const DOTS = /(?<=\u0435)\u0308|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u0652\u0670]/g;

/**
 * Letters that Unicode does not take apart, as people write them who have no key for them; and the sigma at the end of a word,
 * which cannot begin one.
 */
const LETTERS: Readonly<Record<string, string>> = {
  ς: "σ",
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  ħ: "h",
  ł: "l",
  ŧ: "t",
  þ: "th",
  ı: "i",
  // A voicing mark that did not join the character before it.
  "\u3099": "",
  "\u309a": "",
};
const SPECIAL = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");

/** Simplified characters by traditional ones: the first one that OpenCC names. */
const SIMPLIFIED = new Map(
  TRADITIONAL.split("|").map((pair): [string, string] => {
    const [traditional = "", simplified = ""] = pair.split(" ");
    return [traditional, simplified];
  }),
);
const HAN = /\p{Script=Han}/gu;

/**
 * Text as it is compared: texts are the same if they differ only in case, width, accents, encoding, or traditional and simplified
 * characters. It may be longer or shorter than the text; see `placesOf`.
 */
export const normalise = (text: string): string => (ASCII.test(text) ? text.toLowerCase() : normaliseAll(text));

function normaliseAll(text: string): string {
  const plain = text
    // It separates words.
    .replaceAll("\u200b", " ")
    .replace(UNSEEN_ALL, "")
    .replaceAll("\u3000", " ")
    .replace(WIDTHS, (wide) => wide.normalize("NFKC"))
    .normalize("NFC")
    .toLowerCase();
  return (MARKED.test(plain) ? withoutMarks(plain) : plain)
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter)
    .replace(HAN, (character) => SIMPLIFIED.get(character) ?? character);
}

const withoutMarks = (text: string): string => text.normalize("NFD").replace(ACCENTS, "$1").replace(DOTS, "").normalize("NFC");

/** A character and what joins it. Normalising the pieces one after the other gives the same as normalising the whole text. */
const PIECE = new RegExp(`[^][[\\p{M}${UNSEEN}\\u1160-\\u11ff\\ud7b0-\\ud7ff\\uff9e\\uff9f]--\\u200b]*`, "gv");

/**
 * Where the UTF-16 units of a normalised text come from: where their piece of the given text begins, and where it ends
 * (exclusive).
 */
export type Places = { startOf(unit: number): number; endOf(unit: number): number };

/** Places of `normalise(text)` in the text. */
export function placesOf(text: string): Places {
  if (ASCII.test(text)) return { startOf: (unit) => unit, endOf: (unit) => unit + 1 };
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const piece of text.match(PIECE) ?? []) {
    const end = at + piece.length;
    for (let unit = normalise(piece).length; unit > 0; unit--) {
      starts.push(at);
      ends.push(end);
    }
    at = end;
  }
  return { startOf: (unit) => starts[unit] ?? at, endOf: (unit) => ends[unit] ?? at };
}
