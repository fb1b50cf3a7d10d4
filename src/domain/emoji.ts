import { MAX_EMOJI } from "./events.ts";
import { Refusal } from "./refusal.ts";

/** A pictograph, in its coloured form or with a skin tone; or with what tags add to it (flags of regions). */
const ELEMENT = String.raw`\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?(?:[\u{e0020}-\u{e007e}]+\u{e007f})?`;
/** Several that are joined to one picture. */
const SEQUENCE = `${ELEMENT}(?:\\u200d${ELEMENT})*`;
const FLAG = String.raw`\p{Regional_Indicator}{2}`;
const KEYCAP = String.raw`[0-9#*]\ufe0f?\u20e3`;

const EMOJI = new RegExp(`^(?:${SEQUENCE}|${FLAG}|${KEYCAP})$`, "u");

const PLAIN = /\ufe0f/gu;
/** What is shown as text, unless U+FE0F follows. */
const TEXTUAL = /(?=\p{Emoji})\P{Emoji_Presentation}(?!\p{Emoji_Modifier})/gu;

/**
 * One emoji, as it is kept: the same picture is the same text, with or without U+FE0F. What a later version of Unicode adds is an
 * emoji too, since its places are set aside. Refuses (BAD_INPUT, `emoji`) anything else.
 */
export function emojiOf(text: string): string {
  const emoji = text.length <= MAX_EMOJI && EMOJI.test(text) ? text.replace(PLAIN, "").replace(TEXTUAL, "$&\ufe0f") : undefined;
  if (emoji !== undefined && emoji.length <= MAX_EMOJI) return emoji;
  throw new Refusal("BAD_INPUT", "emoji: exactly one emoji, such as 👍", { field: "emoji" });
}
