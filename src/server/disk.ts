import { statfs } from "node:fs/promises";
import type { Disk } from "../ports/condition.ts";

/** The disk that a directory is on. Undefined if the system does not say. */
export async function diskOf(directory: string): Promise<Disk | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(directory);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}
