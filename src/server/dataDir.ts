import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, lstat, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "../adapters/directory.ts";
import type { Logger } from "./logger.ts";

/** Another process uses DATA_DIR. */
export class DataDirHeld extends Error {
  override readonly name = "DataDirHeld";
  constructor(dataDir: string, by: "server" | "server or command", options?: ErrorOptions) {
    super(`another Tidings ${by} holds DATA_DIR ${dataDir}: end that one first, or set DATA_DIR to another directory`, options);
  }
}

/** Throws an `Error` that says what to do if DATA_DIR cannot be created or written to. */
export async function usableDirectory(dataDir: string): Promise<void> {
  const advice = "make it a directory that this user can write to";
  try {
    makeDirectory(dataDir);
  } catch (error) {
    throw new Error(`DATA_DIR ${dataDir} cannot be created: ${advice} (${(error as Error).message})`, { cause: error });
  }
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    // A directory may be writable and still accept no files.
    const probe = join(dataDir, `.probe-${randomBytes(6).toString("hex")}`);
    await writeFile(probe, "", { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      // A full disk is no fault here: writing works again once there is room. Each part reports it by itself.
      if (error.code !== "ENOSPC" && error.code !== "EDQUOT") throw error;
    });
    await rm(probe, { force: true });
  } catch (error) {
    throw new Error(`DATA_DIR ${dataDir} cannot be written to: ${advice} (${(error as Error).message})`, { cause: error });
  }
}

/** The names that Tidings makes in DATA_DIR. Other things may be there too; they are left alone. */
const OWN =
  /^(?:log\.sqlite|search\.sqlite|secret|former-logs|server\.json|wanted$|views|scratch$|audit$|seen$|webhooks\.db|pushes\.db|keys\.db|master-key|web-push-key|before-restore-|RESTORING)/;

/**
 * Removes the rights of other users to our files, which earlier versions or a looser umask gave. Files become 0600, directories
 * 0700.
 */
export async function closeToOthers(dataDir: string, logger: Logger): Promise<void> {
  const mended: string[] = [];
  const mend = async (path: string, all = true): Promise<void> => {
    const found = await lstat(path).catch(() => undefined);
    if (!found || !(found.isFile() || found.isDirectory())) return;
    if ((found.mode & 0o077) !== 0) {
      await chmod(path, found.isDirectory() ? 0o700 : 0o600);
      mended.push(path);
    }
    if (all && found.isDirectory()) for (const name of await readdir(path)) await mend(join(path, name));
  };
  try {
    for (const name of await readdir(dataDir)) if (OWN.test(name)) await mend(join(dataDir, name));
    // Who cannot enter it reads nothing in it, and it may hold millions of files.
    await mend(join(dataDir, "files"), false);
  } catch (error) {
    logger.warn({ why: (error as Error).message }, `files of ${dataDir} can be read by others, and that cannot be changed`);
  }
  if (mended.length > 0)
    logger.debug({ files: mended.length }, `files of ${dataDir} that others could read are for this user alone now`);
}
