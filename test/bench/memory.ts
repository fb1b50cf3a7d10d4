import { setTimeout as delay } from "node:timers/promises";

/** The memory of this process in bytes once everything is collected that can be; for processes started with --expose-gc. */
export async function rssAfterGc(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await delay(100);
  }
  return process.memoryUsage().rss;
}
