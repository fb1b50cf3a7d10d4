import { setTimeout as delay } from "node:timers/promises";
import { isUserId } from "../domain/ids.ts";
import type { Config } from "../config.ts";
import { isAllEmbedded, removeFolded, removeUploads } from "../server/erasing.ts";
import { destroyKeys, LET_GO_MS } from "../server/keys.ts";
import type { Logger } from "../server/logger.ts";
import type { Terminal } from "./import.ts";
import { operate } from "./operate.ts";
import { findServer } from "./runningServer.ts";

export type EraseOptions = { forGood: boolean; token?: string | undefined; stop: AbortSignal };

/**
 * Forgets what a user wrote, is called, and where they are, as far as it is sealed in the log: destroys their keys, and has
 * all views and the search index built anew, in which they are read as erased. Where all of these are in DATA_DIR and no
 * server runs, their files are removed, and the next start builds them. Run again, it goes on where it was stopped. Resolves
 * with the exit code, as `operate` does. Rejects with an `Error` that says what to do.
 */
export async function erase(
  config: Config,
  user: string,
  { forGood, token, stop }: EraseOptions,
  logger: Logger,
  terminal: Terminal,
): Promise<number> {
  if (!isUserId(user)) throw new Error(`${user} is no id of a user`);
  if (!forGood)
    throw new Error(
      `nothing is done yet. With --for-good, what ${user} wrote, is called, and where they are can never be read again in the log: ` +
        "export it first if they want it, and ban them (banUser), so that they write nothing more. What was written before the log " +
        "was sealed stays (`tidings keys status`)",
    );
  const keys = await destroyKeys(config, user);
  terminal.out(keys === 0 ? `${user} has no keys (any more)` : `${keys} keys of ${user} are destroyed`);
  const files = await removeUploads(config, user);
  if (files > 0) terminal.out(`${files} files of ${user} are removed`);
  const isServed = (await findServer(config.dataDir)) !== undefined;
  if (!isServed && isAllEmbedded(config)) {
    await removeFolded(config, logger);
    terminal.out(`${user} is read as erased everywhere: the next start builds the views and the search index anew`);
    return 0;
  }
  // Until then, servers may still have them at hand, and would build the views with them.
  if (isServed || config.databaseUrl !== undefined) await delay(LET_GO_MS, undefined, { signal: stop }).catch(() => {});
  if (stop.aborted) {
    terminal.error("interrupted: run it again, for the views still hold what was erased");
    return 130;
  }
  const code = await operate(config, "replay", "all", logger, terminal, token, stop);
  if (code !== 0) terminal.error("run it again: the views still hold what was erased");
  else terminal.out(`${user} is read as erased everywhere. The rows that were replaced are dropped within a few minutes`);
  return code;
}
