import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { ranked, ranksBelow } from "../../../projections/ranks.ts";
import { receipts } from "../../../projections/receipts.ts";
import { seqKey } from "../../../src/projecting/projection.ts";
import {
  dissolved,
  GROUP,
  groupCreated,
  imported,
  joined,
  left,
  membersImported,
  readUpTo,
  sent,
} from "../../support/happened.ts";
import { given } from "../../support/projected.ts";
import { runs, seed } from "../../support/property.ts";

describe("the readers of a group", () => {
  const past = [groupCreated("ann"), joined("bob"), sent("ann"), sent("ann"), joined("cat"), readUpTo("bob", 1)];

  test("have read from when they joined to their marks", async () => {
    const rows = given(receipts, ...past);
    await rows.holds("readers", GROUP, {
      ann: { joined: 0, read: 2 },
      bob: { joined: 0, read: 1 },
      cat: { joined: 2, read: 2 },
    });
    await rows.holds("byRead", GROUP, { [`${seqKey(1)}~bob`]: 0, [`${seqKey(2)}~ann`]: 0, [`${seqKey(2)}~cat`]: 2 });
  });

  test("read no further than there is, and never back", async () => {
    const rows = given(receipts, ...past, readUpTo("bob", 99), readUpTo("ann", 1), readUpTo("eve", 1));
    await rows.holds("readers", GROUP, {
      ann: { joined: 0, read: 2 },
      bob: { joined: 0, read: 2 },
      cat: { joined: 2, read: 2 },
    });
  });

  test("are none once they have left, and begin anew when they come back", async () => {
    const gone = [...past, left("bob"), readUpTo("bob", 2)];
    await given(receipts, ...gone).holds("readers", GROUP, { ann: { joined: 0, read: 2 }, cat: { joined: 2, read: 2 } });
    await given(receipts, ...gone, sent("ann"), joined("bob")).holds("readers", GROUP, {
      ann: { joined: 0, read: 3 },
      bob: { joined: 3, read: 3 },
      cat: { joined: 2, read: 2 },
    });
  });

  test("are none once the group was dissolved", async () => {
    const history = [groupCreated("ann"), joined("bob"), sent("ann"), readUpTo("bob", 1), dissolved("ann")];
    await given(receipts, ...history).holds("readers", GROUP, {});
    await given(receipts, ...history).holds("byRead", GROUP, {});
  });

  test("of an archive have read nothing of it yet", () =>
    given(receipts, groupCreated("ann", { imported: true }), membersImported("bob"), imported("bob")).holds("readers", GROUP, {
      ann: { joined: 0, read: 0 },
      bob: { joined: 0, read: 0 },
    }));

  test("of a direct conversation have marks, and no rows here", () =>
    given(receipts)
      .when(sent("ann", { conversationId: "d:ann~bob" }))
      .nothing());
});

describe("ranks", () => {
  test("are how many seqs lie below another one, whatever came and went", async () => {
    const seq = fc.oneof(fc.nat(40), fc.nat(2_000), fc.nat(2 ** 31 - 1));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ seq, to: fc.option(seq, { nil: undefined }) }), { maxLength: 40 }),
        seq,
        async (all, asked) => {
          const rows = new Map<string, unknown>();
          const values: number[] = [];
          const change = async (from: number | undefined, to: number | undefined) => {
            const move = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
            const get = <T>(_: string, partition: string, sort: string) => rows.get(`${partition} ${sort}`) as T | undefined;
            for (const write of await ranked({ get }, "p", "set", [move]))
              if (write.op === "put") rows.set(`${write.partition} ${write.sort}`, write.value);
          };
          for (const { seq: from } of all) {
            values.push(from);
            await change(undefined, from);
          }
          // Every other one is moved, or taken out.
          const left: number[] = [];
          for (const [index, from] of values.entries()) {
            const to = all[index]?.to;
            if (index % 2 === 0) left.push(from);
            else {
              await change(from, to);
              if (to !== undefined) left.push(to);
            }
          }
          let reads = 0;
          const getMany = <T>(_: string, keys: readonly (readonly [string, string])[]) => {
            reads += keys.length;
            return keys.map(([partition, sort]) => rows.get(`${partition} ${sort}`) as T | undefined);
          };
          const [below] = await ranksBelow({ getMany }, "p", ["set"], asked);
          expect(below).toBe(left.filter((value) => value < asked).length);
          // One for each digit, however many there are.
          expect(reads).toBeLessThanOrEqual(7);
        },
      ),
      { seed: seed("ranks"), numRuns: runs() },
    );
  });
});
