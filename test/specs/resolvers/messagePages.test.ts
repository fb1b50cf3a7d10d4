import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Window } from "../../../src/domain/visibility.ts";
import { halvesOf, messageQuery, pageAround, pageOf, visibleRuns } from "../../../src/api/messages/pages.ts";
import { refusedWith } from "../../support/given.ts";
import { seen, staysOf } from "../../support/stays.ts";

/** Stays as they come about: each begins above the end of the one before, the last one may go on. */
const windows = fc
  .array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 14 })
  .chain((stays) => fc.record({ stays: fc.constant(stays), open: fc.boolean() }))
  .map(({ stays, open }) => {
    let head = 0;
    const made = stays.map(([before, length], index): Window => {
      const fromSeq = head + before + 1;
      head = fromSeq + length - 1;
      return { from: `p${index}`, fromSeq, to: `q${index}`, toSeq: head };
    });
    const last = made.pop();
    if (last === undefined) return { made, head };
    return { made: [...made, open ? { from: last.from, fromSeq: last.fromSeq } : last], head };
  });

const sights = fc
  .record({ windows, beyond: fc.nat(5), historyVisible: fc.boolean(), public: fc.boolean() })
  .map(({ windows: { made, head }, beyond, ...open }) => ({
    stays: () => staysOf(made, open),
    head: head + beyond,
  }));

const seqs = (runs: readonly { from: number; to: number }[]) =>
  runs.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index));

describe("a page of a timeline", () => {
  test("shows what the rule of visibility shows", () =>
    fc.assert(
      fc.asyncProperty(sights, async ({ stays, head }) => {
        const { reads, sight } = await stays();
        expect(seqs(visibleRuns(await reads.rangesOf(sight, 100), head))).toStrictEqual(await seen(reads, sight, head));
      }),
    ));

  test("is what Relay's rules make of the whole list", () => {
    const bound = fc.option(fc.nat(45), { nil: undefined });
    const query = fc.record({ after: bound, before: bound, count: fc.integer({ min: 1, max: 12 }), fromEnd: fc.boolean() });
    return fc.assert(
      fc.asyncProperty(sights, query, async ({ stays, head }, { after, before, count, fromEnd }) => {
        const { reads, sight } = await stays();
        const all = await seen(reads, sight, head);
        const inside = all.filter((seq) => seq > (after ?? 0) && seq < (before ?? Infinity));
        const wanted = fromEnd ? inside.slice(-count) : inside.slice(0, count);
        const asked = {
          ...(after === undefined ? {} : { after }),
          ...(before === undefined ? {} : { before }),
          count,
          fromEnd,
        };
        const page = pageOf(visibleRuns(await reads.rangesFor(sight, asked), head), asked);
        expect(seqs(page.runs)).toStrictEqual(wanted);
        const [first = (after ?? 0) + 1] = wanted;
        const last = wanted.at(-1) ?? (before ?? Infinity) - 1;
        expect(page.hasPrevious).toBe(all.some((seq) => seq < first));
        expect(page.hasNext).toBe(all.some((seq) => seq > last));
      }),
      { numRuns: 1_000 },
    );
  });

  test("walked either way gives every visible message once", () =>
    fc.assert(
      fc.asyncProperty(sights, fc.integer({ min: 1, max: 7 }), fc.boolean(), async ({ stays, head }, count, fromEnd) => {
        const { reads, sight } = await stays();
        const walked: number[] = [];
        for (let at: { after?: number; before?: number } = {}; ;) {
          const asked = { ...at, count, fromEnd };
          const page = pageOf(visibleRuns(await reads.rangesFor(sight, asked), head), asked);
          const found = seqs(page.runs);
          if (fromEnd) walked.unshift(...found);
          else walked.push(...found);
          if (!(fromEnd ? page.hasPrevious : page.hasNext)) break;
          at = fromEnd ? { before: found[0] } : { after: found.at(-1) };
        }
        expect(walked).toStrictEqual(await seen(reads, sight, head));
      }),
    ));
});

describe("a page around a seq", () => {
  test("has it in the middle, and more of one side where the other has too few", () =>
    fc.assert(
      fc.asyncProperty(
        sights,
        fc.integer({ min: 1, max: 45 }),
        fc.integer({ min: 1, max: 12 }),
        async ({ stays, head }, around, count) => {
          const { reads, sight } = await stays();
          const all = await seen(reads, sight, head);
          const middle = all.findIndex((seq) => seq >= around);
          const below = middle < 0 ? all.length : middle;
          // So far down that half of the page is below, or more where the list ends.
          const from = Math.max(0, Math.min(below - Math.floor(count / 2), all.length - count));
          const { below: down, above: up } = halvesOf({ around, count });
          const [one, other] = await Promise.all(
            [down, up].map(async (part) => pageOf(visibleRuns(await reads.rangesFor(sight, part), head), part)),
          );
          const page = pageAround(one as never, other as never, count);
          expect(seqs(page.runs)).toStrictEqual(all.slice(from, from + count));
          if (all.length > 0) expect([page.hasPrevious, page.hasNext]).toStrictEqual([from > 0, from + count < all.length]);
        },
      ),
      { numRuns: 1_000 },
    ));
});

describe("what is asked for", () => {
  test("is the newest page where nothing is named", () => {
    expect(messageQuery({})).toStrictEqual({ count: 30, fromEnd: true });
    expect(messageQuery({ after: "4" })).toStrictEqual({ after: 4, count: 30, fromEnd: true });
    expect(messageQuery({ around: 41 })).toStrictEqual({ around: 41, count: 30 });
    expect(messageQuery({ around: 41, first: 7, last: null })).toStrictEqual({ around: 41, count: 7 });
    expect(messageQuery({ first: 5, before: "41" })).toStrictEqual({ before: 41, count: 5, fromEnd: false });
  });

  test.each([
    [{ first: 1, last: 1 }, "last"],
    [{ first: 0 }, "first"],
    [{ first: 101 }, "first"],
    [{ last: -1 }, "last"],
    [{ last: 101 }, "last"],
    [{ after: "x" }, "after"],
    [{ before: "-1" }, "before"],
    [{ before: "1.5" }, "before"],
    [{ after: "" }, "after"],
    [{ around: 0 }, "around"],
    [{ around: 5, first: 101 }, "first"],
    [{ around: 5, last: 3 }, "around"],
    [{ around: 5, after: "3" }, "around"],
    [{ around: 5, before: "9" }, "around"],
  ])("%j is refused", (given, field) => refusedWith(() => messageQuery(given), "BAD_INPUT", { field }));
});
