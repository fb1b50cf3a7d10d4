import { execFile } from "node:child_process";
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { tempDir } from "../support/tempDir.ts";

const run = promisify(execFile);

/** A disk of its own, as small as one likes. */
export type SmallDisk = {
  readonly path: string;
  /** Bytes that are left. */
  free(): Promise<number>;
  /** Takes so many bytes away, for `release` to give them back. */
  occupy(bytes: number): Promise<void>;
  release(): Promise<void>;
  /** Nothing may be open on it any more. */
  remove(): Promise<void>;
};

const MB = 1 << 20;

/** Mounts one in memory. Undefined where that is not permitted: it takes root, and not every container lets it. */
export async function smallDisk(bytes: number): Promise<SmallDisk | undefined> {
  const { path, remove } = await tempDir();
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tidings-test", path]);
  } catch {
    await remove();
    return undefined;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    free: async () => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    occupy: async (size) => {
      const file = await open(ballast, "a");
      try {
        for (let left = size; left > 0; left -= MB) await file.write(Buffer.alloc(Math.min(left, MB)));
      } finally {
        await file.close();
      }
    },
    release: () => rm(ballast, { force: true }),
    remove: async () => {
      await run("umount", [path]);
      await remove();
    },
  };
}
