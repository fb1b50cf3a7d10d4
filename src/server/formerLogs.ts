import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const FILE = "former-logs";
/** Ids that are kept, the newest. */
const KEPT = 1_000;

/**
 * Ids of logs that were followed here, and are no more. A log that has one of them is a copy from before: clients may hold cursors of that id which name events
 * that the copy does not have, and would name others once it has grown.
 */
export async function formerLogs(dataDir: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await readFile(join(dataDir, FILE), "utf8")).split("\n").filter((id) => id !== ""));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Set();
    throw error;
  }
}

/** Keeps an id among them; it is on disk once this resolves. */
export async function noteFormerLog(dataDir: string, id: string): Promise<void> {
  const ids = new Set(await formerLogs(dataDir));
  ids.delete(id);
  ids.add(id);
  const half = join(dataDir, `${FILE}.new`);
  await rm(half, { force: true });
  const handle = await open(half, "wx", 0o600);
  try {
    await handle.writeFile(`${[...ids].slice(-KEPT).join("\n")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(half, join(dataDir, FILE));
}
