import { describe, test } from "vitest";
import { readMarks } from "../../../projections/readMarks.ts";
import { receipts } from "../../../projections/receipts.ts";
import { del, put, seqKey } from "../../../src/projecting/projection.ts";
import { GROUP, groupCreated, imported, readUpTo, recalled, sent } from "../../support/happened.ts";
import { given } from "../../support/projected.ts";

/** A node of a tree of counts over seqs below 32: these, each so often. */
const ranks = (partition: string, set: string, of: Readonly<Record<number, number>>) =>
  put(
    "ranks",
    partition,
    `${set}~0~${seqKey(0)}`,
    Array.from({ length: 32 }, (_, seq) => of[seq] ?? 0),
  );

const counts = (head: number, more: object = {}) => ({ head, lastRecalled: 0, importedFrom: 0, importedTo: 0, ...more });

describe("a mark", () => {
  test("goes with what one sends", () =>
    given(readMarks, sent("bob"))
      .when(sent("ann"))
      .then(put("counts", GROUP, "", counts(2)), put("marks", "ann", GROUP, 2)));

  test("never goes beyond the head as it is then, nor back", async () => {
    await given(readMarks, sent("bob"), sent("bob"))
      .when(readUpTo("ann", 7))
      .then(put("marks", "ann", GROUP, 2));
    await given(readMarks, sent("bob"), sent("bob"), readUpTo("ann", 2)).when(readUpTo("ann", 1)).nothing();
    await given(readMarks, sent("bob"), readUpTo("ann", 7), sent("bob")).holds("marks", "ann", { [GROUP]: 1 });
  });

  test("of nothing is none", () => given(readMarks).when(readUpTo("ann", 3)).nothing());
});

describe("a message that had waited for its time", () => {
  const scheduled = (by: string) => sent(by, { scheduled: true });

  test("moves no mark, and is its sender's own", () =>
    given(readMarks, sent("bob"))
      .when(scheduled("ann"))
      .then(
        put("counts", GROUP, "", counts(2, { lastScheduled: 2 })),
        put("scheduled", GROUP, seqKey(2), "ann"),
        ranks(`ann~${GROUP}`, "own", { 2: 1 }),
      ));

  test("is not left out twice if it is recalled", () =>
    given(readMarks, sent("bob"), scheduled("ann"))
      .when(recalled("ann", 2))
      .then(
        put("counts", GROUP, "", counts(2, { lastScheduled: 2, lastRecalled: 2 })),
        put("recalled", GROUP, seqKey(2), 1),
        ranks(GROUP, "recalled", { 2: 1 }),
        ranks(`ann~${GROUP}`, "own", { 2: 0 }),
      ));

  test("moves no receipt", () =>
    given(receipts, groupCreated("ann"))
      .when(scheduled("ann"))
      .then(put("heads", GROUP, "", 1)));
});

describe("what an archive brings", () => {
  test("is read by everyone, and moves nobody's mark", () => given(readMarks, imported("ann")).holds("marks", "ann", {}));

  test("is kept as runs, one row each", () =>
    given(readMarks, imported("ann"), imported("ann"), sent("ann"), imported("ann")).holds("imported", GROUP, {
      [seqKey(1)]: 2,
      [seqKey(4)]: 4,
    }));
});

describe("what is recalled", () => {
  test("counts no more, and mentions nobody any more", () =>
    given(readMarks, sent("ann", { mentions: ["bob", "ann"], mentionsAll: true }))
      .when(recalled("ann", 1))
      .then(
        put("counts", GROUP, "", counts(1, { lastRecalled: 1 })),
        put("recalled", GROUP, seqKey(1), 1),
        ranks(GROUP, "recalled", { 1: 1 }),
        del("mentioned", GROUP, seqKey(1)),
        ranks(GROUP, "named", { 1: 0 }),
      ));

  test("mentions those by themselves no more whom it named", () =>
    given(readMarks, sent("ann", { mentions: ["bob", "cat"] }))
      .when(recalled("ann", 1))
      .then(
        put("counts", GROUP, "", counts(1, { lastRecalled: 1 })),
        put("recalled", GROUP, seqKey(1), 1),
        ranks(GROUP, "recalled", { 1: 1 }),
        del("mentioned", GROUP, seqKey(1)),
        ranks(`bob~${GROUP}`, "named", { 1: 0 }),
        ranks(`cat~${GROUP}`, "named", { 1: 0 }),
      ));

  test("counts once, whatever else becomes of it", () =>
    given(readMarks, sent("ann", { mentions: ["bob"] }), recalled("ann", 1))
      .when(recalled("ann", 1))
      .nothing());

  test("of an archive is found among its runs", async () => {
    const past = [imported("ann"), sent("ann"), imported("ann"), imported("ann"), sent("ann")];
    for (const seq of [1, 3, 4])
      await given(readMarks, ...past)
        .when(recalled("ann", seq))
        .nothing();
    for (const seq of [2, 5])
      await given(readMarks, ...past, recalled("ann", seq)).holds("recalled", GROUP, { [seqKey(seq)]: 1 });
  });

  test("of an archive never counted", () => given(readMarks, imported("ann")).when(recalled("ann", 1)).nothing());

  test("raises the highest that is recalled only where it is higher", () =>
    given(readMarks, sent("ann"), sent("ann"), recalled("ann", 2), recalled("ann", 1)).holds("counts", GROUP, {
      "": counts(2, { lastRecalled: 2 }),
    }));
});

test("mentions are noted for others than who makes them", () =>
  given(readMarks, sent("ann", { mentions: ["ann", "bob"] })).holds("mentioned", GROUP, {
    [seqKey(1)]: { users: ["bob"], all: false },
  }));
