import type { Position } from "../ports/eventStore.ts";
import type { SortedRow, ViewStore } from "../ports/viewStore.ts";
import type { ParkedRow } from "./parking.ts";

/** A parked event and its projection. The list is sorted by projection, then by position. */
export type ParkedPlace = { projection: string; cursor: Position };

export type ParkedEvent = ParkedPlace & Pick<ParkedRow, "type" | "error" | "attempts" | "parkedAt">;

/** `name`: only the events of this projection. */
export type ParkedQuery = { name: string | undefined; after: ParkedPlace | undefined; first: number };

/** A projection, and the generation of it that is read. */
export type Listed = { name: string; generation: string };

export type ParkedPage = { events: ParkedEvent[]; hasNext: boolean; hasPrevious: boolean };

/**
 * A page of the list of parked events: those that a projection could not handle, and those that wait behind them under the same
 * key.
 */
export async function parkedPage(
  store: Pick<ViewStore, "range">,
  projections: readonly Listed[],
  { name, after, first }: ParkedQuery,
): Promise<ParkedPage> {
  const places = new Map(projections.map((projection, index) => [projection.name, index]));
  const from = after === undefined ? -1 : (places.get(after.projection) ?? -1);
  const listed = projections.filter((projection) => name === undefined || projection.name === name);
  const rows = ({ generation }: Listed, query: { after?: Position; limit: number }) =>
    store.range(`${generation}/parked`, "", query);

  const events: ParkedEvent[] = [];
  let hasPrevious = false;
  for (const projection of listed) {
    const place = places.get(projection.name) ?? 0;
    if (after !== undefined && place <= from) {
      const [oldest] = await rows(projection, { limit: 1 });
      hasPrevious ||= oldest !== undefined && (place < from || oldest.sort <= after.cursor);
    }
    if (place < from) continue;
    const limit = first + 1 - events.length;
    if (limit === 0) break;
    const page = await rows(projection, place === from && after ? { after: after.cursor, limit } : { limit });
    events.push(...page.map((row) => parkedEvent(projection, row)));
  }
  return { events: events.slice(0, first), hasNext: events.length > first, hasPrevious };
}

function parkedEvent({ name }: Listed, { sort, value }: SortedRow): ParkedEvent {
  const { type, error, attempts, parkedAt } = value as ParkedRow;
  return { projection: name, cursor: sort, type, error, attempts, parkedAt };
}
