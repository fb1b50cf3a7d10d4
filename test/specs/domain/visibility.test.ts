import { describe, expect, test } from "vitest";
import { maySee, ownSight, seenOf, type Sight, type Window } from "../../../src/domain/visibility.ts";

const before: Window = { from: "p1", fromSeq: 3, to: "p4", toSeq: 5 };
const silent: Window = { from: "p5", fromSeq: 8, to: "p6", toSeq: 7 };
const now: Window = { from: "p7", fromSeq: 10 };
const sight = (windows: readonly Window[], more: Partial<Sight> = {}): Sight => ({
  windows,
  historyVisible: false,
  public: false,
  ...more,
});

const upTo12 = Array.from({ length: 12 }, (_, index) => index + 1);
const seqs = (of: Sight) => upTo12.filter((seq) => maySee(of, seq));

describe("what may be seen", () => {
  test.each<[string, Sight, number[]]>([
    ["nothing by a stranger", sight([]), []],
    ["nothing by a stranger, where members see all", sight([], { historyVisible: true }), []],
    ["everything by a stranger of a public group", sight([], { public: true }), upTo12],
    ["what came since joining by a member", sight([now]), [10, 11, 12]],
    ["everything by a member, where members see all", sight([now], { historyVisible: true }), upTo12],
    ["the stay of someone who left", sight([before]), [3, 4, 5]],
    ["no more by someone who left, where members see all", sight([before], { historyVisible: true }), [3, 4, 5]],
    ["each stay of someone who came again", sight([before, silent, now]), [3, 4, 5, 10, 11, 12]],
    ["nothing of a stay in which nothing was sent", sight([silent]), []],
  ])("%s", (_, of, seen) => expect(seqs(of)).toStrictEqual(seen));

  test("is told as ranges, or as all", () => {
    expect(seenOf(sight([before, now]))).toStrictEqual([before, now]);
    expect(seenOf(sight([before, now], { historyVisible: true }))).toBe("all");
    expect(seenOf(sight([], { public: true }))).toBe("all");
  });
});

describe("what is left where a public group does not count as such", () => {
  test.each<[string, Sight, number[]]>([
    ["nothing to a stranger", sight([], { public: true }), []],
    ["everything to a member", sight([now], { public: true }), upTo12],
    ["the stay of someone who left", sight([before], { public: true, historyVisible: true }), [3, 4, 5]],
    ["all that there was, of a group that is not public", sight([before]), [3, 4, 5]],
  ])("%s", (_, of, seen) => expect(seqs(ownSight(of))).toStrictEqual(seen));
});
