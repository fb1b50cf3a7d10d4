import type { SearchUnit } from "../../../ports/searchIndex.ts";

/** What the column c of a row says that is no message, but comes now and then among them: one in `TICKS` has one behind it. */
export const TICK = "tick";
export const TICKS = 1_024;

const quoted = (tokens: readonly string[]): string => `"${tokens.join(" ").replaceAll('"', '""')}"`;

/**
 * Conditions of a full-text table, all of them. A tick meets each: so rows come out of the index now and then while nothing is found, and the clock is looked at.
 */
export const allOf = (conditions: readonly string[]): string =>
  conditions.map((condition) => `(c : ${TICK} OR ${condition})`).join(" AND ");

/** What a full-text table whose column t has the tokens is asked for a unit. */
export function unitMatch({ tokens, match }: SearchUnit): string {
  const text = quoted(tokens);
  return match === "prefix" ? `(t : ${text} *)` : `(t : ${text})`;
}
