import { existsSync, fdatasyncSync, fstatSync, readdirSync, type Stats } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { type CopyData, copyFailed, copyWhenAsked } from "./copying.ts";
import { codeOf, describeError, fileNow, isSameFile, logFile, openForCopying, sqliteCode } from "./database.ts";

// It ends by itself once it is closed: if a thread is stopped within a statement, the native part aborts the whole process.

/** Where the system shows which files this process has open, if it does. */
const OPEN_FILES = "/proc/self/fd";

/** What was appended during a copy is copied after it, but only so often: the writer copies the rest. */
const ROUNDS = 2;

const { dataDir, copies } = workerData as CopyData;
const file = logFile(dataDir);
const db = openForCopying(dataDir);
const copyWal = db.prepare("pragma wal_checkpoint(passive)");

let hasFailed = false;

copyWhenAsked(copies, () => {
  try {
    for (let round = 0; round < ROUNDS; round++) {
      copyWal.get();
      flush();
    }
  } catch (error) {
    // A full disk, or another process that copies, leaves the write-ahead log as it is. It is copied later.
    if (codeOf(error) === sqliteCode.full || codeOf(error) === sqliteCode.busy) return;
    // After a failed write or fsync nothing can be trusted, not even what a second attempt reports.
    parentPort?.postMessage(describeError(error));
    hasFailed = true;
    copyFailed(copies);
  }
});
// Closing might write once more.
if (!hasFailed) db.close();

/**
 * Writes what was copied to the disk. SQLite does so only if nothing was appended during the copy: else whoever copies the rest
 * waits for all of it. To open the file here, and close it, would take its locks from all connections of this process. So it is
 * flushed as one of them has it open.
 */
function flush(): void {
  const mine = fileNow(file);
  const open = existsSync(OPEN_FILES) ? readdirSync(OPEN_FILES).map(Number) : [];
  const found = open.find((number) => isSameFile(mine, statOf(number)));
  if (found === undefined) return;
  try {
    fdatasyncSync(found);
  } catch (error) {
    // Its connection was closed a moment ago.
    if (!["EBADF", "EINVAL"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function statOf(number: number): Stats | undefined {
  try {
    return fstatSync(number);
  } catch {
    return undefined;
  }
}
