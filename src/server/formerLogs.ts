import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

const FILE = "former-logs";
/** How many ids are kept: the newest ones. */
const KEPT = 1_000;

/**
 * The ids of former logs that were followed here. If a log has such an id, it is an old copy. Clients may hold cursors of that id
 * that name events beyond the copy. Once the copy has grown, those cursors would name other events.
 */
export async function formerLogs(dataDir: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await readFile(join(dataDir, FILE), "utf8")).split("\n").filter((id) => id !== ""));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Set();
    throw error;
  }
}

/** Adds an id to them. It is on disk once this resolves. */
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
