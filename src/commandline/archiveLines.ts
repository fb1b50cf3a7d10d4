import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";

/** The longest line in bytes: many times the longest message. A longer line is skipped without being held in memory. */
export const MAX_LINE_BYTES = 1_048_576;

/**
 * A line without its line end, with its number from 1. `bytes` is undefined if the line is too long. `isCut`: the file broke
 * off within this line.
 */
export type Line = { number: number; bytes: Buffer | undefined; isCut: boolean };

/**
 * The lines of a file, plain or gzip (seen from its first bytes), as bytes. Only a line feed ends a line. After an error it
 * still yields all that could be read, and then throws the error. `read` gets the number of bytes that were read from the
 * file.
 */
export const linesOf = (file: string, read: (bytes: number) => void): AsyncGenerator<Line, void> => linesIn(bytesOf(file, read));

/** The lines of a text that comes in chunks, as `linesOf` yields them. */
export async function* linesIn(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line, void> {
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const keep = (part: Buffer): void => {
    length += part.length;
    if (length <= MAX_LINE_BYTES) parts.push(part);
    else parts = [];
  };
  const taken = (isCut: boolean): Line => {
    number++;
    const bytes = length <= MAX_LINE_BYTES ? Buffer.concat(parts) : undefined;
    parts = [];
    length = 0;
    return { number, bytes, isCut };
  };
  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
        keep(chunk.subarray(from, end));
        yield taken(false);
        from = end + 1;
      }
      keep(chunk.subarray(from));
    }
  } catch (error) {
    if (length > 0) yield taken(true);
    throw error;
  }
  if (length > 0) yield taken(false);
}

/** How deep lists and objects of a line may lie in each other: far deeper than anything that an archive tells. */
const MAX_DEPTH = 100;
/** No shorter line is so deep that JavaScript could read it, and not write it again. */
const SHORT = 1_000;

/** Whether the JSON of a line is deeper than anyone would intend. */
export function isTooDeep(text: string): boolean {
  if (text.length <= SHORT) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "[" || char === "{") {
      if (++depth > MAX_DEPTH) return true;
    } else if (char === "]" || char === "}") depth--;
  }
  return false;
}

const LINE_FEED = 0x0a;
/** Small chunks, since gzip can expand each a thousand times. */
const CHUNK_BYTES = 16_384;

async function* bytesOf(file: string, read: (bytes: number) => void): AsyncGenerator<Buffer, void> {
  const raw = createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
  const isZipped = await isGzip(file);
  const counted = (async function* () {
    for await (const chunk of raw) {
      read(chunk.length);
      yield chunk;
    }
  })();
  yield* isZipped ? unzipped(counted) : counted;
}

/** Bytes as they are; of gzip, seen from the first ones, what it holds. */
export async function* plain(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const all = chunks[Symbol.asyncIterator]();
  const first = await all.next();
  if (first.done) return;
  const again = (async function* () {
    yield first.value;
    for (let next = await all.next(); !next.done; next = await all.next()) yield next.value;
  })();
  yield* first.value[0] === 0x1f && first.value[1] === 0x8b ? unzipped(again) : again;
}

/** Unlike a pipe, it yields all decompressed bytes before it throws. */
async function* unzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const gunzip = createGunzip();
  let made: Buffer[] = [];
  const take = (): Buffer[] => {
    const taken = made;
    made = [];
    return taken;
  };
  gunzip.on("data", (part: Buffer) => made.push(part));
  const failed = new Promise<never>((_, reject) => gunzip.once("error", reject));
  // The promise is awaited below. It may also fail while nobody awaits it.
  failed.catch(() => undefined);
  const ended = new Promise<void>((resolve) => gunzip.once("end", resolve));
  try {
    for await (const chunk of chunks) {
      await Promise.race([new Promise<void>((done) => gunzip.write(chunk, () => done())), failed]);
      yield* take();
    }
    gunzip.end();
    await Promise.race([ended, failed]);
    yield* take();
  } catch (error) {
    yield* take();
    throw error;
  } finally {
    gunzip.destroy();
  }
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
