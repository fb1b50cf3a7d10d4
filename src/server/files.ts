import { join } from "node:path";
import { FOLDER_PATH, keptBytes, openFolder, removeBytes } from "../adapters/files/folder/folder.ts";
import { s3AddressOf } from "../adapters/files/s3/address.ts";
import { openS3 } from "../adapters/files/s3/s3.ts";
import { inspector } from "../adapters/pictures/inspector.ts";
import type { UploadOptions } from "../commands/uploads.ts";
import type { Config } from "../config.ts";
import type { FileStore, FolderDoor } from "../ports/files.ts";
import { keyOfFiles } from "./secret.ts";

/** How long the bytes of an upload may take to begin to come, and then to come, in milliseconds. */
export const ARRIVE_MS = 3_600_000;
/** This part of what should be free of a disk is left to the log. */
const LEFT_TO_THE_LOG = 0.1;

/** Where files are kept; `door`: where its addresses lead to this server. */
export type Files = {
  store: FileStore;
  door: { door: FolderDoor; path: string } | undefined;
  uploads: UploadOptions;
  addressMs: number;
  close(): Promise<void>;
};

/**
 * Opens the store of files: S3 where FILES_URL says so, else a folder in DATA_DIR. Undefined where there is neither. A store
 * that is away is no reason not to start.
 */
export async function openFiles(config: Config, warn: (message: string, detail: string) => void): Promise<Files | undefined> {
  const { filesUrl, role, fileAddressMs: addressMs } = config;
  if (filesUrl === undefined && role !== "all") return undefined;
  const folder = filesUrl === undefined ? await openOwnFolder(config) : undefined;
  const store = folder ?? openS3({ address: s3AddressOf(filesUrl ?? "", credentialsOf(config)), addressMs });
  const looks = inspector({ pixels: config.picturePixelsMax, warn });
  return {
    store,
    door: folder && { door: folder, path: FOLDER_PATH },
    uploads: {
      store,
      inspector: looks,
      limits: {
        size: config.fileSizeMax,
        waiting: config.uploadsWaiting,
        files: config.uploadsPerDay,
        bytes: config.uploadBytesPerDay,
      },
      arriveMs: ARRIVE_MS,
      keptMs: config.uploadsKeptMs,
    },
    addressMs,
    close: () => looks.close(),
  };
}

/**
 * Reads the files that are kept, also while a server runs on DATA_DIR. Each resolves with its bytes; undefined: there is none, or
 * not any more.
 */
export function readFiles(config: Config): (id: string) => Promise<AsyncIterable<Buffer> | undefined> {
  const { filesUrl, dataDir, fileAddressMs: addressMs } = config;
  if (filesUrl === undefined) return (id) => keptBytes(join(dataDir, "files"), id);
  const store = openS3({ address: s3AddressOf(filesUrl, credentialsOf(config)), addressMs });
  return (id) => store.bytes(id);
}

/** Removes files that are kept, also while a server runs on DATA_DIR. */
export function removesFiles(config: Config): (id: string) => Promise<void> {
  const { filesUrl, dataDir, fileAddressMs: addressMs } = config;
  if (filesUrl === undefined) return (id) => removeBytes(join(dataDir, "files"), id);
  const store = openS3({ address: s3AddressOf(filesUrl, credentialsOf(config)), addressMs });
  return (id) => store.remove(id);
}

const openOwnFolder = async ({ dataDir, publicUrl, diskFreeBytes }: Config): Promise<FileStore & FolderDoor> =>
  openFolder({
    directory: join(dataDir, "files"),
    key: await keyOfFiles(dataDir),
    publicUrl,
    keepFree: diskFreeBytes * LEFT_TO_THE_LOG,
  });

const credentialsOf = ({ awsAccessKeyId, awsSecretAccessKey }: Config) => ({
  accessKeyId: awsAccessKeyId,
  secretAccessKey: awsSecretAccessKey,
});
