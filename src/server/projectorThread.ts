import { parentPort, workerData } from "node:worker_threads";
import { giveMemoryBackWhenIdle } from "../adapters/idleMemory.ts";
import { composeProjector } from "./projector.ts";

giveMemoryBackWhenIdle();
if (parentPort === null) throw new Error("this file is started as a thread, by projector.ts");
await composeProjector(workerData as Parameters<typeof composeProjector>[0], parentPort);
