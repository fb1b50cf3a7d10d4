import { parentPort, workerData } from "node:worker_threads";
import { giveMemoryBackWhenIdle } from "../adapters/idleMemory.ts";
import { yieldToOthers } from "./background.ts";
import { composeIndexer } from "./indexing.ts";

giveMemoryBackWhenIdle();
if (parentPort === null) throw new Error("this file is started as a thread, by indexer.ts");
// A message is acknowledged and delivered first, and found a moment later. Nobody waits for a lock of this thread.
yieldToOthers();
await composeIndexer(workerData as Parameters<typeof composeIndexer>[0], parentPort);
