import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWatermark } from "../../../src/projecting/watermark.ts";

const at = (place: number): string => `memory00.${place.toString(36).padStart(11, "0")}`;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What became of a promise so far. */
function watched<T>(promise: Promise<T>): { answer: T | "waits" } {
  const seen: { answer: T | "waits" } = { answer: "waits" };
  void promise.then((answer) => (seen.answer = answer));
  return seen;
}
const settled = () => vi.advanceTimersByTimeAsync(0);

describe("the watermark", () => {
  test("goes forward, never back", () => {
    const watermark = createWatermark(at(3));
    expect(watermark.current()).toBe(at(3));
    watermark.advance(at(40));
    expect(watermark.current()).toBe(at(40));
    watermark.advance(at(5));
    expect(watermark.current()).toBe(at(40));
  });

  test("has reached what lies at it or below it", async () => {
    const watermark = createWatermark(at(3));
    expect(await watermark.reached(at(3), 0)).toBe(true);
    expect(await watermark.reached(at(1), 0)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("answers all who wait for a place once it is passed, and nobody who waits for a later one", async () => {
    const watermark = createWatermark(at(0));
    const [one, same, later] = [2, 2, 9].map((place) => watched(watermark.reached(at(place), 1_000)));
    watermark.advance(at(1));
    await settled();
    expect([one, same, later].map((waiter) => waiter?.answer)).toEqual(["waits", "waits", "waits"]);
    watermark.advance(at(4));
    await settled();
    expect([one, same, later].map((waiter) => waiter?.answer)).toEqual([true, true, "waits"]);
    watermark.advance(at(9));
    await settled();
    expect(later?.answer).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("waits for so long and no longer", async () => {
    const watermark = createWatermark(at(0));
    const waiter = watched(watermark.reached(at(2), 5_000));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(waiter.answer).toBe("waits");
    await vi.advanceTimersByTimeAsync(1);
    expect(waiter.answer).toBe(false);
    watermark.advance(at(2));
    await settled();
    expect(waiter.answer).toBe(false);
  });

  test("tells of each step forward, once, until that is ended", () => {
    const watermark = createWatermark(at(0));
    const [one, other]: string[][] = [[], []];
    const end = watermark.onAdvance((position) => one?.push(position));
    watermark.onAdvance((position) => other?.push(position));
    watermark.advance(at(1));
    watermark.advance(at(1));
    watermark.advance(at(0));
    end();
    end();
    watermark.advance(at(7));
    expect(one).toEqual([at(1)]);
    expect(other).toEqual([at(1), at(7)]);
  });

  test("is there already when it is told of", () => {
    const watermark = createWatermark(at(0));
    const seen: boolean[] = [];
    watermark.onAdvance((position) => seen.push(watermark.current() === position));
    watermark.advance(at(1));
    expect(seen).toEqual([true]);
  });

  test("lets who was answered wait again at once", async () => {
    const watermark = createWatermark(at(0));
    const steps: boolean[] = [];
    const follow = async () => {
      for (const place of [1, 2, 3]) steps.push(await watermark.reached(at(place), 1_000));
    };
    const following = follow();
    for (const place of [1, 2, 3]) {
      watermark.advance(at(place));
      await settled();
    }
    await following;
    expect(steps).toEqual([true, true, true]);
  });
});

test("what one listener throws keeps no other from being told", async () => {
  const told: unknown[] = [];
  const watermark = createWatermark(at(3), (error) => void told.push(error));
  const [one, two] = [new Error("one"), new Error("two")];
  watermark.whenReached(at(4), () => {
    throw one;
  });
  const other = watched(watermark.reached(at(4), 1_000));
  watermark.onAdvance(() => {
    throw two;
  });
  const heard: string[] = [];
  watermark.onAdvance((position) => void heard.push(position));
  watermark.advance(at(4));
  await settled();
  expect([told, heard, other.answer]).toEqual([[one, two], [at(4)], true]);
});
