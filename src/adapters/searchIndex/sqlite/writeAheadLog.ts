import { statSync } from "node:fs";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { BUSY_MS, searchFile } from "./database.ts";

/** When the write-ahead log has so many bytes, it is written back as a whole. */
const LONG = 64 * 2 ** 20;
/** How long that waits for readers, in milliseconds. */
const WAIT_MS = 100;

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
const logFile = (dataDir: string): string => `${searchFile(dataDir)}-wal`;

/** The bytes on disk, with the write-ahead log. */
export const sizeOf = (dataDir: string): number => bytesOf(searchFile(dataDir)) + bytesOf(logFile(dataDir));

/**
 * To be called after a commit. SQLite writes its log back by itself, but starts it again at its beginning only if no reader uses
 * it at that moment. If there are always readers, the log would grow without end. So this waits for them for a short time.
 * Meanwhile, new readers do not use the log. If a reader stays for longer, the next commit tries again.
 */
export function keepLogShort(db: DatabaseSyncInstance, dataDir: string): void {
  try {
    if (bytesOf(logFile(dataDir)) < LONG) return;
    db.exec(`pragma busy_timeout = ${WAIT_MS}; pragma wal_checkpoint(truncate)`);
  } catch {
    // What was committed stays committed. The next commit meets the same fault, and reports it.
  } finally {
    db.exec(`pragma busy_timeout = ${BUSY_MS}`);
  }
}
