import { describe, test } from "vitest";
import { threads } from "../../../projections/threads.ts";
import { seqKey } from "../../../src/projecting/projection.ts";
import { GROUP, recalled, sent } from "../../support/happened.ts";
import { AT, given } from "../../support/projected.ts";

const answer = (by: string, replyTo: number) => sent(by, { replyTo });
/** 1 and 2 begin; 3, 4 and 6 answer 1, 5 answers 3. */
const past = [sent("ann"), sent("bob"), answer("bob", 1), answer("cat", 1), answer("ann", 3), answer("bob", 1)];

describe("a thread", () => {
  test("has the direct answers, each with its number", async () => {
    const rows = given(threads, ...past);
    await rows.holds("replies", `${GROUP}:1`, {
      [seqKey(3)]: { nth: 1, at: AT },
      [seqKey(4)]: { nth: 2, at: AT },
      [seqKey(6)]: { nth: 3, at: AT },
    });
    await rows.holds("replies", `${GROUP}:3`, { [seqKey(5)]: { nth: 1, at: AT } });
    await rows.holds("replies", `${GROUP}:2`, {});
    await rows.holds("threads", GROUP, {
      [seqKey(1)]: { count: 3, lastSeq: 6, lastAt: AT, lastRecalled: 0 },
      [seqKey(3)]: { count: 1, lastSeq: 5, lastAt: AT, lastRecalled: 0 },
    });
  });

  test("is in its conversation by its newest answer alone", () =>
    given(threads, ...past).holds("active", GROUP, { [seqKey(5)]: 3, [seqKey(6)]: 1 }));

  test("is known to each who answered in it", async () => {
    const rows = given(threads, ...past);
    await rows.holds("taken", `bob~${GROUP}`, { [seqKey(1)]: 1 });
    await rows.holds("taken", `ann~${GROUP}`, { [seqKey(3)]: 1 });
  });

  test("keeps a recalled answer, and marks it", async () => {
    const rows = given(threads, ...past, recalled("cat", 4), recalled("bob", 3), recalled("bob", 2));
    await rows.holds("threads", GROUP, {
      [seqKey(1)]: { count: 3, lastSeq: 6, lastAt: AT, lastRecalled: 4 },
      [seqKey(3)]: { count: 1, lastSeq: 5, lastAt: AT, lastRecalled: 0 },
    });
    await rows.holds("ranks", `${GROUP}:1`, {
      [`recalled~0~${seqKey(0)}`]: Array.from({ length: 32 }, (_, seq) => Number(seq === 3 || seq === 4)),
    });
    await given(threads, ...past, recalled("cat", 4))
      .when(recalled("cat", 4))
      .nothing();
  });

  test("is nothing to a message that answers none", () => given(threads).when(sent("ann")).nothing());
});
