import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gapsWithin, rangeAt, type SeqRanges, withRange } from "../../src/client/seqRanges.ts";

describe("ranges of seqs", () => {
  const pages = fc.array(fc.record({ from: fc.integer({ min: 1, max: 60 }), length: fc.integer({ min: 0, max: 15 }) }), {
    maxLength: 12,
  });

  it("hold what was added, apart where something is missing between, and name what is missing", () => {
    fc.assert(
      fc.property(pages, (added) => {
        let ranges: SeqRanges = [];
        const seqs = new Set<number>();
        for (const { from, length } of added) {
          ranges = withRange(ranges, from, from + length - 1);
          for (let seq = from; seq < from + length; seq++) seqs.add(seq);
        }
        for (const [index, { from, to }] of ranges.entries()) {
          expect(from).toBeLessThanOrEqual(to);
          const next = ranges[index + 1];
          if (next) expect(next.from).toBeGreaterThan(to + 1);
        }
        const missing = new Set(
          gapsWithin(ranges, 1, 80).flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)),
        );
        for (let seq = 1; seq <= 80; seq++) {
          expect(rangeAt(ranges, seq) !== undefined).toBe(seqs.has(seq));
          expect(missing.has(seq)).toBe(!seqs.has(seq));
        }
      }),
    );
  });
});
