import { normalise } from "../../src/domain/folding.ts";
import { distance, isInside } from "../../src/domain/place.ts";
import type { DirectoryEntry, EntryPlace, EntryQuery } from "../../src/ports/searchIndex.ts";
import { holdsUnit, readText } from "./bruteForceSearch.ts";

const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** The sum of the scores of the tags asked for; undefined where one is missing. */
function scoreOf({ tags }: DirectoryEntry, wanted: readonly string[]): number | undefined {
  let sum = 0;
  for (const tag of [...new Set(wanted.map(normalise))].sort(byBytes)) {
    const scores = tags.filter(({ name }) => normalise(name) === tag).map(({ score }) => score);
    if (scores.length === 0) return undefined;
    sum += Math.max(...scores);
  }
  return sum;
}

/** All that an index finds of these, found by looking at every one, in order: all pages of it joined. */
export function bruteForceDirectory(entries: readonly DirectoryEntry[]): (query: EntryQuery) => Required<EntryPlace>[] {
  const read = entries.map((entry) => ({ entry, text: readText(entry.name) }));
  return ({ entry: kind, name, tags, near, within, category, visibleIds, onlyIds }) => {
    const found = read.flatMap(({ entry, text }) => {
      const score = scoreOf(entry, tags ?? []);
      const metres = near && entry.place ? distance(near, entry.place) : 0;
      const isNamed = (wanted: NonNullable<EntryQuery["name"]>): boolean =>
        (wanted.units.length > 0 && wanted.units.every((unit) => holdsUnit(text, unit))) ||
        wanted.ids.includes(entry.id) ||
        (wanted.handle !== undefined && wanted.handle === entry.handle);
      const fits =
        entry.entry === kind &&
        (!name || isNamed(name)) &&
        (!near || (entry.place !== null && metres <= near.radius)) &&
        (!within || (entry.place !== null && isInside(entry.place, within))) &&
        (category === undefined || (entry.category !== null && normalise(category) === normalise(entry.category))) &&
        (!visibleIds || entry.public || visibleIds.includes(entry.id)) &&
        (!onlyIds || onlyIds.includes(entry.id));
      return fits && score !== undefined ? [{ id: entry.id, score, distance: metres, name: normalise(entry.name) }] : [];
    });
    return found.sort((one, other) => {
      if (tags) return other.score - one.score || byBytes(one.id, other.id);
      if (near) return one.distance - other.distance || byBytes(one.id, other.id);
      return byBytes(one.name, other.name) || byBytes(one.id, other.id);
    });
  };
}
