import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Makes a directory, and those above it that are missing, for this user alone; where it is there already it stays as it is. Step by step: the recursion of Node's
 * own goes round for ever where the system says that a directory is missing which is there (`/proc/x`). Throws what the system says.
 */
export function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const directory of missing)
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      // Another process of this moment was faster.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  if (!statSync(path).isDirectory()) throw new Error(`${path} is a file`);
}
