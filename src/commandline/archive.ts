import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { Transform } from "node:stream";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import type { ImportedLine } from "../commands/commands.ts";

/** A line of an archive, by its number from 1: the message that it holds, or what is wrong with it. */
export type ArchiveLine = { number: number; message: ImportedLine } | { number: number; fault: string };

export type Archive = {
  /** Bytes of the file, and how many of them were read so far. */
  bytes: number;
  bytesRead(): number;
  lines(): AsyncIterable<ArchiveLine>;
};

const blankAsNull = z
  .string({ error: "topic is a text, or null" })
  .nullish()
  .transform((text) => (text == null || text.trim() === "" ? null : text));

const ID = "id is a text of 1 to 128 characters, not all blank, or a number";

const line = z.object({
  conversation: z.string({ error: "conversation is the name of a room" }).min(1, "conversation is empty"),
  sender: z.string({ error: "sender is the name of who wrote it" }).min(1, "sender is empty"),
  text: z.string({ error: "text is what was written" }),
  sentAt: z
    .string({ error: "sentAt is a time such as 2024-05-01T12:00:00Z, or null for the time of the import" })
    .nullish()
    .transform((text, context) => {
      if (text == null) return null;
      const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
      if (!Number.isNaN(time)) return new Date(time).toISOString();
      context.addIssue({ code: "custom", message: `sentAt is a time such as 2024-05-01T12:00:00Z, or null, not "${text}"` });
      return z.NEVER;
    }),
  id: z.union([z.string().regex(/\S/, ID).max(128, ID), z.number()], { error: ID }).nullish(),
  topic: blankAsNull,
});

/** Opens an archive of JSON Lines, plain or gzip (told by its first bytes). Rejects with an `Error` where the file cannot be read. */
export async function openArchive(file: string): Promise<Archive> {
  const unreadable = (error: NodeJS.ErrnoException): never => {
    throw new Error(error.code === "ENOENT" ? `there is no file ${file}` : `${file} cannot be read: ${error.message}`);
  };
  const found = await stat(file).catch(unreadable);
  if (!found.isFile()) throw new Error(`${file} is not a file: give one of JSON Lines, plain or gzip`);
  const { size } = found;
  const zipped = await isGzip(file).catch(unreadable);
  const name = basename(file);
  let read = 0;
  return {
    bytes: size,
    bytesRead: () => read,
    lines: async function* () {
      const raw = createReadStream(file);
      const counted = new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          read += chunk.length;
          done(null, chunk);
        },
      });
      const text = zipped ? raw.pipe(counted).pipe(createGunzip()) : raw.pipe(counted);
      // A fault of the file or of its compression ends the lines: it must not pass for the end of the archive.
      let fault: Error | undefined;
      const fail = (error: Error) => {
        fault ??= error;
        text.destroy();
      };
      raw.on("error", fail);
      text.on("error", fail);
      let number = 0;
      try {
        for await (const content of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
          number++;
          const bare = number === 1 ? content.replace(/^\uFEFF/, "") : content;
          if (bare.trim() !== "") yield parseLine(name, number, bare);
        }
      } catch (error) {
        fault ??= error as Error;
      }
      if (fault) throw new Error(`${file} could not be read beyond line ${number}: ${fault.message}`);
    },
  };
}

function parseLine(file: string, number: number, content: string): ArchiveLine {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return { number, fault: "not JSON" };
  }
  const parsed = line.safeParse(json);
  if (!parsed.success) return { number, fault: parsed.error.issues.map(({ message }) => message).join("; ") };
  const { id, ...message } = parsed.data;
  // A line without an id is known by its number: the same file again is the same lines.
  return { number, message: { ...message, key: id == null ? `${file}:${number}` : String(id) } };
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
