import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";

/** Throws an `Error` that says what to do where DATA_DIR cannot be had. */
export async function usableDirectory(dataDir: string): Promise<void> {
  const advice = "make it a directory that this user can write to";
  await mkdir(dataDir, { recursive: true }).catch((error: Error) => {
    throw new Error(`DATA_DIR ${dataDir} cannot be created: ${advice} (${error.message})`, { cause: error });
  });
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: Error) => {
    throw new Error(`DATA_DIR ${dataDir} cannot be written to: ${advice} (${error.message})`, { cause: error });
  });
}
