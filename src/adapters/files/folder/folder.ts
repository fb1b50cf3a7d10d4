import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Unavailable } from "../../../ports/faults.ts";
import type { FilePart, FileStore, FolderDoor, Opened, PutFault, Served } from "../../../ports/files.ts";
import { makeDirectory } from "../../directory.ts";

export type FolderOptions = {
  /** An absolute path. It is this store's alone. */
  directory: string;
  /** Signs addresses. */
  key: string;
  /** Where all clients reach this server, if that is known. */
  publicUrl?: string | undefined;
  /** So much of the disk stays free for the log, in bytes. */
  keepFree: number;
  now?: () => number;
};

/** Where the addresses lead to. */
export const FOLDER_PATH = "/files";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** So many uploads are written at the same time. */
const WRITING = 256;
/** What is written at a time, and read. */
const PIECE_BYTES = 262_144;
const PART = ".part";
/** So long after its address has ended, what began before still counts: an upload is closed later than that, in milliseconds. */
const LATE_MS = 600_000;

/** Where a file is kept in a folder. */
const keptIn = (directory: string, id: string, part: FilePart = "file"): string =>
  join(directory, "kept", checkedId(id).slice(0, 2), part === "file" ? id : `${id}.thumbnail`);

/** The bytes of a file that a folder keeps, whoever has it open. Undefined: there is none, or not any more. */
export async function keptBytes(directory: string, id: string): Promise<AsyncIterable<Buffer> | undefined> {
  try {
    const handle = await open(keptIn(directory, id), "r");
    return handle.createReadStream({ highWaterMark: PIECE_BYTES });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes all of a file from a folder, whoever has it open. Again: nothing. */
export async function removeBytes(directory: string, id: string): Promise<void> {
  const paths = [join(directory, "incoming", checkedId(id)), keptIn(directory, id), keptIn(directory, id, "thumbnail")];
  await Promise.all(paths.map((path) => rm(path, { force: true })));
}

const isFull = (error: unknown): boolean => ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Where the network is at fault, and not the disk. */
class Broken extends Error {}

/**
 * Files in a folder: `incoming` has what has come and belongs to no message yet, `kept` the rest. What has come in part has a
 * name that nobody looks for, and is removed at the next start. Rejects with an `Error` if the folder cannot be used.
 */
export async function openFolder(options: FolderOptions): Promise<FileStore & FolderDoor> {
  const { directory, key, publicUrl, keepFree, now = Date.now } = options;
  const incoming = join(directory, "incoming");
  const kept = join(directory, "kept");
  const writing = new Set<string>();
  /** Bytes that were said to come, and are not on the disk yet. */
  let coming = 0;
  makeDirectory(incoming);
  makeDirectory(kept);
  for (const name of await readdir(incoming)) if (name.endsWith(PART)) await rm(join(incoming, name), { force: true });

  const incomingPath = (id: string): string => join(incoming, checkedId(id));
  const keptPath = (id: string, part: FilePart = "file"): string => keptIn(directory, id, part);

  const signed = (...parts: (string | number)[]): string =>
    createHmac("sha256", key).update(JSON.stringify(parts)).digest("base64url");
  const isSigned = (signature: unknown, ...parts: (string | number)[]): boolean => {
    const [given, right] = [typeof signature === "string" ? signature : "", signed(...parts)].map(digest) as [Buffer, Buffer];
    return timingSafeEqual(given, right);
  };
  const urlOf = (origin: string | undefined, path: string, query: Record<string, string | number>): string => {
    const base = publicUrl ?? origin;
    if (base === undefined) throw new Unavailable("where this server is reached is not known: the request names no host");
    const members = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    return `${base.replace(/\/$/, "")}${FOLDER_PATH}/${path}?${members.join("&")}`;
  };

  /** Bytes count only once all of them are on the disk under their own name. */
  const write = async (
    path: string,
    bytes: AsyncIterable<Buffer>,
    size: number,
    wrote?: (bytes: number) => void,
  ): Promise<"done" | "short"> => {
    const half = join(incoming, `${randomBytes(12).toString("hex")}${PART}`);
    makeDirectory(dirname(path));
    let handle: FileHandle | undefined;
    try {
      handle = await open(half, "wx", 0o600);
      let written = 0;
      for await (const piece of pieces(bytes)) {
        written += piece.length;
        if (written > size) return "short";
        await writeAll(handle, piece);
        wrote?.(piece.length);
      }
      if (written < size) return "short";
      await handle.sync();
      await handle.close();
      handle = undefined;
      await rename(half, path);
      await syncDirectory(dirname(path));
      return "done";
    } finally {
      await handle?.close().catch(() => undefined);
      await rm(half, { force: true });
    }
  };

  const sizeOf = async (path: string): Promise<number | undefined> => {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };

  return {
    kind: "folder",
    sameForAll: publicUrl !== undefined,

    incoming: ({ id, size, expiresAt }, origin) => ({
      method: "PUT",
      url: urlOf(origin, checkedId(id), { e: expiresAt, l: size, s: signed("put", id, expiresAt, size) }),
      headers: [{ name: "Content-Type", value: "application/octet-stream" }],
    }),

    take: (id) =>
      guarded(async () => {
        const size = await sizeOf(keptPath(id));
        if (size !== undefined) return size;
        try {
          makeDirectory(dirname(keptPath(id)));
          await rename(incomingPath(id), keptPath(id));
        } catch (error) {
          if (isMissing(error)) return sizeOf(keptPath(id));
          throw error;
        }
        await Promise.all([dirname(keptPath(id)), incoming, kept].map(syncDirectory));
        return sizeOf(keptPath(id));
      }),

    bytes: (id) => guarded(() => keptBytes(directory, id)),

    read: (id, most) =>
      guarded(async () => {
        const handle = await open(keptPath(id), "r");
        try {
          const { size } = await handle.stat();
          const bytes = Buffer.alloc(Math.min(size, most));
          let at = 0;
          while (at < bytes.length) {
            const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
            if (bytesRead === 0) break;
            at += bytesRead;
          }
          return bytes.subarray(0, at);
        } finally {
          await handle.close();
        }
      }),

    putThumbnail: (id, bytes) =>
      guarded(async () => {
        await write(keptPath(id, "thumbnail"), once(bytes), bytes.length);
      }),

    address: ({ id, part, name, mediaType, until }, origin) =>
      urlOf(origin, checkedId(id), {
        e: until,
        p: part,
        t: mediaType,
        n: name,
        s: signed("get", id, until, part, mediaType, name),
      }),

    discard: (id) => guarded(() => rm(incomingPath(id), { force: true })),

    remove: (id) => guarded(() => removeBytes(directory, id)),

    trouble: async () => {
      try {
        // How full the disk is, is told of DATA_DIR as a whole.
        await statfs(incoming);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },

    admitPut(id, { e, l, s }) {
      const [until, size] = [Number(e), Number(l)];
      if (!UUID.test(id) || !isSigned(s, "put", id, until, size) || until <= now()) return undefined;
      return { id, size, until };
    },

    async put({ id, size, until }, body): Promise<PutFault | "done"> {
      if (writing.has(id)) return "busy";
      if (writing.size >= WRITING) return "many";
      writing.add(id);
      let left = 0;
      try {
        if ((await sizeOf(keptPath(id))) !== undefined || (await sizeOf(incomingPath(id))) !== undefined) return "arrived";
        const { bavail, bsize } = await statfs(directory);
        if (bavail * bsize - coming - size < keepFree) return "full";
        left = size;
        coming += size;
        const outcome = await write(incomingPath(id), body, size, (bytes) => {
          left -= bytes;
          coming -= bytes;
        });
        if (now() <= until + LATE_MS) return outcome;
        // Whoever deletes what was never sent has been here.
        await rm(incomingPath(id), { force: true });
        return "short";
      } catch (error) {
        if (error instanceof Broken) return "short";
        if (isFull(error)) return "full";
        throw error;
      } finally {
        writing.delete(id);
        coming -= left;
      }
    },

    admitGet(id, { e, p, t, n, s }): Served | undefined {
      const until = Number(e);
      if ((p !== "file" && p !== "thumbnail") || typeof t !== "string" || typeof n !== "string") return undefined;
      if (!UUID.test(id) || !isSigned(s, "get", id, until, p, t, n) || until <= now()) return undefined;
      return { id, part: p, name: n, mediaType: t, until };
    },

    async open({ id, part }): Promise<Opened | undefined> {
      try {
        const handle = await open(keptPath(id, part), "r");
        const { size } = await handle.stat();
        return {
          size,
          read: (from, to) =>
            createReadStream("", { fd: handle, autoClose: false, start: from, end: to, highWaterMark: PIECE_BYTES }),
          close: () => handle.close(),
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

function checkedId(id: string): string {
  if (!UUID.test(id)) throw new TypeError("a file is named by a UUID");
  return id;
}

/** Small pieces together: a write takes as long for few bytes as for many. */
async function* pieces(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of bytes) {
      held.push(piece);
      length += piece.length;
      if (length < PIECE_BYTES) continue;
      yield Buffer.concat(held, length);
      held = [];
      length = 0;
    }
  } catch (error) {
    throw new Broken("the bytes stopped to come", { cause: error });
  }
  if (length > 0) yield Buffer.concat(held, length);
}

async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

/** A rename is on the disk once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Unavailable("the folder of files cannot be used now", "nothing", { cause: error });
  }
}
