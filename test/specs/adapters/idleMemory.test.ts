import { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";

const MIB = 1_048_576;

/** A thread that takes memory, and works for half of the time until it is told to rest. It tells of its memory. */
const program = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { getHeapStatistics } = require("node:v8");
  const { constants, PerformanceObserver } = require("node:perf_hooks");
  let majors = 0;
  new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) majors += 1;
  }).observe({ entryTypes: ["gc"] });
  let held = Array.from({ length: 400_000 }, (_, number) => ({ number, text: "t" + number }));
  const tell = () => parentPort.postMessage({ total: getHeapStatistics().total_heap_size, majors, working: working !== undefined });
  let working = setInterval(() => {
    const until = performance.now() + 5;
    while (performance.now() < until);
  }, 10);
  setInterval(tell, 50);
  parentPort.on("message", () => {
    held = undefined;
    clearInterval(working);
    working = undefined;
  });
  import(workerData).then(({ giveMemoryBackWhenIdle }) => giveMemoryBackWhenIdle(250));
`;

type Told = { total: number; majors: number; working: boolean };

let thread: Worker | undefined;
afterEach(() => thread?.terminate());

/** Begins the program, and lets one wait for what it tells. */
function begun() {
  const file = new URL("../../../dist/modules/src/adapters/idleMemory.js", import.meta.url);
  const own = new Worker(program, { eval: true, workerData: file.href });
  thread = own;
  return {
    rest: () => own.postMessage("rest"),
    next: (isThere: (told: Told) => boolean) =>
      new Promise<Told>((resolve, reject) => {
        own.on("error", reject);
        own.on("message", function each(told: Told) {
          if (!isThere(told)) return;
          own.off("message", each);
          resolve(told);
        });
      }),
  };
}

test("a thread gives back what it does not need once it is idle, and not before", async () => {
  const { next, rest } = begun();

  let tellings = 0;
  const began = await next(() => true);
  const busy = await next(({ working }) => working && (tellings += 1) === 40);
  rest();
  await next(({ total, working }) => !working && total < busy.total - 15 * MIB);

  expect(busy.total).toBeGreaterThan(25 * MIB);
  // V8 may have collected once by itself.
  expect(busy.majors).toBeLessThanOrEqual(began.majors + 1);
});

test("a thread that stays idle is not collected again and again", async () => {
  const { next, rest } = begun();
  const busy = await next(() => true);
  rest();

  let [before, same] = [0, 0];
  const settled = await next(({ majors, total }) => {
    const isLow = total < busy.total - 15 * MIB;
    same = isLow && majors === before ? same + 1 : 0;
    before = majors;
    // A second and a half, in which it looks six times.
    return same === 30;
  });

  expect(settled.working).toBe(false);
});
