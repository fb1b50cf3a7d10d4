import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export type Ran = { code: number; out: string; err: string };

/** Runs a program to its end. */
export const ran = (
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(file, args, { maxBuffer: 16_777_216, ...options }, (error, out, err) =>
      resolve({ code: error ? (typeof error.code === "number" ? error.code : -1) : 0, out, err }),
    );
  });

/** Where a program of this machine is; undefined, and said aloud, where there is none: `what` is then not checked by it. */
export function toolOf(name: string, what: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Then in the next one.
    }
  }
  console.warn(`\nNOT CHECKED BY ${name}, which is not there: ${what}\n`);
  return undefined;
}
