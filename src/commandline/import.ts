import { createHash } from "node:crypto";
import { SingleBar } from "cli-progress";
import type { ImportedLine } from "../commands/commands.ts";
import type { Logger } from "../server/logger.ts";
import type { Config } from "../config.ts";
import { type Archive, openArchive } from "./archive.ts";
import { readyUnless, serverCame, watchWanted } from "./handover.ts";
import { patiently } from "./patiently.ts";
import { bodyOf, serverApi, TooLarge } from "./serverApi.ts";

/** Limits of one call. A server may accept less. */
const BATCH_LINES = 500;
const BATCH_BYTES = 90_000;

type Outcome = { stored: number; alreadyThere: number; refused: { index: number; code: string; message: string }[] };
type Sink = {
  name: string;
  /** How many bytes the messages of one call may have as JSON. */
  most(): number;
  /** Rejects with `TooLarge` if the messages are too large for the server. */
  send(messages: ImportedLine[], key: string): Promise<Outcome>;
  close(): Promise<void>;
};
type Numbered = { number: number; message: ImportedLine };
type Totals = { stored: number; alreadyThere: number; refused: number };

/** Where texts are shown. `bar`: whether it can show a progress bar. */
export type Terminal = { out(text: string): void; error(text: string): void; bar: boolean };

/**
 * Imports an archive: through the server that runs on DATA_DIR, or directly if none runs. A bad line is reported with its
 * number and does not stop the rest. A second run continues where the first stopped, since lines that are stored already are
 * skipped. Resolves with the counts.
 */
export async function importArchive(
  config: Config,
  file: string,
  logger: Logger,
  terminal: Terminal,
  token?: string,
): Promise<Totals> {
  const archive = await openArchive(file);
  const sink = (await serverSink(config, token)) ?? (await directSink(config, logger, terminal, token));
  terminal.out(`importing ${file} ${sink.name}`);
  try {
    return await pour(archive, sink, terminal);
  } finally {
    await sink.close();
  }
}

async function pour(archive: Archive, sink: Sink, terminal: Terminal): Promise<Totals> {
  const totals: Totals = { stored: 0, alreadyThere: 0, refused: 0 };
  const report = (number: number, fault: string) => {
    totals.refused++;
    terminal.error(`line ${number}: ${fault}`);
  };
  const progress = progressBar(archive, terminal);
  let batch: Numbered[] = [];
  let bytes = 0;
  /** The size that a call may have, lowered by each refusal. */
  let most = BATCH_BYTES;
  const store = async (lines: readonly Numbered[]): Promise<void> => {
    const messages = lines.map(({ message }) => message);
    const key = createHash("sha256").update(JSON.stringify(messages)).digest("hex");
    try {
      const { stored, alreadyThere, refused } = await sink.send(messages, key);
      totals.stored += stored;
      totals.alreadyThere += alreadyThere;
      for (const { index, message } of refused) report(lines[index]?.number ?? 0, message);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      const [first, ...more] = lines;
      if (first && more.length === 0) return report(first.number, NO_ROOM);
      const half = Math.ceil(lines.length / 2);
      most = Math.min(most, sizeOf(messages.slice(0, half)));
      await store(lines.slice(0, half));
      await store(lines.slice(half));
    }
  };
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const sent = batch;
    batch = [];
    bytes = 0;
    await store(sent);
    progress.at(totals);
  };
  let broken: Error | undefined;
  try {
    for await (const line of archive.lines()) {
      if ("fault" in line) {
        report(line.number, line.fault);
        continue;
      }
      const size = sizeOf([line.message]);
      if (size > sink.most()) {
        report(line.number, NO_ROOM);
        continue;
      }
      if (batch.length === BATCH_LINES || bytes + size > Math.min(most, sink.most())) await flush();
      batch.push(line);
      bytes += size;
    }
    await flush();
  } catch (error) {
    // The file broke off. The lines before that are still imported.
    broken = error as Error;
    await flush();
  } finally {
    progress.end(totals);
  }
  const { stored, alreadyThere, refused } = totals;
  terminal.out(`${stored} stored, ${alreadyThere} there already, ${refused} refused`);
  if (broken) throw broken;
  return totals;
}

const NO_ROOM =
  "too large for one request to the server: start it with a larger BODY_LIMIT_BYTES, or import while no server runs";

const sizeOf = (messages: readonly ImportedLine[]): number => Buffer.byteLength(JSON.stringify(messages));

/** On a terminal a bar with rate and time left. Elsewhere a line every few seconds. */
function progressBar(archive: Archive, terminal: Terminal): { at(totals: Totals): void; end(totals: Totals): void } {
  const began = performance.now();
  const rate = ({ stored, alreadyThere }: Totals) => Math.round(((stored + alreadyThere) * 1_000) / (performance.now() - began));
  const left = () => {
    const done = archive.bytesRead() / Math.max(1, archive.bytes);
    const seconds = done > 0 ? Math.ceil(((performance.now() - began) / 1_000) * (1 / done - 1)) : 0;
    return seconds >= 90 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
  };
  const figures = (totals: Totals) => ({ messages: totals.stored + totals.alreadyThere, rate: rate(totals), left: left() });
  if (terminal.bar) {
    const bar = new SingleBar({
      format: "{bar} {percentage}%  {messages} messages  {rate}/s  {left} left",
      hideCursor: true,
      stopOnComplete: false,
    });
    bar.start(archive.bytes, 0, figures({ stored: 0, alreadyThere: 0, refused: 0 }));
    return {
      at: (totals) => bar.update(archive.bytesRead(), figures(totals)),
      end: (totals) => {
        bar.update(archive.bytesRead(), figures(totals));
        bar.stop();
      },
    };
  }
  let said = began;
  return {
    at: (totals) => {
      if (performance.now() - said < 5_000) return;
      said = performance.now();
      const percent = Math.floor((archive.bytesRead() / Math.max(1, archive.bytes)) * 100);
      terminal.out(`${percent}%  ${totals.stored + totals.alreadyThere} messages  ${rate(totals)}/s  ${left()} left`);
    },
    end: () => {},
  };
}

/** Imports in this process. If a server waits for DATA_DIR, it is handed over, and the rest goes through that server. */
async function directSink(config: Config, logger: Logger, terminal: Terminal, token: string | undefined): Promise<Sink> {
  // Not loaded where a server runs.
  const { compose } = await import("../server/compose.ts");
  const tidings = await compose(config, logger, (error) => {
    throw error;
  });
  const wanted = watchWanted(config.dataDir);
  const caller = { userId: "import", admin: true };
  let newest = tidings.log.origin;
  let server: Sink | undefined;
  let isHeld = true;
  const letGo = async (): Promise<void> => {
    if (!isHeld) return;
    isHeld = false;
    wanted.end();
    await tidings.close();
  };
  const handOver = async (): Promise<Sink> => {
    terminal.out(`a server starts on ${config.dataDir}: the rest goes through it`);
    await letGo();
    await serverCame(config.dataDir, NEVER);
    server = await serverSink(config, token);
    if (!server) throw new Error("the server has ended: import again, what is stored already is skipped");
    return server;
  };
  return {
    name: `into ${config.dataDir}`,
    most: () => server?.most() ?? Number.POSITIVE_INFINITY,
    send: async (messages, clientMutationId) => {
      if (!server && (await readyUnless(tidings.opened, wanted.signal)))
        return patiently(async () => {
          const { position, ...outcome } = await tidings.commands.importMessages(caller, { clientMutationId, messages });
          if (position > newest) newest = position;
          return outcome;
        });
      return (server ?? (await handOver())).send(messages, clientMutationId);
    },
    close: async () => {
      // Events that are projected now need not be projected at the next start.
      const isBehind = async () => !(await tidings.watermark.reached(newest, CAUGHT_UP_MS)) && (await tidings.health()).ready;
      while (isHeld && !wanted.signal.aborted && (await isBehind()));
      await letGo();
    },
  };
}

const NEVER = new AbortController().signal;
/** How long the end of an import waits for the views before it looks again, in milliseconds. */
const CAUGHT_UP_MS = 1_000;

/** Short, because every call sends it. */
const IMPORT = "mutation($input:ImportInput!){importMessages(input:$input){stored alreadyThere refused{index code message}}}";

/** The bytes of a call beside its messages. Its key has 64 digits. */
const ENVELOPE = Buffer.byteLength(bodyOf(IMPORT, { input: { clientMutationId: "0".repeat(64), messages: [] } }));

async function serverSink(config: Config, token: string | undefined): Promise<Sink | undefined> {
  const api = await serverApi(config, token);
  if (!api) return undefined;
  return {
    name: `through the server at ${api.url()}`,
    most: () => (api.bodyLimitBytes() ?? Number.POSITIVE_INFINITY) - ENVELOPE,
    send: async (messages, clientMutationId) => {
      const input = { clientMutationId, messages };
      const { importMessages } = await patiently(() => api.ask<{ importMessages: Outcome }>(IMPORT, { input }));
      return importMessages;
    },
    close: async () => {},
  };
}
