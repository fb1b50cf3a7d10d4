import { expect, test } from "vitest";
import type { NewEvent } from "../../../src/ports/eventStore.ts";
import { Unavailable } from "../../../src/ports/faults.ts";
import { lagOf } from "../../../src/projecting/lag.ts";
import { memoryLog } from "../../support/memoryLog.ts";

const event = (): NewEvent => ({
  id: crypto.randomUUID(),
  type: "Happened",
  data: {},
  metadata: { $correlationId: "c", $causationId: "c", actorId: "someone", at: "2024-01-02T03:04:05.678Z", schema: 1 },
});

/** A log of so many events, and the limits of the reads that were made. */
async function logOf(count: number) {
  const log = memoryLog();
  if (count > 0) await log.append("stream-a", Array.from({ length: count }, event), "any");
  const limits: number[] = [];
  const readAll: typeof log.readAll = (after, limit) => {
    limits.push(limit);
    return log.readAll(after, limit);
  };
  return { log: { readAll }, origin: log.origin, end: await log.end(), limits };
}

test("there is none at the log's end, also of an empty log", async () => {
  const empty = await logOf(0);
  expect(await lagOf(empty.log, empty.origin, 10)).toBe(0);
  const some = await logOf(3);
  expect(await lagOf(some.log, some.end, 10)).toBe(0);
});

test("events after the position are counted, over several pages", async () => {
  const { log, origin, limits } = await logOf(2_500);
  expect(await lagOf(log, origin, 5_000)).toBe(2_500);
  expect(limits).toEqual([1_000, 1_000, 1_000]);
});

test("no more is read than tells that there are more", async () => {
  const exact = await logOf(500);
  expect(await lagOf(exact.log, exact.origin, 500)).toBe(500);
  const beyond = await logOf(4_000);
  expect(await lagOf(beyond.log, beyond.origin, 500)).toBe("more");
  expect(beyond.limits).toEqual([501]);
  beyond.limits.length = 0;
  expect(await lagOf(beyond.log, beyond.origin, 1_500)).toBe("more");
  expect(beyond.limits).toEqual([1_000, 501]);
});

test("a page without events is not the log's end", async () => {
  const { log, origin, end } = await logOf(2);
  let first = true;
  const sparse: typeof log = {
    readAll: async (after, limit) => {
      if (!first) return log.readAll(after, limit);
      first = false;
      return { events: [], next: after, isTail: false };
    },
  };
  expect(await lagOf(sparse, origin, 10)).toBe(2);
  expect(await lagOf(log, end, 10)).toBe(0);
});

test("a log that is away leaves it unknown, and a fault of the caller's is none of the log's", async () => {
  const away = { readAll: () => Promise.reject(new Unavailable("the log is away")) };
  expect(await lagOf(away, "memory00.00000000000", 10)).toBe("unknown");
  const { log } = await logOf(1);
  await expect(lagOf(log, "another0.00000000000", 10)).rejects.toThrow(RangeError);
});
