import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { boxesOf, distance, isInside, type Point } from "../../../domain/place.ts";
import type { EntryPage, EntryPlace, EntryQuery } from "../../../ports/searchIndex.ts";
import { type Plan, planOf, type Source, type Values } from "./entryPlan.ts";
import type { Clock } from "./clock.ts";
import type { Cost } from "./cost.ts";
import type { Tables } from "./tables.ts";

/** If a condition matches fewer entries than this, the search begins there: all of them are read and sorted. */
const FEW = 500;
/** The radius of the first ring for the nearest entries, in metres. */
const FIRST_RING = 250;

/** On a later page, the first ring is at least so many times the distance of the last hit. */
const FURTHER = 1.25;
/** If no condition matches so few, the tag with the fewest entries is used, counting up to so many. */
const MANY = 20_000;

/** An entry that was found: id, name in the compared form, score, distance. The value that gives the order is always present. */
type Row = [string, string | null, number | null, number | null];

/** Finds people and groups in one generation. */
export type Finder = (tables: Tables, query: EntryQuery) => EntryPage;

/** Adds two functions to the database, and finds entries with them. */
export function finder(db: DatabaseSyncInstance, clock: Clock, cost: Cost): Finder {
  let polygon: readonly Point[] = [];
  db.function("metres", { deterministic: true }, (latitude: number, longitude: number, toLatitude: number, toLongitude: number) =>
    distance({ latitude, longitude }, { latitude: toLatitude, longitude: toLongitude }),
  );
  // The polygon is kept outside the query: as an argument, it would be parsed again for each row.
  db.function("is_within", (latitude: number, longitude: number) => (isInside({ latitude, longitude }, polygon) ? 1 : 0));

  const all = <T>(sql: string, values: Values): T[] => {
    clock.look();
    const statement = db.prepare(sql);
    statement.setAllowUnknownNamedParameters(true);
    return statement.all(values) as T[];
  };

  const fewest = (sources: readonly Source[], values: Values, limit: number): Source | undefined => {
    let least: Source | undefined;
    let most = limit;
    for (const source of sources) {
      const [[count] = [0]] = all<[number]>(`select count(*) from (select 1 from (${source.numbers}) limit ${limit})`, values);
      if (count < most) [least, most] = [source, count];
    }
    return least;
  };
  const sourceOf = ({ isInOrder, sources, values }: Plan): Source | undefined => {
    if (isInOrder) return undefined;
    const tags = sources.filter(({ by }) => by === "tag");
    return fewest(sources, values, FEW) ?? (tags.length > 1 ? fewest(tags, values, MANY) : undefined);
  };

  return (tables, query) => {
    polygon = query.within ?? [];
    if (query.name) cost.check(tables.names[query.entry], query.name.units);
    const plan = planOf(tables, query, clock);
    const source = sourceOf(plan);
    const rows =
      source === undefined && plan.order === "distance" && query.near
        ? nearest(plan, query, query.near, (sql, values) => all<Row>(sql, values))
        : all<Row>(plan.select(source), plan.values);
    return { hits: rows.slice(0, query.limit).map((row) => placeOf(row, plan)), hasMore: rows.length > query.limit };
  };
}

/** Searches wider and wider rings until the page is full. So if many are near, only few of them are read. */
function nearest(
  plan: Plan,
  { after, limit }: EntryQuery,
  near: Point & { radius: number },
  all: (sql: string, values: Values) => Row[],
): Row[] {
  for (let ring = Math.max(FIRST_RING, FURTHER * (after?.distance ?? 0)); ; ring *= 2) {
    const radius = Math.min(ring, near.radius);
    const { source, values } = plan.near(boxesOf({ ...near, radius }));
    const rows = all(plan.select(source), { ...plan.values, ...values, radius });
    if (rows.length > limit || radius === near.radius) return rows;
  }
}

const placeOf = ([id, name, score, metres]: Row, { order }: Plan): EntryPlace => ({
  id,
  ...(score !== null && { score }),
  ...(metres !== null && { distance: metres }),
  ...(order === "name" && name !== null && { name }),
});
