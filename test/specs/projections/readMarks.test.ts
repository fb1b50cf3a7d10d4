import { describe, test } from "vitest";
import { readMarks } from "../../../projections/readMarks.ts";
import { receipts } from "../../../projections/receipts.ts";
import { del, put, seqKey } from "../../../src/projecting/projection.ts";
import { GROUP, groupCreated, imported, readUpTo, recalled, sent } from "../../support/happened.ts";
import { given } from "../../support/projected.ts";

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
      .then(put("counts", GROUP, "", counts(2, { lastScheduled: 2 })), put("own", `ann~${GROUP}`, seqKey(2), 1)));

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
        del("mentioned", GROUP, seqKey(1)),
        del("mentions", `bob~${GROUP}`, seqKey(1)),
        del("mentionsAll", GROUP, seqKey(1)),
      ));

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
