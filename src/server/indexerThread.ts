import { parentPort, workerData } from "node:worker_threads";
import { composeIndexer } from "./indexing.ts";

if (parentPort === null) throw new Error("this file is started as a thread, by indexer.ts");
await composeIndexer(workerData as Parameters<typeof composeIndexer>[0], parentPort);
