import { type Box, boxesOf } from "../../../domain/place.ts";
import { normalise } from "../../../domain/folding.ts";
import type { EntryQuery } from "../../../ports/searchIndex.ts";
import { wantedTags } from "../entries.ts";
import type { Clock } from "./clock.ts";
import { unitMatch } from "./matching.ts";
import type { Tables } from "./tables.ts";

export type Value = string | number | null;
export type Values = Record<string, Value>;

/**
 * A condition that leads to entries. `numbers`: a query for their numbers, which may give a number twice. `tag`: the index of the
 * tag among those that were asked for.
 */
export type Source =
  { by: "name" | "near" | "within" | "category" | "id"; numbers: string } | { by: "tag"; tag: number; numbers: string };

/** How a query is carried out. */
export type Plan = {
  order: "score" | "distance" | "name";
  sources: Source[];
  /** Whether an index has the order of the page, and there is no other place to begin. */
  isInOrder: boolean;
  values: Values;
  /**
   * The SQL for the page and one more row: id, name, score, distance. It begins at a source. Without one, it follows an index in
   * the order of the page, or goes through all entries with the first tag.
   */
  select(source: Source | undefined): string;
  /** The places in these boxes, as a source with its values. */
  near(boxes: readonly Box[]): { source: Source; values: Values };
};

const DISTANCE = "metres(e.latitude, e.longitude, :latitude, :longitude)";

export function planOf(tables: Tables, query: EntryQuery, clock: Clock): Plan {
  const { entries, tags: tagged } = tables;
  const { near, after } = query;
  const tags = wantedTags(query.tags ?? []);
  const order = tags.length > 0 ? "score" : near ? "distance" : "name";
  const score = tags.length > 0 ? tags.map((_, tag) => `t${tag}.score`).join(" + ") : "null";
  const values: Values = { kind: query.entry, limit: query.limit + 1 };
  const sources: Source[] = [];
  const where: string[] = [];
  /** Conditions that the source with the same name already fulfils. */
  const beside: { by: Source["by"]; condition: string }[] = [];

  tags.forEach((name, tag) => {
    values[`tag${tag}`] = name;
    sources.push({ by: "tag", tag, numbers: `select number from ${tagged} where kind = :kind and tag = :tag${tag}` });
  });
  if (query.category !== undefined) {
    values["category"] = normalise(query.category);
    sources.push({ by: "category", numbers: `select number from ${entries} where kind = :kind and category = :category` });
    where.push("e.category = :category");
  }
  if (query.visibleIds) {
    values["visible"] = JSON.stringify(query.visibleIds);
    where.push("(e.public = 1 or e.id in (select value from json_each(:visible)))");
  }
  if (query.onlyIds) {
    values["only"] = JSON.stringify(query.onlyIds);
    const numbers = `select number from ${entries} where kind = :kind and id in (select value from json_each(:only))`;
    sources.push({ by: "id", numbers });
    where.push("e.id in (select value from json_each(:only))");
  }
  if (query.name) {
    const numbers = namedBy(tables, query.entry, query.name, clock);
    Object.assign(values, valuesOfName(query.name));
    sources.push({ by: "name", numbers });
    beside.push({ by: "name", condition: `e.number in (${numbers})` });
  }
  if (near) {
    Object.assign(values, { latitude: near.latitude, longitude: near.longitude, radius: near.radius });
    addPlaces("near", boxesOf(near));
    if (order === "score") where.push(`${DISTANCE} <= :radius`);
  }
  if (query.within) {
    addPlaces("within", boxesOf(query.within));
    where.push("is_within(e.latitude, e.longitude)");
  }
  if (after) {
    Object.assign(values, {
      atId: after.id,
      atScore: after.score ?? 0,
      atDistance: after.distance ?? 0,
      atName: after.name ?? "",
    });
    if (order === "score") where.push(`${score} <= :atScore and (${score} < :atScore or t0.id > :atId)`);
    if (order === "name") where.push("(e.name, e.id) > (:atName, :atId)");
  }
  const metres = near ? DISTANCE : "null";
  const inReach = `metres <= :radius${after ? " and (metres > :atDistance or (metres = :atDistance and id > :atId))" : ""}`;

  function addPlaces(by: "near" | "within", boxes: readonly Box[]): void {
    const places = placesIn(tables, by, boxes);
    sources.push({ by, numbers: places.numbers });
    Object.assign(values, places.values);
    beside.push({ by, condition: `e.latitude between :${by}_south0 and :${by}_north0` });
  }

  /** Whether the entries themselves need not be read. */
  const isByTagsAlone = order === "score" && sources.length === tags.length && !query.visibleIds;
  const tagJoin = (tag: number, number: string): string =>
    `cross join ${tagged} t${tag} on t${tag}.number = ${number} and t${tag}.tag = :tag${tag}`;
  /** The join: first the source with the fewest rows, then the other tags, then the entry of those that have all tags. */
  const from = (source: Source | undefined, first: number | undefined): string => {
    const others = (number: string) => tags.flatMap((_, tag) => (tag === first ? [] : [tagJoin(tag, number)])).join(" ");
    const join = (number: string) => (isByTagsAlone ? "" : `cross join ${entries} e on e.number = ${number}`);
    const entry = (number: string) => `${others(number)} ${join(number)}`;
    if (first !== undefined) return `${tagged} t${first} ${entry(`t${first}.number`)}`;
    if (source !== undefined) {
      const numbers = source.by === "name" ? `select distinct number from (${source.numbers})` : source.numbers;
      return `(${numbers}) s ${entry("s.number")}`;
    }
    return `${entries} e indexed by ${entries}_by_${query.category === undefined ? "name" : "category"}`;
  };

  return {
    order,
    sources,
    values,
    isInOrder: sources.length === 0 || (sources.length === 1 && (tags.length === 1 || query.category !== undefined)),
    select(source) {
      const first = source?.by === "tag" ? source.tag : source === undefined && tags.length > 0 ? 0 : undefined;
      const conditions = [
        first === undefined ? "e.kind = :kind" : `t${first}.kind = :kind and t${first}.tag = :tag${first}`,
        clock.inTime(first === undefined ? "e.number" : `t${first}.number`),
        ...beside.flatMap(({ by, condition }) => (by === source?.by ? [] : [condition])),
        ...where,
      ].join(" and ");
      const columns = `${order === "score" ? "t0.id as id, null" : "e.id as id, e.name"} as name, ${score} as score, ${metres} as metres`;
      const rows = `select ${columns} from ${from(source, first)} where ${conditions}`;
      // The index of tags has the order of one tag's scores and ids.
      if (order === "score") return `${rows} order by ${score} desc, t0.id limit :limit`;
      if (order === "name") return `${rows} order by e.name, e.id limit :limit`;
      // So that each distance is computed only once.
      return `with found as materialized (${rows}) select * from found where ${inReach} order by metres, id limit :limit`;
    },
    near(boxes) {
      const { numbers, values } = placesIn(tables, "ring", boxes);
      return { source: { by: "near", numbers }, values };
    },
  };
}

function namedBy(
  { entries, names }: Tables,
  kind: EntryQuery["entry"],
  { units, handle }: NonNullable<EntryQuery["name"]>,
  clock: Clock,
): string {
  const parts = [`select number from ${entries} where id in (select value from json_each(:ids))`];
  // Without words, this part finds nothing.
  if (units.length > 0)
    parts.push(`select rowid from ${names[kind]} where ${names[kind]} match :match and ${clock.inTime("rowid")}`);
  if (handle !== undefined) parts.push(`select number from ${entries} where handle = :handle`);
  return parts.join(" union all ");
}

const valuesOfName = ({ units, ids, handle }: NonNullable<EntryQuery["name"]>): Values => ({
  ids: JSON.stringify(ids),
  match: units.map(unitMatch).join(" AND "),
  handle: handle ?? null,
});

/** The numbers of the entries with places in the boxes, or just outside them. */
function placesIn({ places }: Tables, prefix: string, boxes: readonly Box[]): { numbers: string; values: Values } {
  const values: Values = {};
  const parts = boxes.map((box, place) => {
    for (const [side, degrees] of Object.entries(box)) values[`${prefix}_${side}${place}`] = degrees;
    const at = (side: keyof Box): string => `:${prefix}_${side}${place}`;
    // The stored box of a place is rounded outwards.
    return `
      select number from ${places}
      where south <= ${at("north")} and north >= ${at("south")} and west <= ${at("east")} and east >= ${at("west")}
    `;
  });
  // Because of the rounding, a place may be in two boxes that share no point.
  return { numbers: parts.join(" union "), values };
}
