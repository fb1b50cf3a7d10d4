import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { BOUNDS, durations } from "../../../src/ports/durations.ts";
import { deliveryTimes } from "../../../src/transport/socket/deliveryTimes.ts";

test("durations are counted by their length: a bound belongs to what is below it", () => {
  const counted = durations();
  counted.add(0);
  counted.add(0.001);
  counted.add(0.0011, 3);
  counted.add(3_600);
  const places = counted.counts.flatMap((count, index) => (count === 0 ? [] : [[BOUNDS[index] ?? "more", count]]));
  expect(places).toEqual([
    [0.0005, 1],
    [0.001, 1],
    [0.0025, 3],
    ["more", 1],
  ]);
  expect(counted.sum).toBeCloseTo(3_600.0043, 6);
});

test("deliveries are counted once their frames are written, those of one event together", async () => {
  let time = 1_000;
  const times = deliveryTimes(() => time);
  for (const at of [900, 900, 400, 900]) times.gathered(at);
  expect(times.durations.counts.every((count) => count === 0)).toBe(true);
  time = 1_100;
  await turn();
  expect(times.durations.counts[BOUNDS.indexOf(0.25)]).toBe(3);
  expect(times.durations.counts[BOUNDS.indexOf(1)]).toBe(1);
  // The clock of who sent it may be ahead.
  times.gathered(5_000);
  await turn();
  expect(times.durations.counts[0]).toBe(1);
  expect(times.durations.sum).toBeCloseTo(0.2 * 3 + 0.7, 6);
});
