import { statSync } from "node:fs";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { BUSY_MS, searchFile } from "./database.ts";

/** Bytes of the write-ahead log from which on it is written back as a whole. */
const LONG = 64 * 2 ** 20;
/** How long that waits for readers. */
const WAIT_MS = 100;

const bytesOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
const logFile = (dataDir: string): string => `${searchFile(dataDir)}-wal`;

/** On disk, the write-ahead log included. */
export const sizeOf = (dataDir: string): number => bytesOf(searchFile(dataDir)) + bytesOf(logFile(dataDir));

/**
 * After a commit. SQLite writes its log back by itself, but begins it anew only where no reader happens to be looking at it: with readers always
 * there it would grow without end. New readers do without it meanwhile; where one stays for longer the next commit tries again.
 */
export function keepLogShort(db: DatabaseSyncInstance, dataDir: string): void {
  try {
    if (bytesOf(logFile(dataDir)) < LONG) return;
    db.exec(`pragma busy_timeout = ${WAIT_MS}; pragma wal_checkpoint(truncate)`);
  } catch {
    // What was committed stays committed: the next commit meets the same fault, and tells it.
  } finally {
    db.exec(`pragma busy_timeout = ${BUSY_MS}`);
  }
}
