import { expect, onTestFinished, test } from "vitest";
import { type GrowthEnd, growthChannel, tellingGrowth, toldGrowth } from "../../../src/adapters/eventStore/sqlite/growth.ts";
import { until } from "../../support/until.ts";

const HOUR = 3_600_000;

/** A reader, how often it was woken, and the end that the writer gets. */
function reader() {
  const ends = growthChannel();
  const growth = toldGrowth(ends.reader, HOUR);
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    growth.close();
  });
  let woken = 0;
  const wait = (): void => void growth.next(stop.signal).then(() => woken++);
  return { ...growth, wait, woken: () => woken, end: ends.writer };
}

function writer(...ends: GrowthEnd[]) {
  const telling = tellingGrowth();
  onTestFinished(telling.close);
  for (const end of ends) telling.add(end);
  return telling;
}

test("a reader that waits is told, and one that is at work is not", async () => {
  const [waiting, working] = [reader(), reader()];
  const { grown } = writer(waiting.end, working.end);
  // Whoever comes is told once.
  for (const each of [waiting, working]) each.wait();
  await until("both are known", () => waiting.woken() + working.woken() === 2);
  for (const each of [waiting, working]) each.wait();
  for (let round = 3; round < 20; round++) {
    waiting.expect();
    grown();
    await until("it is told", () => waiting.woken() === round - 1);
    waiting.wait();
  }
  expect(working.woken()).toBe(1);
});

test("a reader that has left is forgotten, and the others are told", async () => {
  const [leaving, staying] = [reader(), reader()];
  const { grown } = writer(leaving.end, staying.end);
  staying.wait();
  await until("it is known", () => staying.woken() === 1);
  const left = new Promise<void>((resolve) => leaving.end.port.once("close", resolve));
  leaving.expect();
  leaving.close();
  await left;
  staying.wait();
  staying.expect();
  grown();
  await until("it is told", () => staying.woken() === 2);
  // Nobody has told the one that left.
  expect(Atomics.load(leaving.end.waiting, 0)).toBe(1);
});
