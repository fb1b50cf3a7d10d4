import { parentPort, workerData } from "node:worker_threads";
import { yieldToOthers } from "./background.ts";
import { composeAuditor } from "./auditJobs.ts";

if (parentPort === null) throw new Error("this file is started as a thread, by auditing.ts");
// Nobody waits for a lock of this thread, and a proof can wait for messages.
yieldToOthers();
await composeAuditor(workerData as Parameters<typeof composeAuditor>[0], parentPort);
