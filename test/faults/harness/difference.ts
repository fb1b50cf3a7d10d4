/** What tells two collections apart: `twice` is what was found more than once. */
export type Difference = { missing: string[]; unknown: string[]; twice: string[] };

export const NONE: Difference = { missing: [], unknown: [], twice: [] };

/** How many of each kind are named; the rest is counted. */
const NAMED = 20;

/** What was expected and not found, found and not expected, and found more than once. The order means nothing. */
export function difference(expected: Iterable<string>, found: Iterable<string>): Difference {
  const wanted = new Set(expected);
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const item of found) {
    if (seen.has(item)) twice.add(item);
    seen.add(item);
  }
  return {
    missing: some([...wanted].filter((item) => !seen.has(item))),
    unknown: some([...seen].filter((item) => !wanted.has(item))),
    twice: some([...twice]),
  };
}

const some = (list: string[]): string[] =>
  list.length <= NAMED ? list : [...list.slice(0, NAMED), `and ${list.length - NAMED} more`];
