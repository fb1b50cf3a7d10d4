import type { estypes } from "@elastic/elasticsearch";
import type {
  SearchFacets,
  SearchFilter,
  SearchPage,
  SearchPlace,
  SearchQuery,
  SearchUnit,
  SeqWindow,
} from "../../../ports/searchIndex.ts";
import { countsOf, monthsOf } from "../facets.ts";
import { byBytes, messageId } from "../names.ts";
import { allowedBy } from "../visible.ts";
import { among, either, partsOf, type Query, TERMS, unitQuery } from "./clauses.ts";
import { REPEATED } from "./mapping.ts";

/** Windows in one query. A query may have 1,024 clauses, and a window takes two. */
const WINDOWS = 400;
/** How many keys each part counts if a query is asked in several parts. */
const KEYS = 10_000;

function windowQuery({ conversationId, fromSeq, toSeq }: SeqWindow): Query {
  const seq = { gte: fromSeq, ...(toSeq !== undefined && { lte: toSeq }) };
  return { bool: { filter: [{ term: { conversation: conversationId } }, { range: { seq } }] } };
}

/**
 * What may be found, in as many parts as needed. No conversation is in two parts. An empty list: nothing may be found. A part
 * that is undefined: everything may be found.
 */
function visibleParts(filter: SearchFilter): (Query | undefined)[] {
  const allowed = allowedBy(filter);
  if (allowed === undefined) return [undefined];
  const whole = partsOf(allowed.whole, TERMS).map((ids): Query => ({ terms: { conversation: ids } }));
  const windowed: Query[][] = [[]];
  for (const windows of allowed.windows.values()) {
    // A conversation with more windows than one query holds gets its own query. Such a conversation was left and joined 400
    // times.
    if ((windowed.at(-1)?.length ?? 0) + windows.length > WINDOWS) windowed.push([]);
    windowed.at(-1)?.push(...windows.map(windowQuery));
  }
  const parts = windowed.filter((queries) => queries.length > 0);
  const [first, ...others] = parts;
  const together =
    whole.length === 1 && first !== undefined ? [either([...whole, ...first])] : [...whole, ...(first ? [either(first)] : [])];
  return [...together, ...others.map(either)];
}

function narrowing({ senderIds, kinds, topic, sentFrom, sentTo }: SearchFilter): Query[] {
  const queries: Query[] = [{ term: { live: true } }];
  if (senderIds) queries.push(either(among("sender", senderIds)));
  if (kinds) queries.push(either(among("kind", kinds)));
  if (topic !== undefined) queries.push({ term: { topic } });
  if (sentFrom !== undefined || sentTo !== undefined)
    queries.push({
      range: { sentAt: { ...(sentFrom !== undefined && { gte: sentFrom }), ...(sentTo !== undefined && { lt: sentTo }) } },
    });
  return queries;
}

const isScored = ({ order, units }: SearchQuery): boolean => order === "RELEVANCE" && units.length > 0;

const sortOf = (scored: boolean): estypes.SortCombinations[] => {
  const newest: estypes.SortCombinations[] = [
    { sentAt: { order: "desc" } },
    { conversation: { order: "asc" } },
    { seq: { order: "desc" } },
  ];
  return scored ? [{ _score: { order: "desc" } }, ...newest] : newest;
};

const queryOf = (filter: readonly Query[], units: readonly SearchUnit[], scored: boolean): Query =>
  scored
    ? {
        function_score: {
          query: { bool: { filter: [...filter], must: units.map(scoring) } },
          functions: [{ field_value_factor: { field: "brevity", missing: 1 } }],
          boost_mode: "multiply",
        },
      }
    : { bool: { filter: [...filter, ...units.map((unit) => unitQuery(unit))] } };

/**
 * The searches that together answer a query. There are several if more is visible than one search can name. `score`: where a page
 * by relevance continues. The searches also return the present score of the last hit.
 */
export function searchesOf(query: SearchQuery, score = query.after?.score ?? 0): estypes.SearchRequest[] {
  const { filter, after, limit, facets, countUpTo } = query;
  const scored = isScored(query);
  const parts = visibleParts(filter);
  const aggs = {
    ...(facets !== undefined && aggregations(parts.length > 1 ? Math.max(facets, KEYS) : facets)),
    ...(goesOnByScore(query) && after && { last: standingOf(after) }),
  };
  return parts.map((visible) => ({
    size: limit === 0 ? 0 : limit + 1,
    query: queryOf([...narrowing(filter), ...(visible ? [visible] : [])], query.units, scored),
    sort: sortOf(scored),
    ...(after && limit > 0 && { search_after: [...(scored ? [score] : []), after.sentAt, after.conversationId, after.seq] }),
    _source: false,
    track_total_hits: facets !== undefined && (countUpTo ?? true),
    // Not together with a page, because it would end the search for the page too.
    ...(facets !== undefined && limit === 0 && countUpTo !== undefined && { terminate_after: countUpTo }),
    ...(Object.keys(aggs).length > 0 && { aggs }),
  }));
}

export const goesOnByScore = (query: SearchQuery): boolean => isScored(query) && query.after !== undefined && query.limit > 0;

/** A unit, with the extra score for repeated words. */
const scoring = (unit: SearchUnit): Query =>
  unit.tokens.length > 1
    ? unitQuery(unit)
    : {
        bool: {
          must: [unitQuery(unit)],
          should: Object.entries(REPEATED).map(([field, { worth }]) => ({
            constant_score: { filter: unitQuery(unit, field), boost: worth },
          })),
        },
      };

/** The score of one message, as this same search computes it. */
const standingOf = (place: SearchPlace): estypes.AggregationsAggregationContainer => ({
  filter: { ids: { values: [messageId(place)] } },
  aggs: { hit: { top_hits: { size: 1, _source: false } } },
});

/** The present score of the last hit of the page before: it may have been edited. Undefined if it is no longer found. */
export function scoreNow(answers: readonly estypes.SearchResponse[]): number | undefined {
  for (const { aggregations } of answers) {
    const { hit } = (aggregations?.["last"] ?? {}) as { hit?: estypes.AggregationsTopHitsAggregate };
    const score = hit?.hits.hits[0]?._score;
    if (typeof score === "number") return score;
  }
  return undefined;
}

const aggregations = (size: number): Record<string, estypes.AggregationsAggregationContainer> => {
  const order = [{ _count: "desc" as const }, { _key: "asc" as const }];
  return {
    sender: { terms: { field: "sender", size, order } },
    conversation: { terms: { field: "conversation", size, order } },
    month: { date_histogram: { field: "sentAt", calendar_interval: "month", format: "yyyy-MM", min_doc_count: 1 } },
  };
};

type Bucket = { key: string; key_as_string?: string; doc_count: number };

/** Merges the answers of `searchesOf` into one page. */
export function pageOf(query: SearchQuery, answers: readonly estypes.SearchResponse[]): SearchPage {
  const scored = isScored(query);
  const places = answers.flatMap((answer) => answer.hits.hits.map((hit) => placeOf(hit.sort ?? [], scored)));
  if (answers.length > 1) places.sort(inOrder);
  return {
    hits: places.slice(0, query.limit),
    hasMore: places.length > query.limit,
    ...(query.facets !== undefined && { facets: facetsOf(answers, query.facets, query.countUpTo) }),
  };
}

function placeOf(sort: estypes.SortResults, scored: boolean): SearchPlace {
  const [score, sentAt, conversationId, seq] = (scored ? sort : [0].concat(sort as number[])) as [number, number, string, number];
  return { conversationId, seq, sentAt, ...(scored && { score }) };
}

const inOrder = (one: SearchPlace, other: SearchPlace): number =>
  (other.score ?? 0) - (one.score ?? 0) ||
  other.sentAt - one.sentAt ||
  byBytes(one.conversationId, other.conversationId) ||
  other.seq - one.seq;

function facetsOf(answers: readonly estypes.SearchResponse[], limit: number, upTo = Number.POSITIVE_INFINITY): SearchFacets {
  const counts = (name: string): [string, number][] =>
    answers.flatMap((answer) => {
      const { buckets } = (answer.aggregations?.[name] ?? { buckets: [] }) as { buckets: Bucket[] };
      return buckets.map((bucket): [string, number] => [bucket.key_as_string ?? bucket.key, bucket.doc_count]);
    });
  const totals = answers.map(({ hits: { total } }) => (typeof total === "number" ? total : (total?.value ?? 0)));
  return {
    total: Math.min(
      upTo,
      totals.reduce((sum, total) => sum + total, 0),
    ),
    bySender: countsOf(counts("sender"), limit),
    byConversation: countsOf(counts("conversation"), limit),
    byMonth: monthsOf(counts("month"), limit),
  };
}
