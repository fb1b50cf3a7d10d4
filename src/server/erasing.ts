import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { EventData } from "../domain/events.ts";
import { streams } from "../domain/ids.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { removesFiles } from "./files.ts";
import { readLog } from "./log.ts";
import type { Logger } from "./logger.ts";
import { removeScratches } from "./scratchFolders.ts";
import { holdDataDir, VIEWS } from "./views.ts";

/** What is made from the log in DATA_DIR, beside the views. */
const SEARCH = ["search.sqlite", "search.sqlite-wal", "search.sqlite-shm"];
/** What the views are called while they are removed. */
const REMOVED = `${VIEWS}.erased`;

/** Whether all that is made from the log is in DATA_DIR. */
export const isAllEmbedded = ({ eventStoreUrl, databaseUrl, elasticsearchUrl }: Config): boolean =>
  eventStoreUrl === undefined && databaseUrl === undefined && elasticsearchUrl === undefined;

/**
 * Removes the files of the views and of the search index: the next start makes them anew. Rejects with an `Error` that says what
 * to do if a server runs on DATA_DIR.
 */
export async function removeFolded(config: Config, logger: Logger): Promise<void> {
  const { dataDir } = config;
  const held = await holdDataDir(config, logger);
  try {
    for (const name of SEARCH) await rm(join(dataDir, name), { force: true });
    await rm(join(dataDir, REMOVED), { recursive: true, force: true });
    await removeScratches(dataDir);
    // In one step: a server that starts as soon as it may finds none, and not a part of them.
    await rename(join(dataDir, VIEWS), join(dataDir, REMOVED));
  } finally {
    await held.close();
  }
  await rm(join(dataDir, REMOVED), { recursive: true, force: true });
}

/** Events of uploads that are read at a time. */
const PAGE = 500;

/** Removes the bytes of all that a user uploaded, wherever it was sent or forwarded. Resolves with how many files there were. */
export async function removeUploads(config: Config, user: string): Promise<number> {
  const remove = removesFiles(config);
  const log = await readLog(config);
  let count = 0;
  try {
    for await (const id of uploadsOf(log, user)) {
      await remove(id);
      count++;
    }
  } finally {
    await log.close();
  }
  return count;
}

async function* uploadsOf(log: Pick<EventStore, "read">, user: string): AsyncGenerator<string, void> {
  const stream = streams.uploads(user);
  for (let from = 0; ;) {
    const page = await log.read(stream, from, "forwards", PAGE);
    // Ids are plain, whatever became of the keys.
    for (const { type, data } of page) if (type === "UploadCreated") yield (data as EventData<"UploadCreated">).id;
    if (page.length < PAGE) return;
    from += PAGE;
  }
}
