import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keptElsewhere } from "../../../src/server/foldingElsewhere.ts";

type State = { runner: { state: string } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what a process of another version says of itself is as if it said nothing, and harms nobody", async () => {
  let said: readonly unknown[] = [{ runner: { state: "LIVE" } }];
  const changes: (string | undefined)[] = [];
  const orders = { give: async () => undefined, states: async () => said };
  const elsewhere = keptElsewhere<State>(
    "views",
    { orders: orders as never },
    ([first]) => ({ runner: { state: first.runner.state } }),
    () => changes.push(elsewhere.state()?.runner.state),
  );
  await vi.advanceTimersByTimeAsync(1_000);
  said = ["nonsense"];
  await vi.advanceTimersByTimeAsync(2_000);
  expect(elsewhere.state()).toBeUndefined();
  said = [{ runner: { state: "RETRYING" } }];
  await vi.advanceTimersByTimeAsync(1_000);
  expect(changes).toEqual(["LIVE", undefined, "RETRYING"]);
  elsewhere.close();
});
