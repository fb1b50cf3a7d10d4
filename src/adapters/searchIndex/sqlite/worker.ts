import { parentPort, workerData } from "node:worker_threads";
import { giveMemoryBackWhenIdle } from "../../idleMemory.ts";
import { faultOf } from "./faults.ts";
import { type Index, openIndex } from "./openIndex.ts";
import { type Call, type FromThread, isPacked, packed, type ThreadData, type ToThread, unpacked } from "./messages.ts";

// The thread that owns the search index. It ends by itself once it listens to nothing any more. Stopping it from outside is not
// safe: if a thread is stopped within a statement, the native part aborts the whole process.

const port = parentPort;
if (port === null) throw new Error("the search index runs in a worker thread");
const answer = (message: FromThread | string): void => port.postMessage(message);

giveMemoryBackWhenIdle();
let index: Index | undefined;
try {
  const { dataDir, searchMs } = workerData as ThreadData;
  index = openIndex(dataDir, searchMs);
  port.on("message", (message: ToThread | string) => receive(unpacked(message)));
  answer({ kind: "opened" });
} catch (error) {
  answer({ kind: "failed", ...faultOf(error) });
  port.close();
}

function receive(message: ToThread): void {
  if (message.kind === "close") {
    try {
      index?.close();
    } finally {
      port?.close();
    }
    return;
  }
  const { id, call } = message;
  try {
    const answered: FromThread = { kind: "answer", id, value: perform(call) };
    answer(isPacked(call) ? packed(answered) : answered);
  } catch (error) {
    answer({ kind: "error", id, ...faultOf(error) });
  }
}

function perform({ name, args }: Call): unknown {
  const run = index?.[name] as ((...args: unknown[]) => unknown) | undefined;
  return run?.(...args);
}
