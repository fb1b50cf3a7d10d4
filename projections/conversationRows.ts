import { routingKey, UnknownStream } from "../src/domain/recorded.ts";

/*
 * Which conversation a row lies under (`Projection.conversationOf`), by how its names are put together.
 */

/** The text before its last sign of a kind: `g:chess` in `g:chess:7` and in `g:chess~bob`. */
export const beforeLast = (text: string, sign: ":" | "~"): string | undefined => {
  const at = text.lastIndexOf(sign);
  return at < 0 ? undefined : text.slice(0, at);
};

/** The conversation in `<user>~<conversation>`, and in the name of a conversation itself. No user's id has a `:` or a `~`. */
export const afterUser = (text: string): string => (/^[a-z]:/.test(text) ? text : text.slice(text.indexOf("~") + 1));

/** The member of a value that is a text. A row may hold anything where something went wrong. */
export function textIn(value: unknown, member: string): string | undefined {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[member] : undefined;
  return typeof found === "string" ? found : undefined;
}

/** What the events of a stream belong to. Undefined if there is no such stream. */
export function keyIfStream(stream: string): string | undefined {
  try {
    return routingKey(stream);
  } catch (error) {
    if (error instanceof UnknownStream) return undefined;
    throw error;
  }
}
