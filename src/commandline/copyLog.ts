import { sealedCopy } from "../server/keys.ts";
import { countUpTo, openServerLog, readEmbeddedLog } from "../server/log.ts";
import type { Config } from "../config.ts";
import { copyLog, type CopyPhase } from "./logCopy.ts";
import type { Terminal } from "./import.ts";
import { type Progress, showProgress } from "./progress.ts";
import { findServer } from "./runningServer.ts";

/** In milliseconds. How long to wait for EventStoreDB at the start. */
const PATIENCE_MS = 30_000;

/**
 * Copies the embedded log of DATA_DIR into the EventStoreDB at `url`, under EVENTSTORE_PREFIX, and verifies the copy. A second
 * run continues where the first stopped. `encrypt`: what people wrote is sealed in the copy. Rejects with an `Error` that says
 * what to do if copying is impossible or the copy is not equal.
 */
export async function copyLogTo(config: Config, url: string, terminal: Terminal, encrypt = false): Promise<void> {
  await refuseBesideServer(config);
  const stored = readEmbeddedLog(config);
  try {
    const copy = await openServerLog(url, config.eventStorePrefix, {
      waiting: once(terminal.error),
      patienceMs: PATIENCE_MS,
    });
    const { from: source, to: target } = encrypt ? await sealed(config, stored, copy) : { from: stored, to: copy };
    const total = countUpTo(source.id, await source.end());
    terminal.out(`copying the ${total} events of ${config.dataDir} to ${nameOf(url)}`);
    const progress = phases(terminal, total);
    try {
      const { copied, thereAlready } = await copyLog(source, target, {
        onProgress: progress.at,
        onTrouble: (why) => terminal.error(`${why}: trying again`),
        anyOrder: encrypt,
      });
      progress.end();
      // A server that was started meanwhile may append after the last comparison.
      await refuseBesideServer(config);
      terminal.out(
        `${copied} events copied, ${thereAlready} were there already; verified: order, ids, revisions, data and metadata are equal`,
      );
      terminal.out(nextSteps(config, url, encrypt));
    } finally {
      progress.end();
      await target.close();
    }
  } finally {
    await stored.close();
  }
}

/** As of `sealedCopy`. The copy is closed where that cannot be made. */
const sealed: typeof sealedCopy = async (config, from, to) => {
  try {
    return await sealedCopy(config, from, to);
  } catch (error) {
    await to.close();
    throw error;
  }
};

async function refuseBesideServer({ dataDir }: Config): Promise<void> {
  const server = await findServer(dataDir);
  if (!server) return;
  throw new Error(
    `a server runs on DATA_DIR ${dataDir} (${server.url}), and the copy would miss what it appends: end it, then copy. ` +
      "An earlier copy is continued",
  );
}

/** Passes only the first text on. */
function once(say: (text: string) => void): (text: string) => void {
  let said = false;
  return (text) => {
    if (!said) say(text);
    said = true;
  };
}

/** A progress bar for each phase that has something to do. */
function phases(terminal: Terminal, total: number): { at(phase: CopyPhase, events: number): void; end(): void } {
  let shown: { phase: CopyPhase; from: number; progress?: Progress } | undefined;
  const end = (): void => {
    shown?.progress?.end();
    shown = undefined;
  };
  return {
    at(phase, events) {
      if (shown?.phase !== phase) {
        end();
        shown = { phase, from: events };
      }
      if (events > shown.from) shown.progress ??= showProgress(terminal, phase, "events", shown.from, total);
      shown.progress?.at(events);
    },
    end,
  };
}

/** An address without its secrets. */
const nameOf = (url: string): string => url.replace(/\/\/[^@/]*@/, "//").replace(/\?.*$/, "");

const nextSteps = ({ dataDir, eventStorePrefix }: Config, url: string, isSealed: boolean): string =>
  [
    `Next: start the server with EVENTSTORE_URL (${nameOf(url)})` +
      `${eventStorePrefix === undefined ? "" : ` and EVENTSTORE_PREFIX=${eventStorePrefix}`}, and the same DATA_DIR.`,
    ...(isSealed
      ? ["The copy is sealed: set ENCRYPTION=on, so that what comes is sealed too. Save its keys (docs/operations.md)."]
      : []),
    "It rebuilds its views from the copy. Clients with a cursor of the old log get resetRequired.",
    `${dataDir}/log.sqlite is not used any more: keep it until you have seen that all is well.`,
  ].join("\n");
