import { normalise, type Places, placesOf } from "./folding.ts";
import { Refusal } from "./refusal.ts";
import { isLonger, wellFormed } from "./text.ts";

/** The name of the analysis below. Indexes keep it: an index that was made with another analysis is built anew. */
export const ANALYSIS = "im_v2";

/** Characters that are written without spaces between words, and are searched one by one. */
const C = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]`;

/** Longer words count as several: engines cut words at 255 UTF-16 units, each in its own way. */
const WORD = 127;

/**
 * What is a word by itself: a flag, a pictograph, a sign of mathematics, money or the like. ASCII signs are not: they are more
 * often markup than meant.
 */
const SIGN = String.raw`\p{RI}{1,2}|\p{Extended_Pictographic}|[[\p{Sm}\p{Sc}\p{So}]--\p{ASCII}]`;

/**
 * A run of C, a sign, or a word. A word contains no C: otherwise `abc会议` would swallow 会议. A mark with nothing before it is no
 * word. Made from text, because the compiler knows the flag `v` only for later targets.
 */
const RUN = new RegExp(String.raw`${C}+|${SIGN}|[[\p{L}\p{N}]--${C}][[\p{L}\p{M}\p{N}]--${C}]{0,${WORD - 1}}`, "gv");

/** What RUN finds in text with only ASCII, as most English is. */
const ASCII_RUN = new RegExp(`[a-z0-9]{1,${WORD}}`, "g");
const ASCII = /^\p{ASCII}*$/u;

const BEGINS_WITH_C = new RegExp(`^${C}`, "v");
/** The first Hangul: there is no C below. */
const FIRST_C = 0x1100;

/** A run of normalised text; `isC`: its characters are searched in pairs. */
type Run = { text: string; start: number; isC: boolean };

const textsOfRuns = (normalised: string): string[] =>
  ASCII.test(normalised) ? (normalised.match(ASCII_RUN) ?? []) : runsOf(normalised).map(({ text }) => text);
const isOfC = (run: string): boolean => run.charCodeAt(0) >= FIRST_C && BEGINS_WITH_C.test(run);

/** By ASCII character: whether it is a letter or digit of normalised text. No other one is in a run. */
const IN_WORDS = Uint8Array.from({ length: 128 }, (_, unit) => (/[a-z0-9]/.test(String.fromCharCode(unit)) ? 1 : 0));

/** Whether an ASCII character is in no run. So what stands before it and after it is taken apart by itself. */
const separates = (unit: number): boolean => unit < 128 && IN_WORDS[unit] === 0;

/** What RUN finds. It looks only at what is not ASCII alone: between the ASCII characters that are in no run. */
function runsOf(normalised: string): Run[] {
  const runs: Run[] = [];
  for (let at = 0; at < normalised.length;) {
    let end = at;
    let isPlain = true;
    for (; end < normalised.length; end++) {
      const unit = normalised.charCodeAt(end);
      if (unit >= 128) isPlain = false;
      else if (IN_WORDS[unit] === 0) break;
    }
    if (isPlain)
      for (let start = at; start < end; start += WORD)
        runs.push({ text: normalised.slice(start, Math.min(end, start + WORD)), start, isC: false });
    else
      for (const text of normalised.slice(at, end).match(RUN) ?? []) {
        // It is the next place: if this text could begin earlier, a run would have begun there.
        const start = normalised.indexOf(text, at);
        runs.push({ text, start, isC: isOfC(text) });
        at = start + text.length;
      }
    at = end + 1;
  }
  return runs;
}

/**
 * A token and where it is, in UTF-16 units, end exclusive. Its position is its index in the list. `first` is where its first
 * character ends: of a pair of C, the search may have been for that one alone.
 */
export type Token = { text: string; start: number; end: number; first: number };

/** A run of C gives a token for each character: joined with the next one, or alone at the end. Anything else gives one token. */
function tokensOfRun(run: string, isC: boolean): string[] {
  if (!isC) return [run];
  const characters = [...run];
  return characters.map((character, place) => character + (characters[place + 1] ?? ""));
}

/** The tokens of a normalised text, or of a part that begins at `from`, with their places in it. */
function tokensOfNormalised(normalised: string, from = 0): Token[] {
  const tokens: Token[] = [];
  for (const { text: run, start, isC } of runsOf(normalised)) {
    let at = from + start;
    for (const text of tokensOfRun(run, isC)) {
      const first = isC ? at + lengthOfFirst(text) : at + text.length;
      tokens.push({ text, start: at, end: at + text.length, first });
      at = first;
    }
  }
  return tokens;
}

const lengthOfFirst = (text: string): number => String.fromCodePoint(text.codePointAt(0) ?? 0).length;

/** The tokens of a text in order, with their places in the text as it was given. */
export function tokensOf(text: string): Token[] {
  const { startOf, endOf } = placesOf(text);
  return tokensOfNormalised(normalise(text)).map((token) => ({
    text: token.text,
    start: startOf(token.start),
    end: endOf(token.end - 1),
    first: endOf(token.first - 1),
  }));
}

/**
 * What an index keeps of a text: its tokens in order. Each character of C begins one, so any character is found as the beginning
 * of a token. At the end of a run of C, a phrase goes on with what follows.
 */
export const wordsOf = (text: string): string[] => textsOfRuns(normalise(text)).flatMap((run) => tokensOfRun(run, isOfC(run)));

/**
 * The same for an engine that itself separates tokens at each ASCII character that is no letter or digit: the tokens in order,
 * with some of these between them. Most text goes to it as it is, only normalised.
 */
export function separatedWords(text: string): string {
  const normalised = normalise(text);
  let separated = "";
  let done = 0;
  for (let at = 0; at < normalised.length;) {
    let end = at;
    let isPlain = true;
    for (; end < normalised.length; end++) {
      const unit = normalised.charCodeAt(end);
      if (unit >= 128) isPlain = false;
      else if (IN_WORDS[unit] === 0) break;
    }
    if (!isPlain || end - at > WORD) {
      const tokens = textsOfRuns(normalised.slice(at, end)).flatMap((run) => tokensOfRun(run, isOfC(run)));
      separated += normalised.slice(done, at) + tokens.join(" ");
      done = end;
    }
    // An engine's text may end at a zero.
    if (normalised.charCodeAt(end) === 0) {
      separated += `${normalised.slice(done, end)} `;
      done = end + 1;
    }
    at = end + 1;
  }
  return done === 0 ? normalised : separated + normalised.slice(done);
}

/**
 * A part of a query: tokens that follow each other (`phrase`), or tokens of which the last is only the beginning of one
 * (`prefix`): the beginning of a word, or one character of C, because `3月` must be found in `3月份`.
 */
export type Unit = { tokens: readonly string[]; match: "phrase" | "prefix" };

/** Characters. */
export const MAX_QUERY = 1_000;
export const MAX_UNITS = 32;

const ONE_C = new RegExp(`^${C}$`, "v");

/**
 * The units of a query, all of which a text must hold. They are separated by spaces, except between double quotes; one that ends
 * in `*` is a prefix. Nothing else has a meaning of its own. Refuses (BAD_INPUT, `field`) a query that is too long, or holds
 * nothing that can be found.
 */
export function parseQuery(text: string, field = "text"): Unit[] {
  const refuse = (message: string) => new Refusal("BAD_INPUT", message, { field });
  if (isLonger(text, MAX_QUERY)) throw refuse(`a search has at most ${MAX_QUERY} characters`);
  wellFormed(text, field);
  const units: Unit[] = [];
  for (const [part, quoted] of normalise(text).matchAll(/"([^"]*)(?:"\**|$)|[^\s"]+/g)) {
    const unit = unitOf(quoted ?? part, part.endsWith("*"));
    if (unit) units.push(unit);
  }
  if (units.length === 0) throw refuse("a search needs at least one letter, number, pictograph or other sign");
  if (units.length > MAX_UNITS) throw refuse(`a search has at most ${MAX_UNITS} words and phrases`);
  return units;
}

/**
 * Of normalised text. If it ends in a run of C, the text may go on: the last of several characters is in a pair already, and a
 * single one is the beginning of a token.
 */
function unitOf(text: string, isBeginning: boolean): Unit | undefined {
  const runs = textsOfRuns(text);
  const tokens = runs.flatMap((run) => tokensOfRun(run, isOfC(run)));
  const last = runs.at(-1);
  if (last === undefined) return undefined;
  if (!isOfC(last)) return { tokens, match: isBeginning ? "prefix" : "phrase" };
  return ONE_C.test(last) ? { tokens, match: "prefix" } : { tokens: tokens.slice(0, -1), match: "phrase" };
}

/** A piece of a text that is shown, and whether it was searched for. */
export type TextRun = { text: string; hit: boolean };

/**
 * The text in pieces: those that a unit found, and those between. Joined they are the text. If a prefix begins a word, the whole
 * word is the hit; of C, only the character.
 */
export const highlight = (text: string, units: readonly Unit[]): TextRun[] => piecesOf(text, joined(foundIn(text, units).flat()));

/** The same, by `marksOf`. */
export function piecesOf(text: string, marks: readonly number[]): TextRun[] {
  const runs: TextRun[] = [];
  let at = 0;
  for (let index = 0; index <= marks.length; index++) {
    const end = marks[index] ?? text.length;
    if (end > at) runs.push({ text: text.slice(at, end), hit: index % 2 === 1 });
    at = end;
  }
  return runs;
}

/** Whether every unit is found in a text. */
export const holds = (text: string, units: readonly Unit[]): boolean => hitsOf(text, units) !== undefined;

/** A part of a text, in UTF-16 units, end exclusive. */
export type Place = { start: number; end: number };

/** Where the units are found in a text. Undefined if one of them is not. */
export function hitsOf(text: string, units: readonly Unit[]): Place[] | undefined {
  if (units.length === 0) return [];
  const each = foundIn(text, units);
  return each.some((places) => places.length === 0) ? undefined : each.flat();
}

/** The same as beginnings and ends in turn, each greater than the one before. */
export function marksOf(text: string, units: readonly Unit[]): number[] | undefined {
  const hits = hitsOf(text, units);
  return hits && joined(hits);
}

/** Places that touch are one. */
function joined(places: readonly Place[]): number[] {
  const marks: number[] = [];
  for (const { start, end } of [...places].sort((one, other) => one.start - other.start)) {
    const last = marks.at(-1);
    if (last === undefined || start > last) marks.push(start, end);
    else if (end > last) marks[marks.length - 1] = end;
  }
  return marks;
}

/** Where each unit is found in a text. */
function foundIn(text: string, units: readonly Unit[]): Place[][] {
  const normalised = normalise(text);
  let places: Places | undefined;
  return units.map((unit) =>
    found(normalised, unit).map(({ start, end }) => {
      places ??= placesOf(text);
      return { start: places.startOf(start), end: places.endOf(end - 1) };
    }),
  );
}

/**
 * A part of a normalised text between two ASCII characters that are in no run. It is taken apart by itself, and only where
 * something may be found. `next`: the one after it, once it was asked for; null: there is none.
 */
type Stretch = { start: number; end: number; tokens: readonly Token[]; next?: Stretch | null };

function stretchFrom(normalised: string, start: number): Stretch {
  let end = start;
  while (end < normalised.length && !separates(normalised.charCodeAt(end))) end++;
  return { start, end, tokens: tokensOfNormalised(normalised.slice(start, end), start) };
}

function nextOf(normalised: string, stretch: Stretch): Stretch | null {
  if (stretch.next === undefined) {
    let start = stretch.end;
    while (start < normalised.length && separates(normalised.charCodeAt(start))) start++;
    stretch.next = start === normalised.length ? null : stretchFrom(normalised, start);
  }
  return stretch.next;
}

/** `before`: one that is known, and begins before the place. */
function stretchAround(normalised: string, place: number, before: Stretch | undefined): Stretch {
  let known: Stretch | null | undefined = before;
  while (known && known.end <= place) known = known.next;
  if (known && known.start <= place) return known;
  let start = place;
  while (start > 0 && !separates(normalised.charCodeAt(start - 1))) start--;
  return stretchFrom(normalised, start);
}

function found(normalised: string, { tokens: wanted, match }: Unit): Place[] {
  const places: Place[] = [];
  const last = wanted.length - 1;
  const isOne = ONE_C.test(wanted[last] ?? "");
  /** The last of the tokens that fit the unit, where it begins with one of a stretch. */
  const fitting = (stretch: Stretch, from: number): Token | undefined => {
    let [within, at]: [Stretch | null, number] = [stretch, from];
    let token: Token | undefined;
    for (let index = 0; index <= last; index++, at++) {
      while (within && at >= within.tokens.length) [within, at] = [nextOf(normalised, within), 0];
      token = within?.tokens[at];
      const want = wanted[index] ?? "";
      if (!token || !(match === "prefix" && index === last ? token.text.startsWith(want) : token.text === want)) return undefined;
    }
    return token;
  };
  // A token stands in the text as it is. So the text need not be taken apart where the first one is not.
  const first = wanted[0] ?? "";
  let stretch: Stretch | undefined;
  for (let place = normalised.indexOf(first); place !== -1; place = normalised.indexOf(first, stretch.end)) {
    stretch = stretchAround(normalised, place, stretch);
    for (const [at, begins] of stretch.tokens.entries()) {
      const ends = fitting(stretch, at);
      if (ends) places.push({ start: begins.start, end: isOne ? ends.first : ends.end });
    }
  }
  return places;
}
