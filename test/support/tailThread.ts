// Started by tests as a worker thread: follows the log in `workerData.dataDir` and posts the ids of what it finds, until it is
// sent anything. With `workerData.restless` it reads the whole log again and again instead, never pausing, and posts nothing.
import { parentPort, workerData } from "node:worker_threads";
import type { GrowthEnd } from "../../src/adapters/eventStore/sqlite/growth.ts";
import { sqliteLogReader } from "../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";

type TailData = { dataDir: string; pollMs?: number; restless?: boolean; told?: GrowthEnd };
const { dataDir, pollMs, restless, told } = workerData as TailData;
const reader = sqliteLogReader(dataDir, pollMs === undefined ? {} : { pollMs }, told);
const stop = new AbortController();
parentPort?.once("message", () => stop.abort());
parentPort?.postMessage("ready");

while (restless && !stop.signal.aborted) {
  for (let at = reader.origin, isTail = false; !isTail;) ({ next: at, isTail } = await reader.readAll(at, 20));
  await new Promise(setImmediate);
}

for (let at = reader.origin; !stop.signal.aborted; await reader.changed(at, stop.signal)) {
  for (let isTail = false; !isTail;) {
    const page = await reader.readAll(at, 100);
    if (page.events.length > 0) parentPort?.postMessage(page.events.map(({ id }) => id));
    ({ next: at, isTail } = page);
  }
}
await reader.close();
parentPort?.close();
