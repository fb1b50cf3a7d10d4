import type { Awaitable } from "./awaitable.ts";

/** What is kept of a file: its bytes as they came, or a small picture of them. */
export type FilePart = "file" | "thumbnail";

/** A file as clients get it. `id`: a UUID. `until`: milliseconds since 1970. */
export type Served = { id: string; part: FilePart; name: string; mediaType: string; until: number };

/** Where a client puts bytes, and how. */
export type Incoming = { url: string; method: string; headers: readonly { name: string; value: string }[] };

/**
 * Keeps the bytes of files by a UUID, and gives signed addresses to clients, who put and get the bytes without the API.
 * `origin`: where the client reaches this server, such as `https://chat.example.org`; what is kept elsewhere does not need it.
 * Rejects with `Unavailable` if what is behind is away.
 */
export type FileStore = {
  /** `folder`, `s3`. */
  readonly kind: string;
  /** The addresses are the same wherever a client is. */
  readonly sameForAll: boolean;
  /** What pages must be allowed to reach, beside this server: an origin. */
  readonly origin?: string;
  /** For so many bytes, no more and no fewer, that come before `expiresAt` (milliseconds since 1970). */
  incoming(upload: { id: string; size: number; expiresAt: number }, origin: string | undefined): Awaitable<Incoming>;
  /**
   * Keeps what has come: from here on nobody changes it. Again: the same. Resolves to its size in bytes; undefined if nothing has
   * come completely.
   */
  take(id: string): Promise<number | undefined>;
  /** All bytes of what is kept, piece by piece. Undefined: there is nothing, or not any more. */
  bytes(id: string): Promise<AsyncIterable<Buffer> | undefined>;
  /** The first `most` bytes of what is kept. */
  read(id: string, most: number): Promise<Buffer>;
  /** Keeps a small picture. */
  putThumbnail(id: string, bytes: Buffer, mediaType: string): Promise<void>;
  address(served: Served, origin: string | undefined): Awaitable<string>;
  /** Removes what has come and was not taken: also what somebody put there again. Again: nothing. */
  discard(id: string): Promise<void>;
  /** Removes all of it, whether it was kept or not. Again: nothing. */
  remove(id: string): Promise<void>;
  /** Why it cannot be used now, for operators. Undefined: it can. */
  trouble(): Promise<string | undefined>;
};

/** Why bytes are not taken. */
export type PutFault = "arrived" | "busy" | "full" | "short" | "many";

/** A file that is read from a folder. Whoever gets it closes it. */
export type Opened = {
  readonly size: number;
  read(from: number, to: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
};

/** An upload of so many bytes, that begin to come before `until` (milliseconds since 1970). */
export type Admitted = { id: string; size: number; until: number };

/**
 * A folder whose addresses lead to this server. An address is its path and the members of its query, which the key has signed.
 */
export type FolderDoor = {
  /** What may be put there; undefined if the address is not good, or not any more. */
  admitPut(id: string, query: Readonly<Record<string, unknown>>): Admitted | undefined;
  /** Writes what comes, at the speed of the disk. Nothing of it counts unless all of it has come in time. */
  put(admitted: Admitted, body: AsyncIterable<Buffer>): Promise<PutFault | "done">;
  admitGet(id: string, query: Readonly<Record<string, unknown>>): Served | undefined;
  /** Undefined if there is none any more. */
  open(served: Served): Promise<Opened | undefined>;
};

/** What is found in the bytes of a file. `picture`: if they are one that can be drawn. */
export type Looked = {
  /** By its content alone. Undefined: its content does not say, as that of texts. */
  mediaType: string | undefined;
  picture?: { width: number; height: number; thumbnail?: { bytes: Buffer; width: number; height: number } };
  /** It is a picture of more pixels than are drawn. */
  isTooLarge?: true;
  /** Pictures are not drawn on this machine. */
  isUnmeasured?: true;
};

/** Looks at bytes that a stranger made, apart from everything else. */
export type Inspector = {
  /** `draw`: these are all bytes, so a picture is measured and made small. Rejects with `Unavailable` if too much waits. */
  look(bytes: Buffer, draw: boolean): Promise<Looked>;
  close(): Promise<void>;
};

/** The media type of thumbnails. */
export const THUMBNAIL_TYPE = "image/webp";
