import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { clockMs } from "./measure.ts";

/**
 * The floor of durability: appends so many bytes to a file and waits for the disk, again and again. Gives each time in
 * milliseconds.
 */
export function syncedWrites(folder: string, bytes: number, seconds: number): number[] {
  const file = openSync(join(folder, "synced"), "a");
  const block = Buffer.alloc(bytes, "x");
  const times: number[] = [];
  try {
    for (const end = clockMs() + seconds * 1_000; clockMs() < end;) {
      const began = clockMs();
      writeSync(file, block);
      fdatasyncSync(file);
      times.push(clockMs() - began);
    }
  } finally {
    closeSync(file);
  }
  return times;
}
