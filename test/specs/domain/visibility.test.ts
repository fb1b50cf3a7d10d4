import { describe, expect, test } from "vitest";
import { heldBy, maySee, ownSight, type Sight, stillShows, wasMemberAt, type Window } from "../../../src/domain/visibility.ts";
import { seen, staysOf } from "../../support/stays.ts";

const before: Window = { from: "p1", fromSeq: 3, to: "p4", toSeq: 5 };
const silent: Window = { from: "p5", fromSeq: 8, to: "p6", toSeq: 7 };
const now: Window = { from: "p7", fromSeq: 10 };
type Told = [windows: Window[], more?: Partial<Sight>];

const upTo12 = Array.from({ length: 12 }, (_, index) => index + 1);
const seqs = async ([windows, more]: Told, as = (sight: Sight) => sight) => {
  const { reads, sight } = await staysOf(windows, more);
  return seen(reads, as(sight), 12);
};

describe("what may be seen", () => {
  test.each<[string, Told, number[]]>([
    ["nothing by a stranger", [[]], []],
    ["nothing by a stranger, where members see all", [[], { historyVisible: true }], []],
    ["everything by a stranger of a public group", [[], { public: true }], upTo12],
    ["what came since joining by a member", [[now]], [10, 11, 12]],
    ["everything by a member, where members see all", [[now], { historyVisible: true }], upTo12],
    ["the stay of someone who left", [[before]], [3, 4, 5]],
    ["no more by someone who left, where members see all", [[before], { historyVisible: true }], [3, 4, 5]],
    ["each stay of someone who came again", [[before, silent, now]], [3, 4, 5, 10, 11, 12]],
    ["the same over two stays between which nothing was sent", [[before, { ...now, fromSeq: 6 }]], upTo12.slice(2)],
    ["nothing of a stay in which nothing was sent", [[silent]], []],
  ])("%s", async (_, of, expected) => expect(await seqs(of)).toStrictEqual(expected));

  test("is decided by the newest stay alone, where it can be", () => {
    const sight = (stay: Window & { earlier?: string }): Sight => ({ stay, historyVisible: false, public: false });
    expect(maySee(sight(now), 9)).toBe(false);
    expect(maySee(sight({ ...now, earlier: "stays" }), 9)).toBeUndefined();
    expect(maySee(sight({ ...now, earlier: "stays" }), 10)).toBe(true);
    expect(heldBy({ ...before, earlier: "stays" }, 6)).toBe(false);
    expect(wasMemberAt({ ...now, earlier: "stays" }, "p6")).toBeUndefined();
    expect(wasMemberAt(now, "p6")).toBe(false);
    expect(wasMemberAt({ ...before, earlier: "stays" }, "p5")).toBe(false);
  });
});

describe("what is left where a public group does not count as such", () => {
  test.each<[string, Told, number[]]>([
    ["nothing to a stranger", [[], { public: true }], []],
    ["everything to a member", [[now], { public: true }], upTo12],
    ["the stay of someone who left", [[before], { public: true, historyVisible: true }], [3, 4, 5]],
    ["all that there was, of a group that is not public", [[before]], [3, 4, 5]],
  ])("%s", async (_, of, expected) => expect(await seqs(of, ownSight)).toStrictEqual(expected));
});

test.each<[string, Sight, Sight | undefined, boolean]>([
  ["the same stay", closed(now), closed(now), true],
  ["one that has ended", closed(now), closed({ ...now, to: "p8", toSeq: 12 }), false],
  ["another one", closed(now), closed({ from: "p9", fromSeq: 13 }), false],
  ["none", closed(now), closed(), false],
  ["no group", closed(now), undefined, false],
  ["a history that was opened", closed(now), { ...closed(now), historyVisible: true }, true],
  ["a history that was closed", { ...closed(now), historyVisible: true }, closed(now), false],
  ["a group that all see no more", { ...closed(), public: true }, closed(), false],
  ["a stay that had ended before", closed(before), closed(now), true],
])("what one saw is still shown by %s", (_, was, is, shown) => expect(stillShows(was, is)).toBe(shown));

function closed(stay?: Window): Sight {
  return { ...(stay && { stay }), historyVisible: false, public: false };
}
