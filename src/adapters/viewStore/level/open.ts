import { ClassicLevel } from "classic-level";
import { existsSync } from "node:fs";
import { open, readdir, readFile, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Unavailable } from "../../../ports/faults.ts";
import { makeDirectory } from "../../directory.ts";
import { lostWrites } from "./logCheck.ts";

/** Sizes in bytes. */
export type Tuning = { writeBufferSize: number; cacheSize: number; blockSize: number; maxFileSize: number; maxOpenFiles: number };

const MB = 1 << 20;

/**
 * Values from measurements: fan-out to random users of 100,000, with up to 12 million rows. With a write buffer of 4 MB,
 * throughput falls by nearly half. With 16 MB, commits stalled for up to 2.8 s. With 32 MB, they stalled rarely, for up to 0.9 s.
 * More only costs memory. With files of 8 MB, fewer files must be held open. The effect of bigger blocks was within the noise,
 * and so was that of a cache of 64 or 16 MB instead of 32 on pages of history, lists and `sync`: the system keeps files, too.
 */
export const defaultTuning: Tuning = {
  writeBufferSize: 32 * MB,
  cacheSize: 16 * MB,
  blockSize: 4 << 10,
  maxFileSize: 8 * MB,
  maxOpenFiles: 1_000,
};

/** The directory is in use. */
export class ViewStoreLocked extends Error {
  override readonly name = "ViewStoreLocked";
}

/** The content of the directory cannot be trusted. Views can be replayed, so set it aside and begin with an empty one. */
export class ViewStoreCorrupt extends Error {
  override readonly name = "ViewStoreCorrupt";
}

/** The file that a server leaves when it found unreadable rows, so that the next start does not open them again. */
const MARKER = "CORRUPT";

export type Handle = ClassicLevel;

/** The error of LevelDB itself, below those of the layers around it. */
export function rootOf(error: unknown): { code: string | undefined; message: string } {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  if (!(root instanceof Error)) return { code: undefined, message: String(root) };
  return { code: "code" in root && typeof root.code === "string" ? root.code : undefined, message: root.message };
}

/** Longer keys are read with the slower asynchronous call. */
export const SYNC_KEY_BYTES = 4_096;

/** `multithreading`: whether other handles of this process share the open database. */
async function openHandle(directory: string, tuning: Tuning, multithreading: boolean): Promise<Handle> {
  const handle = new ClassicLevel(directory, { ...tuning, multithreading });
  await handle.open();
  // `getSync` writes keys into a buffer that grows with the longest key so far. If the last character of a key does not fit, it
  // is cut off without an error (classic-level 3.0). So the buffer gets its full length at once.
  handle.getSync("\x01".repeat(SYNC_KEY_BYTES));
  return handle;
}

/** Opens one more handle beside those of other threads. The first one opens the database. */
export const openShared = (directory: string, tuning: Tuning): Promise<Handle> => openHandle(directory, tuning, true);

// Messages about a file that must exist, or must be a file: these mean damage. Any other message of the system (no rights, no
// room, no descriptors, a failing disk) is no reason to throw away what is stored.
const DAMAGE = /No such file|Is a directory|Not a directory|File name too long|Invalid argument/;

function openingError(directory: string, error: unknown): Error {
  const { code, message } = rootOf(error);
  if (code === "LEVEL_LOCKED") {
    return message.includes("already held by process")
      ? new ViewStoreLocked(`this process has ${directory} open already: other threads are given a share of it`, { cause: error })
      : new ViewStoreLocked(`another Tidings server holds ${directory}`, { cause: error });
  }
  if (
    code === "LEVEL_CORRUPTION" ||
    message.startsWith("Invalid argument") ||
    (code === "LEVEL_IO_ERROR" && DAMAGE.test(message))
  ) {
    return new ViewStoreCorrupt(`the view store in ${directory} is damaged: ${message}`, { cause: error });
  }
  return new Error(`cannot open the view store in ${directory}: ${message}`, { cause: error });
}

/**
 * Opens a directory that no other handle of this process holds. Errors: `ViewStoreLocked`, `ViewStoreCorrupt`, others as they
 * come.
 */
export async function openFirst(directory: string, tuning: Tuning): Promise<Handle> {
  try {
    makeDirectory(directory);
  } catch (error) {
    throw new Error(`cannot make the directory of the view store, ${directory}: ${rootOf(error).message}`, { cause: error });
  }
  const suspicion = await suspicionOf(directory);
  if (suspicion !== undefined && !existsSync(join(directory, "CURRENT")))
    throw new ViewStoreCorrupt(`${directory}: ${suspicion}`);
  try {
    // First alone: a second shared opening in one process would not notice the first one.
    const alone = await openHandle(directory, tuning, false);
    await alone.close();
    // Only now is it certain that no other process was writing the files that were read above.
    if (suspicion !== undefined) throw new ViewStoreCorrupt(`the view store in ${directory} is damaged: ${suspicion}`);
    return await openShared(directory, tuning);
  } catch (error) {
    throw error instanceof ViewStoreCorrupt ? error : openingError(directory, error);
  }
}

async function suspicionOf(directory: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, MARKER), "utf8");
  } catch {
    // No marker: nothing was found so far.
  }
  try {
    return await lostWrites(directory);
  } catch {
    // A file that vanishes or cannot be read: LevelDB reports that better.
    return undefined;
  }
}

/** Notes on disk that the stored rows cannot be trusted, so that the next process knows. */
export async function markCorrupt(directory: string, reason: string): Promise<void> {
  await writeFile(join(directory, MARKER), reason);
}

/** Moves a directory out of the way. Returns its new name: `<directory>.<why>-<n>`. */
export async function setAside(directory: string, why = "broken"): Promise<string> {
  for (let n = 1; ; n++) {
    const aside = `${directory}.${why}-${n}`;
    if (existsSync(aside)) continue;
    await rename(directory, aside);
    return aside;
  }
}

/**
 * Checks that the disk has room for what an opening writes: the write-ahead files as tables, and some more. Call it before
 * closing a database that can still be read, since it may not open again on a full disk. Throws `Unavailable`, or the system's
 * error.
 */
export async function assertRoom(directory: string): Promise<void> {
  const logs = (await readdir(directory)).filter((name) => name.endsWith(".log"));
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(directory, name))).size));
  const needed = sizes.reduce((sum, size) => sum + size, MB);
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize < needed) throw new Unavailable(`no room on the disk of ${directory}: ${needed} bytes are needed`);
  const probe = join(directory, "PROBE");
  try {
    const file = await open(probe, "w");
    try {
      await file.writeFile(Buffer.alloc(1 << 16));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(probe, { force: true });
  }
}
