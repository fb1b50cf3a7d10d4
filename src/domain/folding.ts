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
export const normalise = (text: string): string => (ASCII.test(text) ? text.toLowerCase() : normaliseParts(text));

/**
 * Characters that are normalised one by one, each to one UTF-16 unit, whatever stands beside them: ASCII, most of Chinese and
 * Japanese, with its punctuation and with wide ASCII; English quotes and dashes. None of them joins what stands before it.
 */
const SINGLE = /[\u0001-\u007f\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30a1-\u30ff\u4e00-\u9fff\uff01-\uff5e]/;
/** By UTF-16 unit: what it becomes; 0 if it is none of those characters. Made at the first need. */
let singles: Uint16Array | undefined;

function singlesOf(): Uint16Array {
  const made = new Uint16Array(0x10000);
  for (let unit = 1; unit < made.length; unit++) {
    const character = String.fromCharCode(unit);
    const normalised = SINGLE.test(character) ? normaliseWhole(character) : "";
    if (normalised.length === 1) made[unit] = normalised.charCodeAt(0);
  }
  return made;
}

/**
 * Goes through a text: runs of such characters, and what is between them, with the character before it, which it may join. To
 * normalise them one after the other gives the same as to normalise the whole text, and takes a tenth of the time.
 */
function eachPart(text: string, run: (start: number, end: number) => void, other: (start: number, end: number) => void): void {
  const table = (singles ??= singlesOf());
  for (let at = 0; at < text.length;) {
    let end = at;
    while (end < text.length && table[text.charCodeAt(end)] !== 0) end++;
    if (end < text.length && end > at) end--;
    if (end > at) run(at, end);
    if (end === text.length) return;
    at = end + 1;
    while (at < text.length && table[text.charCodeAt(at)] === 0) at++;
    other(end, at);
  }
}

/** So many units become a text at once. */
const PART = 4_096;
/** Where they are collected. The fastest way from units to a text goes through a buffer. */
const collected = new Uint16Array(PART);
const bytesCollected = Buffer.from(collected.buffer);

function normaliseParts(text: string): string {
  const table = (singles ??= singlesOf());
  let whole = "";
  let count = 0;
  const add = (unit: number): void => {
    if (count === PART) flush();
    collected[count++] = unit;
  };
  const flush = (): void => {
    whole += bytesCollected.toString("utf16le", 0, 2 * count);
    count = 0;
  };
  eachPart(
    text,
    (start, end) => {
      for (let at = start; at < end; at++) add(table[text.charCodeAt(at)] ?? 0);
    },
    (start, end) => {
      const part = normaliseOther(text.slice(start, end));
      for (let at = 0; at < part.length; at++) add(part.charCodeAt(at));
    },
  );
  flush();
  return whole;
}

/**
 * What people write beside such characters is mostly the same: short parts are kept, up to so many. V8 copies texts of up to 12
 * units that are cut from others; of a longer one, it would keep the whole.
 */
const KEPT_PARTS = 4_096;
const SHORT = 12;
const keptParts = new Map<string, string>();

function normaliseOther(part: string): string {
  if (part.length > SHORT) return normaliseWhole(part);
  let normalised = keptParts.get(part);
  if (normalised === undefined) {
    normalised = normaliseWhole(part);
    if (keptParts.size === KEPT_PARTS) keptParts.clear();
    keptParts.set(part, normalised);
  }
  return normalised;
}

/** What `normalise` means: all of the text at once. */
export function normaliseWhole(text: string): string {
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

/** A part of a text, and where its units begin in the normalised text. `end`: where it ends, unless each unit becomes one. */
type Part = { unit: number; at: number; end?: number; pieces?: { starts: number[]; ends: number[] } };

/** Places of `normalise(text)` in the text. */
export function placesOf(text: string): Places {
  if (ASCII.test(text)) return { startOf: (unit) => unit, endOf: (unit) => unit + 1 };
  const parts: Part[] = [];
  let units = 0;
  eachPart(
    text,
    (start, end) => {
      parts.push({ unit: units, at: start });
      units += end - start;
    },
    (start, end) => {
      parts.push({ unit: units, at: start, end });
      units += normaliseOther(text.slice(start, end)).length;
    },
  );
  /** The last part that begins at a unit or before. */
  const partOf = (unit: number): Part | undefined => {
    let [low, high] = [0, parts.length];
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((parts[middle]?.unit ?? 0) <= unit) low = middle;
      else high = middle;
    }
    return parts[low];
  };
  const place = (unit: number, of: "starts" | "ends"): number => {
    const part = unit < units ? partOf(unit) : undefined;
    if (!part) return text.length;
    if (part.end === undefined) return part.at + unit - part.unit + (of === "starts" ? 0 : 1);
    part.pieces ??= piecesOf(text.slice(part.at, part.end), part.at);
    return part.pieces[of][unit - part.unit] ?? text.length;
  };
  return { startOf: (unit) => place(unit, "starts"), endOf: (unit) => place(unit, "ends") };
}

/** Where the pieces of a part of a text are that begins at a place of it, for each unit of the normalised part. */
function piecesOf(part: string, from: number): { starts: number[]; ends: number[] } {
  const starts: number[] = [];
  const ends: number[] = [];
  let at = from;
  for (const piece of part.match(PIECE) ?? []) {
    const end = at + piece.length;
    for (let unit = normaliseWhole(piece).length; unit > 0; unit--) {
      starts.push(at);
      ends.push(end);
    }
    at = end;
  }
  return { starts, ends };
}
