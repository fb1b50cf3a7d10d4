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
import { holdDataDir, VIEWS } from "./views.ts";

type Progress = (done: number, total: number) => void;

/** This file is in DATA_DIR during a restore. While it is there, the files may be partly of one log and partly of another. */
const MARKER = "RESTORING";

/** Throws an `Error` that says what to do if a restore of DATA_DIR was begun and not finished. */
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

/** What a backup holds. `secretElsewhere`: the setting that holds the secret, if the backup does not. */
export type BackedUp = Contents & { file: string; secretElsewhere: string | undefined };

/**
 * Copies the embedded log, and the secret that was made with it, into a new file. A server may run meanwhile. If that is not
 * possible, it rejects with an `Error` that says what to do.
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

/** The files of DATA_DIR that belong to its log or are made from it. */
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
 * Replaces the embedded log with a backup. The log gets a new id: so a client or a view that knows events beyond the backup sees
 * that this is another log. The former log and everything made from it are moved aside within DATA_DIR; nothing is deleted. If
 * the restore is interrupted, it must be run again. Rejects with an `Error` that says what to do if a server runs, if the file is
 * no log, or if it is damaged.
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
  // Held until the marker is on disk. From then on, the marker keeps servers from starting here.
  const held = await holdDataDir(config, logger);
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

/** Moves those of these files that exist into a new directory in DATA_DIR. Returns its path, or undefined if none exists. */
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

/** Removes the indexes of the former log. They are of no use to the restored log, which has its own. */
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
      `the indexes of the former log could not be removed from Elasticsearch: those that begin with ${place.elasticsearch?.prefix ?? ""}- may be deleted`,
    );
  }
}
