import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { search } from "../../projections/search/search.ts";
import {
  backUpLog,
  type Contents,
  contentsOf,
  copyOfLog,
  idOfLog,
  prepareRestored,
  toDisk,
} from "../adapters/eventStore/sqlite/backup.ts";
import type { Config } from "../config.ts";
import { explained } from "../ports/faults.ts";
import { usableDirectory } from "./dataDir.ts";
import type { Logger } from "./logger.ts";
import { openIndexForWriting, placeOfSearch } from "./searchIndex.ts";
import { openViews, VIEWS } from "./views.ts";

type Progress = (done: number, total: number) => void;

/** Stands in DATA_DIR while a restore is under way: what lies there is half of one log and half of another. */
const MARKER = "RESTORING";

/** Throws an `Error` that says what to do where a restore of DATA_DIR was begun and not finished. */
export function refuseHalfRestored(dataDir: string): void {
  if (existsSync(join(dataDir, MARKER)))
    throw new Error(
      `DATA_DIR ${dataDir} is half restored: run "tidings restore FILE" again, to its end, before a server starts there`,
    );
}

function refuseServerLog({ eventStoreUrl }: Config, order: string): void {
  if (eventStoreUrl !== undefined)
    throw new Error(
      `the log is on EventStoreDB: ${order} its database as its documentation says (docs/operations.md), or unset EVENTSTORE_URL for the log embedded in DATA_DIR`,
    );
}

/** What a backup holds, and where its secret is, if not in it. */
export type BackedUp = Contents & { file: string; secretElsewhere: string | undefined };

/**
 * Copies the embedded log and the secret that was made for it into a new file, also while a server runs. Rejects with an `Error` that says what to do where
 * that cannot be.
 */
export async function backUp(config: Config, to: string, progress: Progress): Promise<BackedUp> {
  refuseServerLog(config, "back up");
  refuseHalfRestored(config.dataDir);
  const file = resolve(to);
  if (existsSync(file)) throw new Error(`${file} is there already: give the name of a new file`);
  const { secret: given, jwksUrl } = config.auth;
  const secretElsewhere = given === undefined ? (jwksUrl === undefined ? undefined : "AUTH_JWKS_URL") : "AUTH_SECRET";
  const secret = secretElsewhere === undefined ? await secretIn(config.dataDir) : undefined;
  return { ...(await backUpLog(config.dataDir, file, secret, progress)), file, secretElsewhere };
}

export type Restored = { events: number; aside: string | undefined; secret: boolean };

/** What of DATA_DIR belongs to its log, or is made from it. */
const OF_THE_LOG = [
  "log.sqlite",
  "log.sqlite-wal",
  "log.sqlite-shm",
  VIEWS,
  "search.sqlite",
  "search.sqlite-wal",
  "search.sqlite-shm",
];
const SECRET = "secret";
const STAGED = "log.sqlite.restoring";

/**
 * Puts a backup in the place of the embedded log, under a new id, so that whoever knows more than it holds is of another log. What was there is set aside in
 * DATA_DIR, with what was folded from it; nothing is deleted. Interrupted, it is to be run again. Rejects with an `Error` that says what to do: where a
 * server runs, where the file is no log, where it is damaged.
 */
export async function restore(config: Config, from: string, logger: Logger, progress: Progress): Promise<Restored> {
  refuseServerLog(config, "restore");
  const { dataDir } = config;
  const file = resolve(from);
  await usableDirectory(dataDir);
  const { events, damaged, faults, secret } = contentsOf(file, progress);
  if (damaged > 0)
    throw new Error(
      `${file} is damaged, and nothing was changed; ${damaged} faults:\n${faults.map((fault) => `  ${fault}`).join("\n")}`,
    );
  // Held until nobody can start here any more: then the marker keeps servers away.
  const held = await openViews(dataDir, logger);
  const path = (name: string): string => join(dataDir, name);
  try {
    await writeFile(path(MARKER), `${file}\n`, { mode: 0o600 });
    await toDisk(dataDir);
  } finally {
    await held.close();
  }
  await rm(path(STAGED), { force: true });
  copyOfLog(file, path(STAGED));
  await chmod(path(STAGED), 0o600);
  await prepareRestored(path(STAGED));

  const before = existsSync(path("log.sqlite")) ? idOfLog(path("log.sqlite")) : undefined;
  const changesSecret = secret !== undefined && secret !== (await secretIn(dataDir));
  const aside = await setAside(dataDir, [...OF_THE_LOG, ...(changesSecret ? [SECRET] : [])]);
  await rename(path(STAGED), path("log.sqlite"));
  if (changesSecret) await writeSecret(dataDir, secret);
  await toDisk(dataDir);
  await rm(path(MARKER));
  await toDisk(dataDir);
  if (before !== undefined && config.elasticsearchUrl !== undefined) await dropIndexes(config, before, logger);
  return { events, aside, secret: secret !== undefined };
}

async function secretIn(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, SECRET), "utf8").catch(() => "");
  return text.trim() === "" ? undefined : text.trim();
}

async function writeSecret(dataDir: string, secret: string): Promise<void> {
  const half = join(dataDir, `${SECRET}.${randomBytes(6).toString("hex")}`);
  await writeFile(half, `${secret}\n`, { mode: 0o600, flag: "wx" });
  await toDisk(half);
  await rename(half, join(dataDir, SECRET));
}

/** Moves what is there of these into a new directory of DATA_DIR; undefined where nothing is. */
async function setAside(dataDir: string, names: readonly string[]): Promise<string | undefined> {
  const there = names.filter((name) => existsSync(join(dataDir, name)));
  if (there.length === 0) return undefined;
  let number = 1;
  while (existsSync(join(dataDir, `before-restore-${number}`))) number++;
  const aside = join(dataDir, `before-restore-${number}`);
  await mkdir(aside, { mode: 0o700 });
  for (const name of there) await rename(join(dataDir, name), join(aside, name));
  await toDisk(aside);
  return aside;
}

/** Indexes of the log that was there are of no use to the one that is there now, which has others. */
async function dropIndexes(config: Config, logId: string, logger: Logger): Promise<void> {
  const place = placeOfSearch(config, { id: logId });
  try {
    const index = await openIndexForWriting(place, new AbortController().signal, () => {});
    if (!index) return;
    try {
      for (let version = 1; version <= search.version; version++)
        for (const { name } of await index.generations(`${search.name}@${version}`)) await index.drop(name);
    } finally {
      await index.close();
    }
  } catch (error) {
    logger.warn(
      { why: explained(error) },
      `the indexes of the log that was there could not be removed from Elasticsearch: those that begin with ${place.elasticsearch?.prefix ?? ""}- are of no use any more`,
    );
  }
}
