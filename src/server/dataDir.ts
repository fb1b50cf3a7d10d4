import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, lstat, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "../adapters/directory.ts";
import type { Logger } from "./logger.ts";

/** Throws an `Error` that says what to do where DATA_DIR cannot be had. */
export async function usableDirectory(dataDir: string): Promise<void> {
  const advice = "make it a directory that this user can write to";
  try {
    makeDirectory(dataDir);
  } catch (error) {
    throw new Error(`DATA_DIR ${dataDir} cannot be created: ${advice} (${(error as Error).message})`, { cause: error });
  }
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    // Not every directory that may be written to takes files.
    const probe = join(dataDir, `.probe-${randomBytes(6).toString("hex")}`);
    await writeFile(probe, "", { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      // With room again it goes on: a full disk is for each part to say.
      if (error.code !== "ENOSPC" && error.code !== "EDQUOT") throw error;
    });
    await rm(probe, { force: true });
  } catch (error) {
    throw new Error(`DATA_DIR ${dataDir} cannot be written to: ${advice} (${(error as Error).message})`, { cause: error });
  }
}

/** What is made in DATA_DIR. It may hold other things, too, which are nobody's business here. */
const OWN = /^(?:log\.sqlite|search\.sqlite|secret|former-logs|server\.json|views|before-restore-|RESTORING)/;

/** Takes from others what earlier versions, or a looser umask, let them read: our files become 0600, our directories 0700. */
export async function closeToOthers(dataDir: string, logger: Logger): Promise<void> {
  const mended: string[] = [];
  const mend = async (path: string): Promise<void> => {
    const found = await lstat(path).catch(() => undefined);
    if (!found || !(found.isFile() || found.isDirectory())) return;
    if ((found.mode & 0o077) !== 0) {
      await chmod(path, found.isDirectory() ? 0o700 : 0o600);
      mended.push(path);
    }
    if (found.isDirectory()) for (const name of await readdir(path)) await mend(join(path, name));
  };
  try {
    for (const name of await readdir(dataDir)) if (OWN.test(name)) await mend(join(dataDir, name));
  } catch (error) {
    logger.warn({ why: (error as Error).message }, `files of ${dataDir} can be read by others, and that cannot be changed`);
  }
  if (mended.length > 0)
    logger.debug({ files: mended.length }, `files of ${dataDir} that others could read are for this user alone now`);
}
