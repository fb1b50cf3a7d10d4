import { Readable } from "node:stream";
import type { UploadOptions } from "../../src/commands/uploads.ts";
import type { FileStore, Looked } from "../../src/ports/files.ts";

/** A store of files in memory, of which tests know all, and what looks at them: a file says by its text what it is. */
export type MemoryFiles = {
  store: FileStore;
  uploads: UploadOptions;
  /** Puts bytes as a client would. */
  arrive(id: string, bytes: string): void;
  /** What is there, by key. */
  kept: Map<string, Buffer>;
  /** How often something was looked at. */
  looks(): number;
};

/**
 * `png 4x3` is a picture of that size; `bomb` one that is too large; `pdf` and `html` say what they are, as far as content
 * does.
 */
function lookedAt(text: string): Looked {
  const [, width, height] = /^png (\d+)x(\d+)/.exec(text) ?? [];
  if (width !== undefined && height !== undefined) {
    const shape = { width: Number(width), height: Number(height) };
    return { mediaType: "image/png", picture: { ...shape, thumbnail: { bytes: Buffer.from("small"), ...shape } } };
  }
  if (text.startsWith("bomb")) return { mediaType: "image/png", isTooLarge: true };
  return { mediaType: text.startsWith("pdf") ? "application/pdf" : undefined };
}

export function memoryFiles(more: Partial<Omit<UploadOptions, "store" | "inspector">> = {}): MemoryFiles {
  const kept = new Map<string, Buffer>();
  const incoming = new Map<string, Buffer>();
  let looks = 0;
  const store: FileStore = {
    kind: "memory",
    sameForAll: true,
    incoming: ({ id, size, expiresAt }) => ({
      url: `https://files.example.org/incoming/${id}?size=${size}&until=${expiresAt}`,
      method: "PUT",
      headers: [{ name: "Content-Type", value: "application/octet-stream" }],
    }),
    take: async (id) => {
      const bytes = kept.get(id) ?? incoming.get(id);
      if (bytes !== undefined) kept.set(id, bytes);
      incoming.delete(id);
      return bytes?.length;
    },
    bytes: async (id) => {
      const bytes = kept.get(id);
      return bytes && Readable.from([bytes]);
    },
    read: async (id, most) => (kept.get(id) ?? Buffer.alloc(0)).subarray(0, most),
    putThumbnail: async (id, bytes) => void kept.set(`${id}.thumbnail`, bytes),
    address: ({ id, part, mediaType, until }) =>
      `https://files.example.org/${id}/${part}?type=${encodeURIComponent(mediaType)}&until=${until}`,
    discard: async (id) => void incoming.delete(id),
    remove: async (id) => {
      for (const key of [id, `${id}.thumbnail`]) kept.delete(key);
      incoming.delete(id);
    },
    trouble: async () => undefined,
  };
  return {
    store,
    uploads: {
      store,
      inspector: {
        look: async (bytes) => {
          looks += 1;
          return lookedAt(bytes.toString());
        },
        close: async () => undefined,
      },
      limits: { size: 1_000, waiting: 1_000, files: 1_000, bytes: 1_000_000 },
      arriveMs: 3_600_000,
      keptMs: 86_400_000,
      ...more,
    },
    arrive: (id, bytes) => void incoming.set(id, Buffer.from(bytes)),
    kept,
    looks: () => looks,
  };
}
