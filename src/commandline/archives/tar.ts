import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";

/** A file that becomes so many times larger than what was read of it, beyond this size in bytes, is meant to do harm. */
const MAX_RATIO = 250;
const LARGE_BYTES = 268_435_456;

/** Whether a file is a tar: plain, or gzip. */
export async function isTar(file: string): Promise<boolean> {
  const stream = await bytesOf(file, () => {});
  try {
    for await (const chunk of stream) return (chunk as Buffer).subarray(257, 262).toString("latin1") === "ustar";
  } catch {
    // Whoever opens it as something else says what is wrong with it.
  } finally {
    stream.destroy();
  }
  return false;
}

/** `at`: where its bytes begin in the tar, unpacked. */
export type TarFile = { name: string; chunks: AsyncIterable<Buffer>; at: number; size: number };

/**
 * The files in a tar, one after the other, each with its bytes, which must be read before the next one is asked for. Nothing is
 * unpacked to the disk. Throws an `Error` for names that lead out of it, and for one that becomes far larger than it seems.
 */
export async function* tarFiles(file: string, read: (bytes: number) => void): AsyncGenerator<TarFile, void> {
  let packed = 0;
  let unpacked = 0;
  const source = await bytesOf(file, (bytes) => {
    packed += bytes;
    read(bytes);
  });
  const tar = extract();
  // The loop below is told of a fault.
  pipeline(source, tar, () => {});
  source.on("data", (chunk: Buffer) => {
    unpacked += chunk.length;
    if (unpacked > LARGE_BYTES && unpacked > packed * MAX_RATIO)
      tar.destroy(new Error(`${file} is refused: it becomes ${MAX_RATIO} times as large as it is, or more`));
  });
  try {
    for await (const entry of tar) {
      const { name, type, size, byteOffset } = entry.header as Header & { byteOffset?: number };
      if (/^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i.test(name))
        throw new Error(`${file} is refused: ${name} would lie outside of it`);
      if (type === "file") yield { name, chunks: entry as AsyncIterable<Buffer>, at: byteOffset ?? 0, size: size ?? 0 };
      entry.resume();
    }
  } finally {
    source.destroy();
  }
}

/** Whether a file is gzip. */
export async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close());
  return buffer[0] === 0x1f && buffer[1] === 0x8b;
}

async function bytesOf(file: string, read: (bytes: number) => void) {
  const isZipped = await isGzip(file);
  const raw = createReadStream(file);
  raw.on("data", (chunk) => read(chunk.length));
  if (!isZipped) return raw;
  return pipeline(raw, createGunzip(), () => {});
}
