import { execFileSync } from "node:child_process";

/**
 * The bytes of a file that a database of this process may have open, read by another process: whoever opens and closes such a
 * file in this one takes away the locks that SQLite holds on it.
 */
export const bytesApart = (file: string): Buffer => execFileSync("cat", [file], { maxBuffer: 1_073_741_824 });
