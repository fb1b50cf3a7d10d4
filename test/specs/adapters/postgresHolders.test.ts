import { describe, expect, test } from "vitest";
import { createHolders } from "../../../src/adapters/viewStore/postgres/holders.ts";
import type { Job } from "../../../src/adapters/viewStore/postgres/writer.ts";
import type { Write } from "../../../src/ports/viewStore.ts";
import { gate } from "../../support/gate.ts";

/* Which commits of the leases of one process are one transaction. What a transaction does is in postgresLeases.test.ts. */

const put = (sort: string): Write => ({ op: "put", table: "test@1#1/rows", partition: "p", sort, value: 1 });

/** Holders of so many leases, and the slices of each transaction. */
function holders(leases: number, gatherMs: number) {
  const transactions: number[][] = [];
  const holding = createHolders(
    () => ({
      commit: async (jobs: readonly Job[]) => void transactions.push(jobs.map(({ lease }) => lease?.slice ?? -1)),
      isUnsure: () => false,
      forget: async () => undefined,
      close: async () => undefined,
    }),
    gatherMs,
  );
  const committers = Array.from({ length: leases }, (_, slice) => holding.heldBy({ slice, fence: 1 }));
  const commit = (slice: number): Promise<void> => committers[slice]?.commit([put(String(slice))]) ?? Promise.reject(new Error());
  return { transactions, commit, close: async (slice: number) => committers[slice]?.close() };
}

describe("commits of the leases of one process", () => {
  test("wait until all have one, and are one transaction in the order of their slices", async () => {
    const { transactions, commit } = holders(3, 60_000);
    const rows = gate();
    const all = [commit(2), commit(0), rows.passed.then(() => commit(1))];
    setTimeout(rows.open, 20);
    await Promise.all(all);
    expect(transactions).toEqual([[0, 1, 2]]);
  });

  test("do not wait for leases that are held no longer", async () => {
    const { transactions, commit, close } = holders(3, 60_000);
    const two = [commit(0), commit(1)];
    await close(2);
    await Promise.all(two);
    await close(2);
    await Promise.all([commit(0), commit(1)]);
    expect(transactions).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  test("wait for a moment, and not for who has nothing to commit", async () => {
    const { transactions, commit } = holders(3, 5);
    await commit(0);
    await commit(1);
    expect(transactions).toEqual([[0], [1]]);
  });
});
