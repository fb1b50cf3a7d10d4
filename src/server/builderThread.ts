import { parentPort, workerData } from "node:worker_threads";
import { composeBuilder } from "./building.ts";

if (parentPort === null) throw new Error("this file is started as a thread, by builder.ts");
await composeBuilder(workerData as Parameters<typeof composeBuilder>[0], parentPort);
