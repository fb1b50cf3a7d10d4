import { Refusal } from "./refusal.ts";
import { wellFormed } from "./text.ts";

/** The name of the analysis below. Indexes keep it: what was made by another is built anew. */
export const ANALYSIS = "im_v1";

/** What is written without spaces, and is searched by pairs of characters. */
const C = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]`;

/** Longer words count as several: engines cut words at 255 UTF-16 units, each in its own way. */
const WORD = 127;

/**
 * A run of C, one pictograph, or a word, which takes in no C: else `abc会议` would swallow 会议. A mark with nothing before it is no word (a
 * variation selector behind a pictograph). Made from text, for the compiler knows the flag `v` for later targets only.
 */
const RUN = new RegExp(
  String.raw`${C}+|\p{Extended_Pictographic}|[[\p{L}\p{N}]--${C}][[\p{L}\p{M}\p{N}]--${C}]{0,${WORD - 1}}`,
  "gv",
);

/** What RUN finds in text of nothing but ASCII, as most English is: several times as fast. */
const ASCII_RUN = new RegExp(`[a-z0-9]{1,${WORD}}`, "g");
const ASCII = /^\p{ASCII}*$/u;

const BEGINS_WITH_C = new RegExp(`^${C}`, "v");
/** There is no C below: the first Hangul. */
const FIRST_C = 0x1100;

/** Text as it is compared: full-width forms of ASCII made narrow, lower case. Only `İ` changes its length. */
export const normalise = (text: string): string => (ASCII.test(text) ? text.toLowerCase() : normaliseAll(text));

const normaliseAll = (text: string): string =>
  text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCharCode(wide.charCodeAt(0) - 0xfee0))
    .replaceAll("\u3000", " ")
    .toLowerCase()
    // Lower case knows two, by what follows: a word's beginning would not be its prefix.
    .replaceAll("ς", "σ");

/** A run of normalised text; `isC`: of characters that are searched by pairs. */
type Run = { text: string; start: number; isC: boolean };

const textsOfRuns = (normalised: string): string[] => normalised.match(ASCII.test(normalised) ? ASCII_RUN : RUN) ?? [];
const isOfC = (run: string): boolean => run.charCodeAt(0) >= FIRST_C && BEGINS_WITH_C.test(run);

function* runsOf(normalised: string): Generator<Run> {
  let end = 0;
  for (const text of textsOfRuns(normalised)) {
    // It is the next place: wherever this text could begin before, a run would have.
    const start = normalised.indexOf(text, end);
    end = start + text.length;
    yield { text, start, isC: isOfC(text) };
  }
}

/** A token and where it stands, in UTF-16 units, end exclusive. Its position is its place in the list. */
export type Token = { text: string; start: number; end: number };

function tokensOfNormalised(normalised: string): Token[] {
  const tokens: Token[] = [];
  for (const { text, start, isC } of runsOf(normalised)) {
    if (!isC) {
      tokens.push({ text, start, end: start + text.length });
      continue;
    }
    let at = start;
    let before: string | undefined;
    for (const character of text) {
      if (before !== undefined) {
        tokens.push({ text: before + character, start: at, end: at + before.length + character.length });
        at += before.length;
      }
      before = character;
    }
    if (at === start) tokens.push({ text, start, end: start + text.length });
  }
  return tokens;
}

/** The tokens of a text in order, with their places in the text as it was given. */
export function tokensOf(text: string): Token[] {
  const normalised = normalise(text);
  const tokens = tokensOfNormalised(normalised);
  if (text.length === normalised.length) return tokens;
  const origin = originOf(text, normalised);
  return tokens.map((token) => ({ text: token.text, start: origin(token.start), end: origin(token.end) }));
}

/** From a place in the normalised text to the one in the text given. */
function originOf(text: string, normalised: string): (place: number) => number {
  if (text.length === normalised.length) return (place) => place;
  const origins: number[] = [];
  let at = 0;
  for (const character of text) {
    const first = origins.length;
    for (let unit = 0; unit < normalise(character).length; unit++) origins.push(Math.min(at + unit, at + character.length));
    // A token that ends inside of what one character became takes in the whole of it.
    for (let unit = first + 1; unit < origins.length && character.length === 1; unit++) origins[unit] = at + 1;
    at += character.length;
  }
  origins.push(at);
  return (place) => origins[place] ?? at;
}

/**
 * What an index keeps of a text: its tokens in order, and the last character of each run of C, once each. A single character of C is found
 * as the beginning of a token or as such an end.
 */
export function wordsOf(text: string): { tokens: string[]; ends: string[] } {
  const tokens: string[] = [];
  const ends = new Set<string>();
  for (const run of textsOfRuns(normalise(text))) {
    if (!isOfC(run)) {
      tokens.push(run);
      continue;
    }
    let before: string | undefined;
    for (const character of run) {
      if (before !== undefined) tokens.push(before + character);
      before = character;
    }
    if (before === run) tokens.push(before);
    if (before !== undefined) ends.add(before);
  }
  return { tokens, ends: [...ends] };
}

/**
 * A part of a query: tokens that stand one after the other (`phrase`), those of which the last one is the beginning of a token (`prefix`: also where
 * that is one character of C, for `3月` is to be found in `3月份`), or one character of C anywhere (`character`).
 */
export type Unit = { tokens: readonly string[]; match: "phrase" | "prefix" | "character" };

/** UTF-16 units. */
export const MAX_QUERY = 1_000;
export const MAX_UNITS = 32;

const ONE_C = new RegExp(`^${C}$`, "v");

/**
 * The units of a query, all of which a text must hold: they are parted by spaces, but not between double quotes; one that ends in `*` is a prefix.
 * Nothing else has a meaning of its own. Refuses (BAD_INPUT, `field`) what is too long, or holds nothing that can be found.
 */
export function parseQuery(text: string, field = "text"): Unit[] {
  const refuse = (message: string) => new Refusal("BAD_INPUT", message, { field });
  if (text.length > MAX_QUERY) throw refuse(`a search has at most ${MAX_QUERY} characters`);
  wellFormed(text, field);
  const units: Unit[] = [];
  for (const [part, quoted] of normalise(text).matchAll(/"([^"]*)(?:"\**|$)|[^\s"]+/g)) {
    const tokens = tokensOfNormalised(quoted ?? part).map((token) => token.text);
    const last = tokens.at(-1);
    if (last === undefined) continue;
    const endsInOne = ONE_C.test(last);
    const match = endsInOne && tokens.length === 1 ? "character" : endsInOne || part.endsWith("*") ? "prefix" : "phrase";
    units.push({ tokens, match });
  }
  if (units.length === 0) throw refuse("a search has at least one letter, number or pictograph");
  if (units.length > MAX_UNITS) throw refuse(`a search has at most ${MAX_UNITS} words and phrases`);
  return units;
}

/** A piece of a text that is shown, and whether it was looked for. */
export type TextRun = { text: string; hit: boolean };

/** The text in pieces, joined the same text: those that a unit found, and those between. The word that a prefix begins is a hit as a whole, a character of C alone. */
export function highlight(text: string, units: readonly Unit[], tokens: readonly Token[] = tokensOf(text)): TextRun[] {
  const hits = units.flatMap((unit) => (unit.match === "character" ? charactersFound(text, unit) : found(tokens, unit)));
  hits.sort((one, other) => one.start - other.start);
  const runs: TextRun[] = [];
  let at = 0;
  const upTo = (end: number, hit: boolean): void => {
    if (end <= at) return;
    const last = runs.at(-1);
    if (last?.hit === hit) last.text += text.slice(at, end);
    else runs.push({ text: text.slice(at, end), hit });
    at = end;
  };
  for (const { start, end } of hits) {
    upTo(start, false);
    upTo(end, true);
  }
  upTo(text.length, false);
  return runs;
}

/** Whether every unit is found in a text. */
export function holds(text: string, units: readonly Unit[], tokens: readonly Token[] = tokensOf(text)): boolean {
  return units.every((unit) => (unit.match === "character" ? charactersFound(text, unit) : found(tokens, unit)).length > 0);
}

type Range = { start: number; end: number };

function found(tokens: readonly Token[], { tokens: wanted, match }: Unit): Range[] {
  const ranges: Range[] = [];
  const last = wanted.length - 1;
  const end = wanted[last] ?? "";
  const isOne = ONE_C.test(end);
  for (let at = 0; at + last < tokens.length; at++) {
    const fits = wanted.every((want, index) => {
      const token = tokens[at + index]?.text ?? "";
      return match === "prefix" && index === last ? token.startsWith(want) : token === want;
    });
    const [first, final] = [tokens[at], tokens[at + last]];
    // No character of C changes its length as it is normalised.
    if (fits && first && final) ranges.push({ start: first.start, end: isOne ? final.start + end.length : final.end });
  }
  return ranges;
}

function charactersFound(text: string, { tokens: [character = ""] }: Unit): Range[] {
  const normalised = normalise(text);
  const origin = originOf(text, normalised);
  const ranges: Range[] = [];
  for (let at = normalised.indexOf(character); at >= 0; at = normalised.indexOf(character, at + character.length))
    ranges.push({ start: origin(at), end: origin(at + character.length) });
  return ranges;
}
