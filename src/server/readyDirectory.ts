import type { Config } from "../config.ts";
import { refuseHalfRestored } from "./backups.ts";
import { closeToOthers, usableDirectory } from "./dataDir.ts";
import type { Logger } from "./logger.ts";
import { removeScratches } from "./scratchFolders.ts";

/** Makes sure that DATA_DIR can be used, and that only this user can. Rejects with an `Error` that says what to do. */
export async function readyDirectory({ dataDir }: Config, logger: Logger): Promise<void> {
  await usableDirectory(dataDir);
  refuseHalfRestored(dataDir);
  await closeToOthers(dataDir, logger);
  await removeScratches(dataDir);
}
