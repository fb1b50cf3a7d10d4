import { copyFile, link, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A table of LevelDB never changes once it is written. */
const TABLE = /\.(?:ldb|sst)$/;
/** What a copy needs beside the tables. */
const NEEDED = /^(?:CURRENT|CORRUPT|MANIFEST-\d+|\d+\.log)$/;

/** The store was written to while it was copied. */
export class ViewStoreBusy extends Error {
  override readonly name = "ViewStoreBusy";
}

/**
 * Makes a copy of a closed store, to read it without changing a byte of it: opening a LevelDB writes its log into tables. The
 * tables are links: where they cannot be hard ones, whoever opens the store meanwhile takes tables from under the copy. `remove`
 * deletes the copy. Errors: `ViewStoreBusy`, others as they come.
 */
export async function readingCopy(directory: string): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "tidings-views-"));
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    const before = await shapeOf(directory);
    for (const name of await readdir(directory)) {
      if (TABLE.test(name)) await linked(join(resolve(directory), name), join(path, name));
      else if (NEEDED.test(name)) await copyFile(join(directory, name), join(path, name));
    }
    if ((await shapeOf(directory)) !== before) throw new ViewStoreBusy(`another process writes to ${directory}`);
    return { path, remove };
  } catch (error) {
    await remove();
    // A file that was there a moment ago was removed by whoever writes there.
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new ViewStoreBusy(`another process writes to ${directory}`, { cause: error });
    throw error;
  }
}

/** What keeps a file from having a second name: another disk, a disk without links, or a file of somebody else. */
const NO_LINK = new Set(["EXDEV", "EPERM", "EACCES", "ENOTSUP", "EMLINK"]);

async function linked(table: string, name: string): Promise<void> {
  try {
    await link(table, name);
  } catch (error) {
    if (!NO_LINK.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await symlink(table, name);
  }
}

/** A text that changes whenever something is written. */
async function shapeOf(directory: string): Promise<string> {
  const current = await readFile(join(directory, "CURRENT"), "utf8");
  const names = (await readdir(directory)).filter((name) => TABLE.test(name) || NEEDED.test(name)).sort();
  const sizes = await Promise.all(names.map(async (name) => `${name} ${(await stat(join(directory, name))).size}`));
  return [current, ...sizes].join("\n");
}
