/** Seqs from `from` to `to`, both included. */
export type SeqRange = { readonly from: number; readonly to: number };

/** Which seqs of a conversation are loaded: ranges that neither touch nor overlap, ascending. */
export type SeqRanges = readonly SeqRange[];

/** Ranges with one more, joined with those that it touches. An empty one (`to` below `from`) adds nothing. */
export function withRange(ranges: SeqRanges, from: number, to: number): SeqRanges {
  if (to < from) return ranges;
  const last = ranges.at(-1);
  // What comes live continues the last range, mostly.
  if (last && last.from <= from && from <= last.to + 1) {
    return to <= last.to ? ranges : [...ranges.slice(0, -1), { from: last.from, to }];
  }
  const below = ranges.filter((range) => range.to < from - 1);
  const above = ranges.filter((range) => range.from > to + 1);
  const touched = ranges.slice(below.length, ranges.length - above.length);
  const joined = {
    from: Math.min(from, touched[0]?.from ?? from),
    to: Math.max(to, touched.at(-1)?.to ?? to),
  };
  return [...below, joined, ...above];
}

/** The range that holds a seq. */
export const rangeAt = (ranges: SeqRanges, seq: number): SeqRange | undefined =>
  ranges.find(({ from, to }) => from <= seq && seq <= to);

/** What is missing between two seqs, both included, ascending. */
export function gapsWithin(ranges: SeqRanges, from: number, to: number): SeqRange[] {
  const gaps: SeqRange[] = [];
  let next = from;
  for (const range of ranges) {
    if (range.to < next) continue;
    if (range.from > to) break;
    if (range.from > next) gaps.push({ from: next, to: range.from - 1 });
    next = range.to + 1;
  }
  if (next <= to) gaps.push({ from: next, to });
  return gaps;
}
