import { createReadStream } from "node:fs";
import { mkdtemp, open, opendir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tarFiles } from "./tar.ts";
import { MAX_ENTRIES, openZip } from "./zip.ts";

/** Files by their names, each read from its beginning to its end, as often as it is asked for. */
export type Container = {
  names: readonly string[];
  /** In bytes. Undefined: there is no such file. */
  sizeOf(name: string): number | undefined;
  read(name: string): AsyncGenerator<Buffer, void>;
  close(): Promise<void>;
};

/** A file of an archive. `size`: in bytes. */
export type Kept = { size: number; read(): AsyncIterable<Buffer> };
/** Finds a file by its name in the archive. */
export type FindKept = (name: string) => Kept | undefined;

export const keptIn =
  (container: Pick<Container, "sizeOf" | "read">, top = ""): FindKept =>
  (name) => {
    const size = container.sizeOf(`${top}${name}`);
    return size === undefined ? undefined : { size, read: () => container.read(`${top}${name}`) };
  };

const absent = (name: string) => new Error(`the archive has no ${name}`);

/** A zip. `read` gets the bytes that were read of it. */
export async function zipContainer(file: string, read: (bytes: number) => void): Promise<Container> {
  const zip = await openZip(file);
  return {
    names: zip.entries.map(({ fileName }) => fileName),
    sizeOf: (name) => zip.entry(name)?.uncompressedSize,
    read: (name) => {
      const entry = zip.entry(name);
      if (!entry) throw absent(name);
      read(entry.compressedSize);
      return zip.read(entry);
    },
    close: async () => zip.close(),
  };
}

/** A folder and all that lies in it. What is a link is left alone: it may lead out of it. */
export async function folderContainer(folder: string, read: (bytes: number) => void): Promise<Container> {
  const sizes = new Map<string, number>();
  const look = async (inside: string): Promise<void> => {
    const names: { name: string; isFolder: boolean }[] = [];
    for await (const entry of await opendir(join(folder, inside)))
      if (entry.isDirectory() || entry.isFile()) names.push({ name: entry.name, isFolder: entry.isDirectory() });
    for (const { name, isFolder } of names.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      if (isFolder) await look(`${inside}${name}/`);
      else sizes.set(`${inside}${name}`, (await stat(join(folder, inside, name))).size);
      if (sizes.size > MAX_ENTRIES) throw new Error(`${folder} is refused: it holds more than ${MAX_ENTRIES} files`);
    }
  };
  await look("");
  return {
    names: [...sizes.keys()],
    sizeOf: (name) => sizes.get(name),
    read: async function* (name) {
      if (!sizes.has(name)) throw absent(name);
      for await (const chunk of createReadStream(join(folder, name))) {
        read((chunk as Buffer).length);
        yield chunk as Buffer;
      }
    },
    close: async () => undefined,
  };
}

/**
 * The files of a tar whose names are wanted. A tar can be read from its beginning only: so they are written, one behind the other,
 * to a file of the directory for temporary ones, which is removed in the end. `top`: how their names begin, left out.
 */
export async function tarContainer(
  file: string,
  wanted: (name: string) => boolean,
  read: (bytes: number) => void,
): Promise<Container> {
  const folder = await mkdtemp(join(tmpdir(), "tidings-import-"));
  const path = join(folder, "files");
  const places = new Map<string, { at: number; size: number }>();
  let end = 0;
  try {
    const handle = await open(path, "w", 0o600);
    try {
      for await (const { name, chunks } of tarFiles(file, read)) {
        if (!wanted(name)) continue;
        if (places.size >= MAX_ENTRIES) throw new Error(`${file} is refused: it holds more than ${MAX_ENTRIES} files`);
        const at = end;
        for await (const chunk of chunks) {
          if (end % SPACE_EVERY < chunk.length) await requireSpace(folder, file);
          for (let from = 0; from < chunk.length;) from += (await handle.write(chunk, from)).bytesWritten;
          end += chunk.length;
        }
        places.set(name.replace(/^(\.\/)+/, ""), { at, size: end - at });
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    names: [...places.keys()],
    sizeOf: (name) => places.get(name)?.size,
    read: async function* (name) {
      const place = places.get(name);
      if (!place) throw absent(name);
      if (place.size === 0) return;
      for await (const chunk of createReadStream(path, { start: place.at, end: place.at + place.size - 1 }))
        yield chunk as Buffer;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** How often it is looked how much space there is, and how much is left to others; both in bytes. */
const SPACE_EVERY = 16_777_216;
const SPACE_LEFT = 268_435_456;

async function requireSpace(folder: string, file: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < SPACE_LEFT)
    throw new Error(
      `the files in ${file} do not fit into ${tmpdir()}: set TMPDIR to a directory with more space, or unpack it and import the folder`,
    );
}
