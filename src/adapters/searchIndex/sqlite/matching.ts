import type { SearchUnit } from "../../../ports/searchIndex.ts";

/** The content of column c in a tick. A tick is a row that is no message. One message in `TICKS` is followed by a tick. */
export const TICK = "tick";
export const TICKS = 1_024;

const quoted = (tokens: readonly string[]): string => `"${tokens.join(" ").replaceAll('"', '""')}"`;

/**
 * A condition for a full-text table: all of these conditions. A tick meets each of them. So rows come out of the index even while
 * nothing is found, and the clock is looked at.
 */
export const allOf = (conditions: readonly string[]): string =>
  conditions.map((condition) => `(c : ${TICK} OR ${condition})`).join(" AND ");

/** The condition for a unit in a full-text table, whose column t has the tokens. */
export function unitMatch({ tokens, match }: SearchUnit): string {
  const text = quoted(tokens);
  return match === "prefix" ? `(t : ${text} *)` : `(t : ${text})`;
}
