import { parentPort, workerData } from "node:worker_threads";
import { Damaged } from "../../../ports/faults.ts";
import { packed } from "./packedPage.ts";
import type { Asked, FromReader, ReadAheadData, ToReader } from "./readAhead.ts";
import { openReader } from "./sqliteLogReader.ts";

// It ends by itself once it is told to: if a thread is stopped within a statement, the native part aborts the whole process.

const port = parentPort;
if (port === null) throw new Error("this file is started as a thread, by readAhead.ts");
const { dataDir } = workerData as ReadAheadData;
const tell = (message: FromReader): void => port.postMessage(message);

let reader: ReturnType<typeof openReader> | undefined;

function read({ id, after, limit, types }: Asked): void {
  try {
    reader ??= openReader(dataDir, {});
    tell({ id, page: packed(reader.soundRows(after, limit), types) });
  } catch (error) {
    const damage = error instanceof Damaged ? { position: error.position, what: (error.cause as Error).message } : undefined;
    tell({ id, fault: damage ?? { message: (error as Error).message } });
  }
}

port.on("message", (message: ToReader) => {
  if (message !== "close") return read(message);
  void reader?.close();
  port.close();
});
