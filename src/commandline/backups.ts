import { backUp, restore } from "../server/backups.ts";
import { hasKeys } from "../server/keys.ts";
import type { Logger } from "../server/logger.ts";
import type { Config } from "../config.ts";
import type { Terminal } from "./import.ts";
import { type Progress, showProgress } from "./progress.ts";
import { findServer } from "./runningServer.ts";

/** A progress bar that appears with the first event. */
function reading(terminal: Terminal): { at(done: number, total: number): void; end(): void } {
  let progress: Progress | undefined;
  return {
    at: (done, total) => {
      progress ??= showProgress(terminal, "reading", "events", 0, total);
      progress.at(done);
    },
    end: () => progress?.end(),
  };
}

/** Backs up the embedded log. Resolves with the exit code: 1 if the copy has events that are not as they were stored. */
export async function backUpTo(config: Config, to: string, terminal: Terminal): Promise<number> {
  const progress = reading(terminal);
  try {
    const { file, events, damaged, faults, secret, secretElsewhere } = await backUp(config, to, progress.at);
    progress.end();
    terminal.out(`${events} events are in ${file}, which only this user may read`);
    if (secretElsewhere !== undefined)
      terminal.out(`the secret is not in it: it comes from ${secretElsewhere}; back that up too`);
    else terminal.out(secret === undefined ? "there is no secret yet" : "the secret that signs tokens is in it");
    if (hasKeys(config))
      terminal.out(
        `the keys that its log is sealed with are not in it: save ${config.dataDir}/keys.db and the master key, each apart`,
      );
    for (const fault of faults) terminal.error(fault);
    if (damaged > 0) terminal.error(`the log is damaged: ${damaged} faults. Keep your earlier backups`);
    return damaged > 0 ? 1 : 0;
  } finally {
    progress.end();
  }
}

/** Restores the embedded log. Rejects with an `Error` that says what to do if it cannot be restored. */
export async function restoreFrom(config: Config, from: string, logger: Logger, terminal: Terminal): Promise<void> {
  const server = await findServer(config.dataDir);
  if (server) throw new Error(`a server runs on DATA_DIR ${config.dataDir} (${server.url}): end it first`);
  const progress = reading(terminal);
  try {
    const { events, aside, secret } = await restore(config, from, logger, progress.at);
    progress.end();
    terminal.out(
      `the log in ${config.dataDir} holds ${events} events now${secret ? ", and the secret of the backup signs tokens" : ""}`,
    );
    if (aside !== undefined) terminal.out(`the old files are in ${aside}: delete them when all is well`);
    terminal.out("the next start rebuilds the views and the search index; clients load everything again (resetRequired)");
  } finally {
    progress.end();
  }
}
