import type { estypes } from "@elastic/elasticsearch";
import { type Box, boxesOf, distance, isInside } from "../../../domain/place.ts";
import { normalise } from "../../../domain/folding.ts";
import type { EntryPlace, EntryQuery, Point } from "../../../ports/searchIndex.ts";
import { wantedTags } from "../entries.ts";
import { among, either, type Query, unitQuery } from "./clauses.ts";
import type { EntrySource } from "./mapping.ts";

/** The least number of hits to ask for at once, if some of them are sorted out here. */
const BATCH = 500;
/** In degrees. Places are stored with an error of a few billionths. */
const ROUNDED = 1e-6;

/** Finds people and groups, page by page. */
export type EntrySearch = {
  /** A search for what comes after a place. Some of its hits may not be real ones: see `isHit`. */
  request(after: EntryPlace | undefined): estypes.SearchRequest;
  placeOf(hit: estypes.SearchHit<EntrySource>): EntryPlace;
  /** Whether it is a real hit. The boxes of a polygon cover more than the polygon. */
  isHit(hit: estypes.SearchHit<EntrySource>): boolean;
};

export function entrySearch(query: EntryQuery): EntrySearch {
  const { near, within, limit } = query;
  const tags = wantedTags(query.tags ?? []);
  const order = tags.length > 0 ? "score" : near ? "distance" : "name";
  const filter = filterOf(query, tags);
  const needsPlace = within !== undefined || (near !== undefined && order === "score");
  return {
    request: (after) => ({
      size: within ? Math.max(limit + 1, BATCH) : limit + 1,
      query: { bool: { filter } },
      sort: [sortOf(order, tags, near), { id: { order: "asc" } }],
      ...(after && { search_after: [after[order] ?? (order === "name" ? "" : 0), after.id] }),
      _source: needsPlace ? ["row.place"] : false,
      track_total_hits: false,
    }),
    placeOf({ sort = [], _source }) {
      const [key, id] = sort as [number & string, string];
      const place = _source?.row.place;
      return { id, [order]: key, ...(near && order === "score" && place && { distance: distance(near, place) }) };
    },
    isHit({ _source }) {
      const place = _source?.row.place;
      return within === undefined || (place !== undefined && place !== null && isInside(place, within));
    },
  };
}

function sortOf(
  order: "score" | "distance" | "name",
  tags: readonly string[],
  near: Point | undefined,
): estypes.SortCombinations {
  if (order === "score")
    return {
      "tags.score": { order: "desc", mode: "sum", nested: { path: "tags", filter: { terms: { "tags.tag": [...tags] } } } },
    };
  if (order === "name" || near === undefined) return { name: { order: "asc" } };
  return { _geo_distance: { place: pointOf(near), order: "asc", unit: "m", distance_type: "arc" } };
}

function filterOf({ entry, name, near, within, category, visibleIds, onlyIds }: EntryQuery, tags: readonly string[]): Query[] {
  const filter: Query[] = [{ term: { entry } }];
  if (name) {
    const words: Query[] = name.units.length > 0 ? [{ bool: { filter: name.units.map((unit) => unitQuery(unit)) } }] : [];
    const handle: Query[] = name.handle === undefined ? [] : [{ term: { handle: name.handle } }];
    filter.push(either([...words, ...among("id", name.ids), ...handle]));
  }
  for (const tag of tags) filter.push({ nested: { path: "tags", query: { term: { "tags.tag": tag } } } });
  if (near) filter.push({ geo_distance: { distance: `${near.radius}m`, distance_type: "arc", place: pointOf(near) } });
  if (within) filter.push(either(boxesOf(within).map(boxQuery)));
  if (category !== undefined) filter.push({ term: { category: normalise(category) } });
  if (visibleIds) filter.push(either([{ term: { public: true } }, ...among("id", visibleIds)]));
  if (onlyIds) filter.push(either(among("id", onlyIds)));
  return filter;
}

const pointOf = ({ latitude, longitude }: Point) => ({ lat: latitude, lon: longitude });

const boxQuery = ({ south, north, west, east }: Box): Query => ({
  geo_bounding_box: {
    place: {
      top: Math.min(90, north + ROUNDED),
      bottom: Math.max(-90, south - ROUNDED),
      left: Math.max(-180, west - ROUNDED),
      right: Math.min(180, east + ROUNDED),
    },
  },
});
