import type { SearchUnit } from "../../../ports/searchIndex.ts";

const quoted = (tokens: readonly string[]): string => `"${tokens.join(" ").replaceAll('"', '""')}"`;

/** What a full-text table whose column t has the tokens is asked for a unit. */
export function unitMatch({ tokens, match }: SearchUnit): string {
  const text = quoted(tokens);
  return match === "prefix" ? `(t : ${text} *)` : `(t : ${text})`;
}
