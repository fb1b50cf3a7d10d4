import { once } from "node:events";
import { platform } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

/** In a worker: yields, and tells the niceness of its thread before and after, and that of the main thread. */
const CODE = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { readlinkSync } = require("node:fs");
  const { getPriority } = require("node:os");
  import(workerData).then(({ yieldToOthers }) => {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").pop());
    const before = getPriority(thread);
    yieldToOthers();
    parentPort.postMessage({ before, after: getPriority(thread), main: getPriority(process.pid) });
  });
`;

test.runIf(platform() === "linux")(
  "a thread that yields has a lower priority than before, and the main thread has its own",
  async () => {
    const { href } = new URL("../../../dist/modules/src/server/background.js", import.meta.url);
    const worker = new Worker(CODE, { eval: true, workerData: href });
    const [told] = (await once(worker, "message")) as [{ before: number; after: number; main: number }];
    expect(told.after).toBeGreaterThan(told.before);
    expect(told.main).toBe(told.before);
    await worker.terminate();
  },
);
