import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { LosslessNumber, parse } from "lossless-json";
import { z } from "zod";
import type { ImportedLine } from "../commands/commands.ts";
import { end, type Fact, type FactType, file as fileLine, header, readFact, type WrittenFact } from "../domain/archive.ts";
import { parseUploadId } from "../domain/ids.ts";
import { isBlank } from "../domain/text.ts";
import { time } from "../domain/time.ts";
import { isTooDeep, type Line, linesOf, MAX_LINE_BYTES } from "./archiveLines.ts";
import type { FindKept, Kept } from "./archives/container.ts";

/**
 * What an archive tells, with its place there: a message of a room (`message`) or a fact, or what is wrong with it. `note`: what
 * cannot be told as it was, in words that are the same for all of its kind. `number`: of the line, from 1; 0 where a file has no
 * lines, and `place` says where it stands.
 */
export type ArchiveLine = { number: number; place?: string } & (
  | { message: ImportedLine }
  | { fact: WrittenFact & { fact: FactType }; files?: readonly BroughtFile[] }
  | { fault: string }
  | { note: string }
);

/** A file that a message of an archive names by its id, and whose bytes the archive has. */
export type BroughtFile = { id: string } & Kept;

export type Archive = {
  /** What it is, in words. */
  kind: string;
  /** The file's size in bytes, and how many of them were read so far. */
  bytes: number;
  bytesRead(): number;
  /** Throws an `Error` if the file breaks off or cannot be read further. All readable lines come before that. */
  lines(): AsyncIterable<ArchiveLine>;
};

const blankAsNull = z
  .string({ error: "topic is a text, or null" })
  .nullish()
  .transform((text) => (text == null || isBlank(text) ? null : text));

const MAX_ID = 128;
const ID = `id is a text of 1 to ${MAX_ID} characters, not all blank, or a number`;
const SENT_AT =
  "sentAt is a time with its zone, such as 2024-05-01T12:00:00Z or 2024-05-01T14:00:00+02:00, or null for the time of the import";

const line = z.object({
  conversation: z.string({ error: "conversation is the name of a room" }).min(1, "conversation is empty"),
  sender: z.string({ error: "sender is the name of who wrote it" }).min(1, "sender is empty"),
  text: z.string({ error: "text is what was written" }),
  sentAt: z
    .unknown()
    .nullish()
    .transform((given, context) => {
      if (given == null) return null;
      const parsed = time.safeParse(given);
      if (parsed.success) return parsed.data;
      context.addIssue({
        code: "custom",
        message: typeof given === "string" ? `${SENT_AT}, not "${given.slice(0, 64)}"` : SENT_AT,
      });
      return z.NEVER;
    }),
  id: z.union([z.string().regex(/\S/, ID).max(MAX_ID, ID), z.number()], { error: ID }).nullish(),
  topic: blankAsNull,
});

/**
 * Opens an archive of JSON Lines, plain or gzip (seen from its first bytes). Rejects with an `Error` if the file cannot be
 * read.
 */
export async function openArchive(file: string): Promise<Archive> {
  const unreadable = (error: NodeJS.ErrnoException): never => {
    throw new Error(error.code === "ENOENT" ? `there is no file ${file}` : `${file} cannot be read: ${error.message}`);
  };
  const found = await stat(file).catch(unreadable);
  if (!found.isFile()) throw new Error(`${file} is not a file: give one of JSON Lines, plain or gzip`);
  await open(file).then((handle) => handle.close(), unreadable);
  const name = basename(file);
  let read = 0;
  return {
    kind: (await beginsWithHeader(file)) ? "an archive of Tidings" : "lines of messages",
    bytes: found.size,
    bytesRead: () => read,
    lines: () =>
      archiveLines(
        file,
        name,
        linesOf(file, (more) => (read += more)),
      ),
  };
}

/** What lines tell. `file`: where they stand. `find`: the files beside them, if there are any. */
export async function* archiveLines(
  file: string,
  name: string,
  lines: AsyncIterable<Line>,
  find: FindKept = () => undefined,
): AsyncGenerator<ArchiveLine, void> {
  /** Undefined until the first line was read. */
  let parse: Parse | undefined;
  let last = 0;
  try {
    for await (const { number, bytes, isCut } of lines) {
      parse ??= isHeader(bytes) ? factParser(find) : parseLine;
      const parsed = parse(name, number, bytes);
      // Only the beginning of this line is there, so nothing can be said about it.
      if (isCut && (parsed === undefined || "fault" in parsed)) continue;
      last = number;
      if (parsed) yield parsed;
    }
    if (parse?.isWhole?.() === false) throw new Error("its last line is missing");
  } catch (error) {
    throw new Error(`${file} could not be read beyond line ${last}: ${(error as Error).message}`, { cause: error });
  }
}

type Parse = ((file: string, number: number, bytes: Buffer | undefined) => ArchiveLine | undefined) & { isWhole?: () => boolean };

/** The JSON of a line, or what is wrong with it. Undefined for a blank line. */
function jsonOf(bytes: Buffer | undefined): { json: unknown; content: string } | { fault: string } | undefined {
  if (bytes === undefined) return { fault: `longer than ${MAX_LINE_BYTES} bytes` };
  let content: string;
  try {
    // The decoder drops the byte order mark that some editors write.
    content = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { fault: "not UTF-8: save the file in that encoding" };
  }
  if (content.trim() === "") return undefined;
  try {
    return { json: JSON.parse(content) as unknown, content };
  } catch {
    return { fault: "not JSON" };
  }
}

/** Whether a line is the first one of an archive of facts (docs/archives.md). */
function isHeader(bytes: Buffer | undefined): boolean {
  const read = jsonOf(bytes);
  return read !== undefined && "json" in read && (read.json as { tidings?: unknown } | null)?.tidings === "archive";
}

async function beginsWithHeader(file: string): Promise<boolean> {
  try {
    for await (const { bytes } of linesOf(file, () => {})) return isHeader(bytes);
  } catch {
    // It is said where the lines are read.
  }
  return false;
}

/** Reads the lines of an archive of facts, one after the other. */
function factParser(find: FindKept): Parse {
  let isWhole = false;
  let facts = 0;
  const parse: Parse = (_, number, bytes) => {
    const read = jsonOf(bytes);
    if (read === undefined) return undefined;
    if ("fault" in read) {
      facts++;
      return { number, fault: read.fault };
    }
    const { json, content } = read;
    if (number === 1) {
      const first = header.safeParse(json);
      if (!first.success) throw new Error("it is an archive of a version that this one does not know");
      return undefined;
    }
    const last = end.safeParse(json);
    if (last.success) {
      isWhole = true;
      const told = last.data.end.facts;
      return told === facts
        ? undefined
        : { number, fault: `the archive had ${told} facts when it was written, and here it has ${facts}` };
    }
    if (fileLine.safeParse(json).success) return { number, note: "files, which stay where their addresses say" };
    facts++;
    if (isTooDeep(content)) return { number, fault: "nested too deeply" };
    const told = readFact(json);
    return "fault" in told ? { number, fault: told.fault } : withFiles(number, told.fact, json as WrittenFact, find);
  };
  return Object.assign(parse, { isWhole: () => isWhole });
}

/** The name of a file beside an archive of facts. */
export const fileBeside = (fileId: string): string => `files/${parseUploadId(fileId)?.id ?? ""}`;

/** A fact, with the files that a message in it names by their ids, if they are beside the archive. */
function withFiles(number: number, { fact, data }: Fact, written: WrittenFact, find: FindKept): ArchiveLine {
  const named = fact === "MessageSent" ? data.attachments.flatMap((each) => ("file" in each ? [each.file] : [])) : [];
  if (named.length === 0) return { number, fact: written };
  const files = named.flatMap((id): BroughtFile[] => {
    const kept = find(fileBeside(id));
    return kept === undefined ? [] : [{ id, ...kept }];
  });
  return { number, fact: written, files };
}

/** Returns undefined for a blank line. */
function parseLine(file: string, number: number, bytes: Buffer | undefined): ArchiveLine | undefined {
  const read = jsonOf(bytes);
  if (read === undefined) return undefined;
  if ("fault" in read) return { number, fault: read.fault };
  const { json, content } = read;
  const parsed = line.safeParse(json);
  if (!parsed.success) return { number, fault: parsed.error.issues.map(({ message }) => message).join("; ") };
  const { id, ...message } = parsed.data;
  // The key of a line without an id is the file's name with the line's number: the same file gives the same keys again.
  const key = id == null ? `${file}:${number}` : keyOf(id, content);
  return key === undefined ? { number, fault: ID } : { number, message: { ...message, key } };
}

/**
 * An id as a key. If JavaScript cannot hold a number exactly, its digits are taken from the text. Undefined if there are too
 * many digits.
 */
function keyOf(id: string | number, content: string): string | undefined {
  if (typeof id === "string" || Number.isSafeInteger(id)) return String(id);
  try {
    // Like JSON.parse: if a name occurs several times, the last one counts.
    const { id: exact } = parse(content, null, {
      parseNumber: (digits) => new LosslessNumber(digits),
      onDuplicateKey: ({ newValue }) => newValue,
    }) as { id: LosslessNumber };
    return exact.value.length <= MAX_ID ? exact.value : undefined;
  } catch (error) {
    // It is valid JSON, but nested far more deeply than anybody would intend.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
