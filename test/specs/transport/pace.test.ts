import { expect, test } from "vitest";
import { buffered, type Holder } from "../../../src/transport/buffered.ts";
import { isTooSlow, newReadPace } from "../../../src/transport/pace.ts";

const WITHIN_MS = 30_000;

/**
 * A connection with a megabyte to send, of which the reader takes so much each second. `at once`: the system takes it in one
 * write.
 */
function dropsAfter(bytesPerSecond: number, inOneWrite: boolean): number | undefined {
  const all = 1_000_000;
  const raw = { bytesWritten: all, writableLength: all, _handle: { writeQueueSize: inOneWrite ? all : 0 } };
  const pace = newReadPace(0);
  for (let second = 1; second <= 600; second += 1) {
    const left = Math.max(0, all - second * bytesPerSecond);
    if (inOneWrite) raw._handle.writeQueueSize = left;
    else raw.writableLength = left;
    if (isTooSlow(pace, raw as never, left > 0, second * 1_000, WITHIN_MS)) return second;
  }
  return undefined;
}

test.each([true, false])("a reader that trickles is too slow, and one over a slow line is not (one write: %s)", (inOneWrite) => {
  expect(dropsAfter(0, inOneWrite)).toBe(30);
  // A few bytes a minute are no sign of life.
  expect(dropsAfter(1, inOneWrite)).toBe(30);
  expect(dropsAfter(900, inOneWrite)).toBe(30);
  expect(dropsAfter(2_000, inOneWrite)).toBeUndefined();
  expect(dropsAfter(100_000, inOneWrite)).toBeUndefined();
});

test("one for whom nothing waits is never too slow", () => {
  const pace = newReadPace(0);
  const raw = { bytesWritten: 10, writableLength: 0 };
  for (let second = 1; second <= 600; second += 1)
    expect(isTooSlow(pace, raw as never, false, second * 1_000, WITHIN_MS)).toBe(false);
  // It began to wait only now.
  expect(isTooSlow(pace, { bytesWritten: 20, writableLength: 10 } as never, true, 601_000, WITHIN_MS)).toBe(false);
});

test("above the bound those that hold most are dropped, until a quarter is free", () => {
  const all = buffered(1_000);
  const dropped: string[] = [];
  const holder = (name: string): Holder => {
    const own: Holder = { held: 0, drop: () => (dropped.push(name), all.leave(own)) };
    all.enter(own);
    return own;
  };
  const [small, large, middle] = [holder("small"), holder("large"), holder("middle")];
  all.add(small, 100);
  all.add(large, 500);
  all.add(middle, 400);
  expect([all.bytes, dropped]).toEqual([1_000, []]);
  all.add(small, 1);
  expect([all.bytes, dropped]).toEqual([501, ["large"]]);
  // Who is gone is not counted again.
  all.add(large, 5_000);
  all.leave(large);
  expect(all.bytes).toBe(501);
  all.add(middle, -400);
  all.leave(small);
  expect(all.bytes).toBe(0);
});
