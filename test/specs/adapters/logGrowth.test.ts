import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { tellingGrowth, toldGrowth } from "../../../src/adapters/eventStore/sqlite/growth.ts";
import { until } from "../../support/until.ts";

const HOUR = 3_600_000;

/** A reader, and how often it was woken. */
function reader(logId: string) {
  const growth = toldGrowth(logId, HOUR);
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    growth.close();
  });
  let woken = 0;
  const wait = (): void => void growth.next(stop.signal).then(() => woken++);
  return { ...growth, wait, woken: () => woken };
}

function writer(logId: string) {
  const telling = tellingGrowth(logId);
  onTestFinished(telling.close);
  return telling;
}

test("a reader that waits is told, and one that is at work is not", async () => {
  const logId = randomUUID();
  const [waiting, working] = [reader(logId), reader(logId)];
  const { grown } = writer(logId);
  // Whoever was there before the writer is told once.
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

test("a reader that comes later is told", async () => {
  const logId = randomUUID();
  const { grown } = writer(logId);
  const late = reader(logId);
  late.wait();
  await until("it is known", () => late.woken() === 1);
  late.wait();
  late.expect();
  grown();
  await until("it is told", () => late.woken() === 2);
});
