import { parentPort, workerData } from "node:worker_threads";
import { composeSearcher } from "./searcher.ts";

if (parentPort === null) throw new Error("this file is started as a thread, by searcher.ts");
await composeSearcher(workerData as Parameters<typeof composeSearcher>[0], parentPort);
