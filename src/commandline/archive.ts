import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { LosslessNumber, parse } from "lossless-json";
import { z } from "zod";
import type { ImportedLine } from "../commands/commands.ts";
import { isBlank } from "../domain/text.ts";
import { time } from "../domain/time.ts";
import { linesOf, MAX_LINE_BYTES } from "./archiveLines.ts";

/** A line of an archive with its number, from 1: its message, or what is wrong with it. */
export type ArchiveLine = { number: number; message: ImportedLine } | { number: number; fault: string };

export type Archive = {
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
    bytes: found.size,
    bytesRead: () => read,
    lines: async function* () {
      let last = 0;
      try {
        for await (const { number, bytes, isCut } of linesOf(file, (more) => (read += more))) {
          const parsed = parseLine(name, number, bytes);
          // Only the beginning of this line is there, so nothing can be said about it.
          if (isCut && (parsed === undefined || "fault" in parsed)) continue;
          last = number;
          if (parsed) yield parsed;
        }
      } catch (error) {
        throw new Error(`${file} could not be read beyond line ${last}: ${(error as Error).message}`, { cause: error });
      }
    },
  };
}

/** Returns undefined for a blank line. */
function parseLine(file: string, number: number, bytes: Buffer | undefined): ArchiveLine | undefined {
  if (bytes === undefined) return { number, fault: `longer than ${MAX_LINE_BYTES} bytes` };
  let content: string;
  try {
    // The decoder drops the byte order mark that some editors write.
    content = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { number, fault: "not UTF-8: save the file in that encoding" };
  }
  if (content.trim() === "") return undefined;
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return { number, fault: "not JSON" };
  }
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
