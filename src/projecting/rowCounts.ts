/** How many rows each projection has written since the start, in memory that all threads of the process see. */
export type RowCounts = {
  /** For another thread: it makes the same of it, with the same names. */
  readonly shared: SharedArrayBuffer;
  /** Only one thread counts for a projection. */
  add(projection: string, rows: number): void;
  of(projection: string): number;
};

export function rowCounts(
  names: readonly string[],
  shared = new SharedArrayBuffer(names.length * Float64Array.BYTES_PER_ELEMENT),
): RowCounts {
  const counts = new Float64Array(shared);
  const places = new Map(names.map((name, index) => [name, index]));
  return {
    shared,
    add(projection, rows) {
      const place = places.get(projection);
      if (place !== undefined) counts[place] = (counts[place] ?? 0) + rows;
    },
    of: (projection) => counts[places.get(projection) ?? -1] ?? 0,
  };
}
