import { parentPort, workerData } from "node:worker_threads";
import { composeSearcher } from "./indexer.ts";

if (parentPort === null) throw new Error("this file is started as a thread, by indexer.ts");
await composeSearcher(workerData as Parameters<typeof composeSearcher>[0], parentPort);
