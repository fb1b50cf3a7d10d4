import { expect, test } from "vitest";
import { newExecution, within } from "../../../src/transport/execution/execution.ts";
import { pacedRead } from "../../../src/transport/execution/reading.ts";
import { later, newPace } from "../../../src/transport/execution/pacing.ts";

/** Keeps the event loop for a whole share. */
function work(): void {
  for (const until = performance.now() + 5; performance.now() < until;);
}

test("executions of one user take turns with those of others, however many they are", async () => {
  const done: string[] = [];
  const steps = (owner: string | undefined, name: string, count: number): Promise<void>[] => {
    const pace = newPace(owner);
    return Array.from(
      { length: count },
      () =>
        new Promise((resolve) =>
          later(pace, () => {
            work();
            done.push(name);
            resolve();
          }),
        ),
    );
  };
  const all = Array.from({ length: 20 }, () => steps("ann", "ann", 2)).flat();
  await Promise.all([...all, ...steps("bob", "bob", 3), ...steps(undefined, "nobody", 1)]);
  const before = (name: string, count: number) => done.slice(0, count).filter((each) => each === name).length;
  expect(done).toHaveLength(44);
  expect(before("nobody", 3)).toBe(1);
  // A share of theirs after each of his.
  expect(before("bob", 10)).toBe(3);
  expect(before("ann", 43)).toBeGreaterThanOrEqual(39);
});

test("rows are read in turns too, however many one user's executions want", async () => {
  const done: string[] = [];
  const limits = { answerBytesMax: 1_000_000, executionMs: 60_000 };
  const reads = (owner: string, count: number): unknown[] => {
    const execution = newExecution(limits, false, owner);
    const read = (): void => {
      work();
      done.push(owner);
    };
    return Array.from({ length: count }, () => within(execution, () => pacedRead(read)));
  };
  await Promise.all([...Array.from({ length: 20 }, () => reads("ann", 4)).flat(), ...reads("bob", 3)]);
  expect(done).toHaveLength(83);
  // Some of hers are read at once; then one share of hers is before each of his.
  expect(done.slice(0, 30).filter((owner) => owner === "bob")).toHaveLength(3);
});
