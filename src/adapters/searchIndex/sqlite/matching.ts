import type { SearchUnit } from "../../../ports/searchIndex.ts";

const quoted = (tokens: readonly string[]): string => `"${tokens.join(" ").replaceAll('"', '""')}"`;

/** What a full-text table with the columns t (tokens) and e (last characters of CJK runs) is asked for a unit. */
export function unitMatch({ tokens, match }: SearchUnit): string {
  const text = quoted(tokens);
  if (match === "character") return `(t : ${text} * OR e : ${text})`;
  return match === "prefix" ? `(t : ${text} *)` : `(t : ${text})`;
}
