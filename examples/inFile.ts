import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { TextStorage } from "tidings-client";

/** Keeps what a client knows in a file, for one process at a time: the list, what was not sent yet, drafts. */
export const inFile = (path: string): TextStorage => ({
  read: async () => {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  },
  // The old one stays until the new one is whole. Nobody else may read it.
  write: async (text) => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await rename(`${path}.new`, path);
  },
});
