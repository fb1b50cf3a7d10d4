import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, rmdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { levelViewStore } from "../adapters/viewStore/level/levelViewStore.ts";
import type { Open } from "../ports/awaitable.ts";
import type { ViewStore } from "../ports/viewStore.ts";

/** In DATA_DIR: a folder for each process that folds rows which nobody else reads. */
export const SCRATCH = "scratch";
/** A folder that was made so short a time ago may be about to be opened, in milliseconds. */
const NEW_MS = 10_000;

/** Where there is no DATA_DIR on this machine, they are among the system's temporary files. */
const placeIn = (dataDir: string): string =>
  existsSync(dataDir) ? join(dataDir, SCRATCH) : join(tmpdir(), `tidings-${process.getuid?.() ?? 0}-${SCRATCH}`);

/** A store of rows in a folder of its own, which is removed with it. */
export async function scratchStore(dataDir: string): Promise<Open<ViewStore>> {
  await removeScratches(dataDir);
  const place = placeIn(dataDir);
  await mkdir(place, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(place, "rows-"));
  try {
    const { settle: _, share: __, ...store } = await levelViewStore(folder);
    return {
      ...store,
      close: async () => {
        await store.close();
        await rm(folder, { recursive: true, force: true });
        // Others may have theirs there.
        await rmdir(place).catch(() => undefined);
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what processes left that were killed. Those that run hold the lock of their folder. */
export async function removeScratches(dataDir: string): Promise<void> {
  const place = placeIn(dataDir);
  for (const name of await readdir(place).catch(() => [])) {
    const folder = join(place, name);
    if (!name.startsWith("rows-") || (await isInUse(folder))) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}

async function isInUse(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || Date.now() - found.mtimeMs < NEW_MS) return true;
  try {
    await (await levelViewStore(folder, { warn: () => undefined })).close();
    return false;
  } catch (error) {
    // It was opened by nobody else, where anything but its lock is what is wrong with it.
    return error instanceof Error && error.name === "ViewStoreLocked";
  }
}
