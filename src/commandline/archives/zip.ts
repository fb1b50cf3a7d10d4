import type { Readable } from "node:stream";
import { type Entry, open, type ZipFile } from "yauzl";

/** Files in one zip. What is kept of each is its entry in the zip's directory. */
export const MAX_ENTRIES = 500_000;
/** An entry that is larger than this, in bytes, and so many times larger than what is stored of it, is meant to do harm. */
const LARGE_BYTES = 16_777_216;
const MAX_RATIO = 250;

/** A file in a zip. */
export type ZipEntry = Pick<Entry, "fileName" | "compressedSize" | "uncompressedSize">;

export type Zip = {
  entries: readonly ZipEntry[];
  /** By its whole name in the zip. */
  entry(name: string): ZipEntry | undefined;
  read(entry: ZipEntry): AsyncGenerator<Buffer, void>;
  close(): void;
};

/**
 * Opens a zip by its central directory. Nothing is unpacked: entries are read one by one. Rejects with an `Error` for one that is
 * broken, whose names lead out of it, or that would become far larger than it seems.
 */
export async function openZip(file: string): Promise<Zip> {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    // It refuses names with `..`, and absolute ones; and an entry that is larger than its directory says.
    open(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: true }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    ),
  ).catch((error: Error) => {
    throw new Error(`${file} is no zip that can be read: ${error.message}`);
  });
  try {
    const entries = new Map<string, Entry>();
    await new Promise<void>((resolve, reject) => {
      zip.on("error", (error: Error) => reject(new Error(`${file} is refused: ${error.message}`)));
      zip.on("end", resolve);
      zip.on("entry", (entry: Entry) => {
        const { fileName, compressedSize, uncompressedSize } = entry;
        if (entries.size >= MAX_ENTRIES) return reject(new Error(`${file} is refused: it holds more than ${MAX_ENTRIES} files`));
        if (uncompressedSize > LARGE_BYTES && uncompressedSize > compressedSize * MAX_RATIO)
          return reject(new Error(`${file} is refused: ${fileName} would become ${MAX_RATIO} times as large as it is, or more`));
        if ((entry.generalPurposeBitFlag & 1) === 1)
          return reject(new Error(`${file} is refused: ${fileName} is encrypted: unpack it, and make a new zip`));
        if (!fileName.endsWith("/")) entries.set(fileName, lean(entry));
        zip.readEntry();
      });
      zip.readEntry();
    });
    return {
      entries: [...entries.values()],
      entry: (name) => entries.get(name),
      read: async function* (entry) {
        const stream = await new Promise<Readable>((resolve, reject) =>
          zip.openReadStream(entry as Entry, (error, opened) => (error ? reject(error) : resolve(opened))),
        );
        for await (const chunk of stream) yield chunk as Buffer;
      },
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** An entry without what is not asked of it again: there may be half a million, and that is most of each. */
const lean = (entry: Entry): Entry =>
  Object.assign(entry, { fileNameRaw: NONE, extraFieldRaw: NONE, fileCommentRaw: NONE, extraFields: [], fileComment: "" });
const NONE = Buffer.alloc(0);
