import { fractionOf } from "../ports/eventStore.ts";
import type { Config } from "../config.ts";
import { rotateKeys, surveyKeys } from "../server/keys.ts";
import { readLog } from "../server/log.ts";
import type { Terminal } from "./import.ts";
import { showPercent } from "./progress.ts";

/** Tells what of the log is sealed, also while a server runs. Rejects with an `Error` that says what to do. */
export async function showKeys(config: Config, terminal: Terminal): Promise<void> {
  const log = await readLog(config);
  const progress = showPercent(terminal, "log");
  try {
    const end = await log.end();
    const { events, sealed, plain } = await surveyKeys(log, (at) => progress.at(fractionOf(at, end)));
    progress.end();
    terminal.out(`log: ${events} events, of which ${sealed} are sealed`);
    terminal.out(
      plain === 0
        ? "nothing that people wrote is plain"
        : `${plain} hold plainly what people wrote, are called, or where they are: ENCRYPTION=on seals what comes, ` +
            "and a copy by `tidings copy-log --encrypt` all of it",
    );
  } finally {
    progress.end();
    await log.close();
  }
}

/**
 * Wraps the keys of the log by another master key. No event is changed, and servers may run. Rejects with an `Error` that says
 * what to do.
 */
export async function rotate(config: Config, terminal: Terminal): Promise<void> {
  const { wrapped, keys, destroyed, file } = await rotateKeys(config);
  terminal.out(`${wrapped} of ${keys} keys were wrapped anew; ${destroyed} are destroyed`);
  terminal.out(
    file === undefined
      ? "All of them are wrapped by the first key of MASTER_KEY: once all servers have it, the others can be taken out there."
      : `The new master key is the first one in ${file}, and the former is kept behind it until the next time. Back the file up, apart from the keys.`,
  );
}
