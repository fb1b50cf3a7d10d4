import { createReadStream } from "node:fs";
import { mkdtemp, open, opendir, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isGzip, tarFiles } from "./tar.ts";
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
 * The files of a tar whose names are wanted. One that is compressed can be read from its beginning only: so they are written, one
 * behind the other, to a file of the directory for temporary ones, which is gone when this process is.
 */
export async function tarContainer(
  file: string,
  wanted: (name: string) => boolean,
  read: (bytes: number) => void,
): Promise<Container> {
  const places = new Map<string, { at: number; size: number }>();
  const note = (name: string, place: { at: number; size: number }): void => {
    if (places.size >= MAX_ENTRIES) throw new Error(`${file} is refused: it holds more than ${MAX_ENTRIES} files`);
    places.set(name.replace(/^(\.\/)+/, ""), place);
  };
  if (!(await isGzip(file))) {
    for await (const { name, at, size } of tarFiles(file, read)) if (wanted(name)) note(name, { at, size });
    return placesIn(
      (start, end) => createReadStream(file, { start, end }),
      places,
      async () => undefined,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), "tidings-import-"));
  const handle = await open(join(folder, "files"), "wx+", 0o600);
  // It has no name from now on: whatever ends this process, nothing of it stays.
  await rm(folder, { recursive: true, force: true });
  let end = 0;
  try {
    for await (const { name, chunks } of tarFiles(file, read)) {
      if (!wanted(name)) continue;
      const at = end;
      for await (const chunk of chunks) {
        if (end % SPACE_EVERY < chunk.length) await requireSpace(file);
        for (let from = 0; from < chunk.length;) from += (await handle.write(chunk, from)).bytesWritten;
        end += chunk.length;
      }
      note(name, { at, size: end - at });
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  return placesIn(
    (from, to) => createReadStream("", { fd: handle, autoClose: false, start: from, end: to }),
    places,
    () => handle.close(),
  );
}

/** Files that lie one behind the other. `between`: the bytes from one place to another, both included. */
function placesIn(
  between: (from: number, to: number) => AsyncIterable<unknown>,
  places: ReadonlyMap<string, { at: number; size: number }>,
  close: () => Promise<void>,
): Container {
  return {
    names: [...places.keys()],
    sizeOf: (name) => places.get(name)?.size,
    read: async function* (name) {
      const place = places.get(name);
      if (!place) throw absent(name);
      if (place.size === 0) return;
      for await (const chunk of between(place.at, place.at + place.size - 1)) yield chunk as Buffer;
    },
    close,
  };
}

/** How often it is looked how much space there is, and how much is left to others; both in bytes. */
const SPACE_EVERY = 16_777_216;
const SPACE_LEFT = 268_435_456;

async function requireSpace(file: string): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir());
  if (bavail * bsize < SPACE_LEFT)
    throw new Error(
      `the files in ${file} do not fit into ${tmpdir()}: set TMPDIR to a directory with more space, or unpack it and import the folder`,
    );
}
