/** Characters that say to a terminal what to do, or turn text around. */
const UNSEEN = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A text of which a terminal shows every character. */
export const visible = (text: string): string => text.replace(UNSEEN, escaped);

/** JSON on one line, of which a terminal shows every character. */
export const jsonOf = (value: unknown): string => visible(JSON.stringify(value));

/** The beginning of a text, with a sign where there is more. */
export const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);
