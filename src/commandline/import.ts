import { createHash, randomUUID } from "node:crypto";
import { SingleBar } from "cli-progress";
import type { Caller, Commands, Imported, ImportedLine, ImportFileInput } from "../commands/commands.ts";
import { readFact, type WrittenOf } from "../domain/archive.ts";
import { Refusal } from "../domain/refusal.ts";
import { inLine } from "../domain/text.ts";
import type { Incoming, PutFault } from "../ports/files.ts";
import type { Logger } from "../server/logger.ts";
import type { Config } from "../config.ts";
import type { Archive, ArchiveLine } from "./archive.ts";
import type { Attachment } from "./archives/making.ts";
import { openAnyArchive } from "./archives/open.ts";
import { withNames } from "./archives/names.ts";
import { readyUnless, serverCame, watchWanted } from "./handover.ts";
import { patiently } from "./patiently.ts";
import { putBytes } from "./putBytes.ts";
import { bodyOf, serverApi, TooLarge } from "./serverApi.ts";

/** Limits of one call. A server may accept less. */
const BATCH_LINES = 500;
const BATCH_BYTES = 90_000;

type Outcome = {
  stored: number;
  alreadyThere: number;
  loose?: number;
  refused: { index: number; code: string; message: string }[];
};
type Sink = {
  name: string;
  /** How many bytes the messages of one call, or its facts, may have as JSON. */
  most(): number;
  /** Rejects with `TooLarge` if they are too large for the server. */
  send(batch: Batch, key: string): Promise<Outcome>;
  /** Keeps the bytes of a file, unless they are there. Rejects with a `Refusal` if it is not taken. */
  keep(file: ImportedFileOf, read: () => AsyncIterable<Buffer>): Promise<void>;
  close(): Promise<void>;
};
type ImportedFileOf = Omit<ImportFileInput, "clientMutationId">;
/** What one call imports. */
type Batch = { messages: ImportedLine[] } | { lines: string[] };
type Told = Extract<ArchiveLine, { message: unknown } | { fact: unknown }>;
/** `sent`: it is imported so. */
type Item = { line: Told; sent: ImportedLine | string };
type Totals = { stored: number; alreadyThere: number; refused: number };
const NOTHING: Totals = { stored: 0, alreadyThere: 0, refused: 0 };
type FactLine = Extract<ArchiveLine, { fact: unknown }>;

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
  isDry = false,
): Promise<Totals> {
  const archive = await openAnyArchive(file);
  if (isDry) return tell(archive, file, terminal);
  const sink = (await serverSink(config, token)) ?? (await directSink(config, logger, terminal, token));
  terminal.out(`importing ${file} ${sink.name}`);
  try {
    return await pour(archive, sink, terminal);
  } finally {
    await sink.close();
  }
}

/** Says what an import would bring, and imports nothing. */
async function tell(archive: Archive, file: string, terminal: Terminal): Promise<Totals> {
  const totals: Totals = { ...NOTHING };
  const told = reporting(terminal, totals);
  const kinds = new Map<string, number>();
  let files = 0;
  for await (const line of archive.lines()) {
    if (told(line)) continue;
    if ("fact" in line) files += line.files?.length ?? 0;
    const kind = "message" in line ? "MessageSent" : (line as Extract<ArchiveLine, { fact: unknown }>).fact.fact;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  terminal.out(`${file} (${archive.kind}) holds, and an import would store what is not there yet:`);
  for (const [kind, count] of [...kinds].sort()) terminal.out(`${String(count).padStart(10)}  ${kind}`);
  if (files > 0) terminal.out(`${String(files).padStart(10)}  files`);
  if (totals.refused > 0) terminal.out(`${String(totals.refused).padStart(10)}  lines that cannot be read`);
  told.end();
  return totals;
}

/** Where a line stands. */
const placeOf = ({ number, place }: Pick<ArchiveLine, "number" | "place">): string =>
  place === undefined ? `line ${number}` : inLine(place);

/**
 * Reports faults at once, and notes counted at the end. Returns whether there is nothing to import in a line. What an archive
 * says is shown without what a terminal would take for orders.
 */
function reporting(terminal: Terminal, totals: Totals) {
  const notes = new Map<string, { count: number; first: string }>();
  const told = (line: ArchiveLine): boolean => {
    if ("fault" in line) {
      totals.refused++;
      terminal.error(`${placeOf(line)}: ${inLine(line.fault)}`);
      return true;
    }
    if (!("note" in line)) return false;
    const known = notes.get(line.note);
    if (known) known.count++;
    else if (notes.size < NOTES) notes.set(line.note, { count: 1, first: placeOf(line) });
    return true;
  };
  return Object.assign(told, {
    end: () => {
      for (const [note, { count, first }] of [...notes].sort())
        terminal.out(`${String(count).padStart(10)}  ${inLine(note)} (first: ${first})`);
    },
  });
}

/** How many kinds of notes are counted. */
const NOTES = 1_000;

async function pour(archive: Archive, sink: Sink, terminal: Terminal): Promise<Totals> {
  const totals: Totals = { ...NOTHING };
  const told = reporting(terminal, totals);
  const refuse = (line: Pick<ArchiveLine, "number" | "place">, fault: string) => told({ ...line, fault });
  const progress = progressBar(archive, terminal);
  let batch: Item[] = [];
  let bytes = 0;
  let loose = 0;
  /** The size that a call may have, lowered by each refusal. */
  let most = BATCH_BYTES;
  const store = async (items: readonly Item[]): Promise<void> => {
    const sent = items.map((item) => item.sent);
    const key = createHash("sha256").update(JSON.stringify(sent)).digest("hex");
    try {
      const outcome = await sink.send(batchOf(sent), key);
      totals.stored += outcome.stored;
      totals.alreadyThere += outcome.alreadyThere;
      loose += outcome.loose ?? 0;
      for (const { index, message } of outcome.refused) refuse(items[index]?.line ?? { number: 0 }, message);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
      const [first, ...more] = items;
      if (first && more.length === 0) return void refuse(first.line, NO_ROOM);
      const half = Math.ceil(items.length / 2);
      most = Math.min(most, sizeOf(sent.slice(0, half)));
      await store(items.slice(0, half));
      await store(items.slice(half));
    }
  };
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const sent = batch;
    batch = [];
    bytes = 0;
    Object.assign(waiting, { files: 0, bytes: 0 });
    await store(sent);
    progress.at(totals);
  };
  /** Of files whose messages are not stored yet: while that is so, something says that nobody holds them. */
  const waiting = { files: 0, bytes: 0 };
  /** Without the files that are not beside the archive, or that the server does not take: their names stand in the text. */
  const withFiles = async (line: FactLine): Promise<FactLine> => {
    const { fact, files = [] } = line;
    if (fact.fact !== "MessageSent" || !fact.data.attachments?.some((each) => "file" in each)) return line;
    const { conversationId } = fact.data;
    const left = new Set<string>();
    for (const attachment of fact.data.attachments) {
      if (!("file" in attachment)) continue;
      const { file: uploadId, name, mediaType } = attachment;
      const found = files.find(({ id }) => id === uploadId);
      const fault =
        found === undefined
          ? "files that are not beside the archive"
          : found.size > MAX_SIZE
            ? "files of more than 2 GiB"
            : await refusalOf(() =>
                sink.keep({ uploadId, conversationId, messageId: fact.id, name, mediaType, size: found.size }, found.read),
              );
      if (fault !== undefined) {
        left.add(uploadId);
        told({
          number: line.number,
          ...(line.place !== undefined && { place: line.place }),
          note: `${fault}: kept by their names`,
        });
        continue;
      }
      waiting.files++;
      waiting.bytes += found?.size ?? 0;
    }
    return left.size === 0 ? line : { ...line, fact: withoutFiles(fact, left) };
  };
  let broken: Error | undefined;
  try {
    for await (const each of archive.lines()) {
      if (told(each)) continue;
      const line = "fact" in each ? await withFiles(each) : each;
      const item = itemOf(line as Told);
      const size = sizeOf([item.sent]);
      if (size > sink.most()) {
        refuse(line, NO_ROOM);
        continue;
      }
      if (batch.length === BATCH_LINES || bytes + size > Math.min(most, sink.most())) await flush();
      batch.push(item);
      bytes += size;
      if (waiting.files >= FILES_WAITING || waiting.bytes >= FILE_BYTES_WAITING) await flush();
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
  told.end();
  if (loose > 0) terminal.out(`${String(loose).padStart(10)}  answers to messages that are not there: stored as messages`);
  terminal.out(`${stored} stored, ${alreadyThere} there already, ${refused} refused`);
  if (broken) throw broken;
  return totals;
}

/** The API knows no larger numbers. */
const MAX_SIZE = 2_147_483_647;

/** So many files, and bytes of them, wait for their messages to be stored at most. */
const FILES_WAITING = 50;
const FILE_BYTES_WAITING = 67_108_864;

/** Why a file is not taken, in words that are the same for all of its kind. Undefined: it is. Other faults end the import. */
async function refusalOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === "UNAVAILABLE" || error.code === "RATE_LIMITED") throw error;
    return `files that are not taken (${error.message})`;
  }
}

/** The message without some of its files, whose names are in its text then. */
function withoutFiles(fact: WrittenOf<"MessageSent">, left: ReadonlySet<string>): WrittenOf<"MessageSent"> {
  const isLeft = (each: Attachment) => "file" in each && left.has(each.file);
  const { attachments = [], kind, text = null, ...data } = fact.data;
  const rest = attachments.filter((each) => !isLeft(each));
  const said = withNames(
    text,
    attachments.filter(isLeft).map(({ name }) => name),
  );
  return {
    ...fact,
    data: { ...data, ...(said !== null && { text: said }), ...(rest.length > 0 && { attachments: rest, ...(kind && { kind }) }) },
  };
}

const itemOf = (line: Told): Item => ({ line, sent: "message" in line ? line.message : JSON.stringify(line.fact) });

/** All lines of an archive are of one kind. */
const batchOf = (sent: readonly Item["sent"][]): Batch =>
  typeof sent[0] === "string" ? { lines: sent as string[] } : { messages: sent as ImportedLine[] };

const NO_ROOM =
  "too large for one request to the server: start it with a larger BODY_LIMIT_BYTES, or import while no server runs";

const sizeOf = (sent: readonly Item["sent"][]): number => Buffer.byteLength(JSON.stringify(sent));

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
    send: async (batch, clientMutationId) => {
      if (!server && (await readyUnless(tidings.opened, wanted.signal)))
        return patiently(async () => {
          const { position, ...outcome } = await imported(tidings.commands, caller, batch, clientMutationId);
          if (position > newest) newest = position;
          return outcome;
        });
      return (server ?? (await handOver())).send(batch, clientMutationId);
    },
    keep: async (file, read) => {
      if (server || !(await readyUnless(tidings.opened, wanted.signal))) return (server ?? (await handOver())).keep(file, read);
      const { files, commands } = tidings;
      await patiently(async () => {
        const { upload } = await commands.importFile(caller, { ...file, clientMutationId: randomUUID() });
        if (upload === null || files === undefined) return;
        const { key: id, size } = upload;
        const expiresAt = Date.parse(upload.expiresAt);
        if (files.door) return keptHere(await files.door.door.put({ id, size, until: expiresAt }, read()));
        await putBytes(await files.store.incoming({ id, size, expiresAt }, undefined), size, read());
      });
    },
    close: async () => {
      // Events that are projected now need not be projected at the next start.
      const isBehind = async () => !(await tidings.watermark.reached(newest, CAUGHT_UP_MS)) && (await tidings.health()).ready;
      while (isHeld && !wanted.signal.aborted && (await isBehind()));
      await letGo();
    },
  };
}

/** What became of bytes that were written to a folder. */
function keptHere(outcome: PutFault | "done"): void {
  if (outcome === "done" || outcome === "arrived") return;
  if (outcome === "full") throw new Error("there is no room for the files: make some on the disk, and import again");
  if (outcome === "short") throw new Refusal("BAD_INPUT", "they cannot be read to their ends");
  throw new Refusal("UNAVAILABLE", "too many files are written just now");
}

/** An archive's lines were parsed when they were read. */
function imported(
  commands: Pick<Commands, "importMessages" | "importFacts">,
  caller: Caller,
  batch: Batch,
  clientMutationId: string,
): Promise<Imported & { loose?: number }> {
  if ("messages" in batch) return commands.importMessages(caller, { clientMutationId, messages: batch.messages });
  const facts = batch.lines.map((line) => {
    const read = readFact(JSON.parse(line));
    if ("fault" in read) throw new Error(read.fault);
    return read.fact;
  });
  return commands.importFacts(caller, { clientMutationId, facts });
}

const NEVER = new AbortController().signal;
/** How long the end of an import waits for the views before it looks again, in milliseconds. */
const CAUGHT_UP_MS = 1_000;

/** Short, because every call sends it. */
const IMPORT = "mutation($input:ImportInput!){importMessages(input:$input){stored alreadyThere refused{index code message}}}";
const IMPORT_FACTS =
  "mutation($input:ImportFactsInput!){importFacts(input:$input){stored alreadyThere loose refused{index code message}}}";

const IMPORT_FILE = "mutation($input:ImportFileInput!){importFile(input:$input){upload{url method headers{name value}}}}";

/** The bytes of a call beside what it imports, at most. Its key has 64 digits. */
const ENVELOPE = Buffer.byteLength(bodyOf(IMPORT_FACTS, { input: { clientMutationId: "0".repeat(64), messages: [] } }));

async function serverSink(config: Config, token: string | undefined): Promise<Sink | undefined> {
  const api = await serverApi(config, token);
  if (!api) return undefined;
  return {
    name: `through the server at ${api.url()}`,
    most: () => (api.bodyLimitBytes() ?? Number.POSITIVE_INFINITY) - ENVELOPE,
    send: async (batch, clientMutationId) => {
      const input = { clientMutationId, ...batch };
      const text = "messages" in batch ? IMPORT : IMPORT_FACTS;
      const answer = await patiently(() => api.ask<{ importMessages?: Outcome; importFacts?: Outcome }>(text, { input }));
      return (answer.importMessages ?? answer.importFacts) as Outcome;
    },
    keep: (file, read) =>
      patiently(async () => {
        const input = { ...file, clientMutationId: randomUUID() };
        const { importFile } = await api.ask<{ importFile: { upload: Incoming | null } }>(IMPORT_FILE, { input });
        if (importFile.upload) await putBytes(importFile.upload, file.size, read());
      }),
    close: async () => {},
  };
}
