import { expect, test } from "vitest";
import { turns } from "../../../src/commands/turns.ts";
import { gate } from "../../support/gate.ts";

test("what has one key runs in the order of the calls, also after a failure; other keys do not wait", async () => {
  const inTurn = turns();
  const order: string[] = [];
  const barrier = gate();
  const first = inTurn("a", async () => {
    await barrier.passed;
    order.push("first");
    throw new Error("failed");
  });
  const second = inTurn("a", async () => order.push("second"));
  const other = inTurn("b", async () => order.push("other"));
  await other;
  barrier.open();
  await expect(first).rejects.toThrow("failed");
  await second;
  expect(order).toEqual(["other", "first", "second"]);
  expect(await inTurn("a", async () => "again")).toBe("again");
});
