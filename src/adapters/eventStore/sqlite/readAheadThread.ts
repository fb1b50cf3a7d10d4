import { workerData } from "node:worker_threads";
import { Damaged } from "../../../ports/faults.ts";
import { packed } from "./packedPage.ts";
import type { Asked, FromReader, ReadAheadData } from "./readAhead.ts";
import { openReader } from "./sqliteLogReader.ts";

// It ends by itself once its port is closed: if a thread is stopped within a statement, the native part aborts the whole process.

const { dataDir, port } = workerData as ReadAheadData;
const tell = (message: FromReader): void => port.postMessage(message);

let reader: ReturnType<typeof openReader> | undefined;

port.on("message", ({ id, after, limit, types }: Asked) => {
  try {
    reader ??= openReader(dataDir, {});
    tell({ id, page: packed(reader.soundRows(after, limit), types) });
  } catch (error) {
    const damage = error instanceof Damaged ? { position: error.position, what: (error.cause as Error).message } : undefined;
    tell({ id, fault: damage ?? { message: (error as Error).message } });
  }
});
port.once("close", () => void reader?.close());
