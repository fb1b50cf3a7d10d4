import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { beginnings } from "../../../src/transport/execution/beginning.ts";

test("some begin in each turn of the event loop, in the order in which they came", async () => {
  const begun: number[] = [];
  const { mayBegin, later } = beginnings(3);
  const ask = (number: number): void => {
    if (mayBegin()) begun.push(number);
    else later(() => begun.push(number));
  };
  for (let number = 0; number < 8; number++) ask(number);
  expect(begun).toStrictEqual([0, 1, 2]);
  await turn();
  expect(begun).toStrictEqual([0, 1, 2, 3, 4, 5]);
  // Whoever comes later does not overtake those that wait.
  ask(8);
  expect(begun).toHaveLength(6);
  await turn();
  expect(begun).toStrictEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  await turn();
  ask(9);
  expect(begun.at(-1)).toBe(9);
  for (let number = 10; number < 13; number++) ask(number);
  expect(begun.at(-1)).toBe(11);
  await turn();
  expect(begun.at(-1)).toBe(12);
});

test("what has begun is let go of, also while others wait all the time", async () => {
  const { mayBegin, later } = beginnings(2);
  const held: WeakRef<object>[] = [];
  const ask = (): void => {
    const operation = {};
    held.push(new WeakRef(operation));
    if (!mayBegin()) later(() => void Object.keys(operation));
  };
  for (let count = 0; count < 8; count++) ask();
  for (let count = 0; count < 40; count++) {
    await turn();
    ask();
    ask();
  }
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  expect(held.length).toBe(88);
  expect(held.slice(0, 40).filter((one) => one.deref() !== undefined)).toHaveLength(0);
});
