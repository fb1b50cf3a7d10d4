import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * Creates a directory and its missing parents, for this user alone. An existing directory stays as it is. It goes step by step,
 * because Node's own recursive version never ends if the system says that an existing directory is missing (`/proc/x`). Throws
 * the system's errors.
 */
export function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const directory of missing)
    try {
      mkdirSync(directory, { mode: 0o700 });
    } catch (error) {
      // Another process created it at the same moment.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  if (!statSync(path).isDirectory()) throw new Error(`${path} is a file`);
}
