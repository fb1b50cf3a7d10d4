import { Refusal } from "./refusal.ts";

/**
 * Refuses (BAD_INPUT) what is no text: a lone half of a surrogate pair, which no encoding can carry, or U+0000, which stores cut texts at.
 * `field` names the input at fault.
 */
export function wellFormed(text: string, field: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new Refusal("BAD_INPUT", `${field} holds half of a surrogate pair`, { field });
  if (text.includes("\0")) throw new Refusal("BAD_INPUT", `${field} holds the character U+0000`, { field });
  return text;
}

export const isBlank = (text: string): boolean => text.trim() === "";
