import type { Config } from "../config.ts";
import { type Failed, type TableDifference, whatIf, type WhatIf } from "../server/whatIf.ts";
import type { Terminal } from "./import.ts";
import { jsonOf, short, visible } from "./plainText.ts";
import { showPercent } from "./progress.ts";

/** The exit code of a command that was interrupted. */
const INTERRUPTED = 130;
/** Characters of a row that are shown. */
const ROW = 300;

/**
 * Says what the rows of a projection would be if it were the one in a module, compared with how they are made now. Nothing that a
 * server reads is touched. Resolves with the exit code: 1 if events could not be handled that can be now, so that a replay would
 * not be put into use. Rejects with an `Error` that says what to do.
 */
export async function replayWith(
  config: Config,
  name: string,
  file: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const progress = showPercent(terminal, name);
  let found: WhatIf;
  try {
    found = await whatIf(config, name, file, (share) => progress.at(share), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    terminal.error("interrupted");
    return INTERRUPTED;
  } finally {
    progress.end();
  }
  for (const line of linesOf(found, file)) terminal.out(line);
  return found.failed.then.count > found.failed.now.count ? 1 : 0;
}

function* linesOf({ now, then, upTo, rows, tables, failed }: WhatIf, file: string): Generator<string> {
  yield `${now}, as it is, and ${then}, of ${file}, were folded up to ${upTo}, into rows that nobody reads: ${rows} rows were compared`;
  for (const table of tables) yield* linesOfTable(table);
  const differing = tables.reduce((sum, { changed, gone, added }) => sum + changed + gone + added, 0);
  yield* linesOfFailed(now, failed.now);
  yield* linesOfFailed(then, failed.then);
  if (failed.then.count > failed.now.count) yield `a replay would not put ${then} in the place of ${now}: mend it first`;
  if (now === then && differing > 0) yield `both are ${now}: raise the version, or servers go on with the rows that they have`;
  yield `${differing} rows would differ`;
}

function* linesOfTable({ table, changed, gone, added, samples }: TableDifference): Generator<string> {
  yield `${visible(table)}: ${changed} rows would have another value, ${gone} would be gone, ${added} would be new`;
  for (const { partition, sort, now, then } of samples) {
    yield `  ${jsonOf([partition, sort])}`;
    yield `    now:  ${now === undefined ? "(none)" : short(visible(now), ROW)}`;
    yield `    then: ${then === undefined ? "(none)" : short(visible(then), ROW)}`;
  }
}

function* linesOfFailed(called: string, { count, first }: Failed): Generator<string> {
  if (count > 0) yield `${called} could not handle ${count} events, or what waits behind them: ${visible(first ?? "")}`;
}
