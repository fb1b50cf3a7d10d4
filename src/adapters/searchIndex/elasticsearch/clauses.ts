import type { estypes } from "@elastic/elasticsearch";
import type { SearchUnit } from "../../../ports/searchIndex.ts";

export type Query = estypes.QueryDslQueryContainer;

/** The limit of values in one `terms`. */
export const TERMS = 65_536;
/** How many words a prefix at the end of a phrase may stand for. */
const EXPANSIONS = 10_000;

export const partsOf = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, part) => list.slice(part * size, (part + 1) * size));

/** Matches if one of these queries matches. Without queries, nothing matches. */
export const either = (queries: readonly Query[]): Query => ({
  bool: { should: queries.length > 0 ? [...queries] : [{ match_none: {} }], minimum_should_match: 1 },
});

/** The field has one of these values. The list may be of any length. */
export const among = (field: string, list: readonly string[]): Query[] =>
  partsOf(list, TERMS).map((part): Query => ({ terms: { [field]: part } }));

/** Matches a unit in a field of words. */
export function unitQuery({ tokens, match }: SearchUnit, field = "words"): Query {
  const [first = ""] = tokens;
  const text = tokens.join(" ");
  if (match === "phrase") return tokens.length === 1 ? { term: { [field]: first } } : { match_phrase: { [field]: text } };
  return tokens.length === 1
    ? { prefix: { [field]: first } }
    : { match_phrase_prefix: { [field]: { query: text, max_expansions: EXPANSIONS } } };
}
