import { auditedLog } from "../server/log.ts";
import type { Config } from "../config.ts";
import type { Terminal } from "./import.ts";
import { fractionOf } from "../ports/eventStore.ts";
import { showPercent } from "./progress.ts";

/** Events that are read at a time. */
const PAGE = 1_000;

/**
 * Reads every event of the log, with or without a running server. Names each event that is missing or not as it was stored.
 * Resolves with the exit code: 1 if there are any. Rejects with an `Error` that says what to do if the log cannot be read.
 */
export async function verifyLog(config: Config, terminal: Terminal): Promise<number> {
  const log = await auditedLog(config);
  const progress = showPercent(terminal, "log");
  let events = 0;
  let faults = 0;
  try {
    const end = await log.end();
    for (let at = log.origin; ;) {
      const page = await log.audit(at, PAGE);
      events += page.events;
      faults += page.faults.length;
      for (const { position, what } of page.faults) terminal.error(`${position}: ${what}`);
      if (page.isTail) break;
      at = page.next;
      progress.at(fractionOf(at, end));
    }
  } finally {
    progress.end();
    await log.close();
  }
  if (!log.checked)
    terminal.error("the events of this log have no checksums yet: they get them when a server of this version next starts on it");
  terminal.out(`log: ${events} events, ${faults} faults`);
  return faults > 0 ? 1 : 0;
}
