import { Refusal } from "./refusal.ts";

/**
 * Refuses (BAD_INPUT) what is not text: a lone half of a surrogate pair, which no encoding can carry, or U+0000, at which stores
 * cut texts off. `field` names the wrong input.
 */
export function wellFormed(text: string, field: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new Refusal("BAD_INPUT", `${field} holds half of a surrogate pair`, { field });
  if (text.includes("\0")) throw new Refusal("BAD_INPUT", `${field} holds the character U+0000`, { field });
  return text;
}

/**
 * Whether a text has more characters than `most`. A character is a code point of Unicode, everywhere in the API: an emoji or a
 * rare ideograph counts as one, however many units of UTF-16 it has.
 */
export function isLonger(text: string, most: number): boolean {
  if (text.length <= most) return false;
  if (text.length > 2 * most) return true;
  const pairs = text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0;
  return text.length - pairs > most;
}

/**
 * What shows nothing by itself: spaces, controls, what Unicode says to ignore (joiners, fillers, soft hyphens, variation
 * selectors), marks without a letter, the empty braille pattern and the note without a dot. A few format characters are signs
 * that can be seen.
 */
const UNSEEN =
  /^(?:[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u0001-\u001f\u007f-\u009f\p{M}\u2800\ufffc\u{1d159}]|(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])\p{Cf})*$/u;

/** Whether nothing of a text can be seen. */
export const isBlank = (text: string): boolean => UNSEEN.test(text);

const CONTROLS = /[\u0001-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** They reverse the text around them, or make two names look the same. Joiners stay: scripts and emoji need them. */
const MISLEADING = /[\p{Bidi_Control}\u00ad\u034f\u115f\u1160\u200b\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]+/gu;

/**
 * A text that is shown in one line with others (names, titles, tags): controls become a space, and misleading characters are
 * removed.
 */
export const inLine = (text: string): string => text.replace(CONTROLS, " ").replace(MISLEADING, "").trim();

/** A name, title or tag as it is kept. Refuses (BAD_INPUT, `field`) one in which nothing can be seen. */
export function nameText(text: string, field: string): string {
  const name = inLine(wellFormed(text, field));
  if (isBlank(name)) throw new Refusal("BAD_INPUT", `${field}: at least one character that can be seen`, { field });
  return name;
}
