import { randomBytes } from "node:crypto";
import { link, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import type { EventTexts } from "../texts.ts";
import { checksumOf } from "./checksum.ts";
import { BUSY_MS, giveNewId, isChecked, logFile, logId, openCopy } from "./database.ts";

/** Events read at a time. */
const PAGE = 2_000;

type Progress = (done: number, total: number) => void;

/**
 * The content of a file that holds a log. `damaged`: how many events are not as they were stored, or are missing. `faults`: the
 * first of these, in words.
 */
export type Contents = { events: number; damaged: number; faults: string[]; secret: string | undefined };

/**
 * Copies the log of `dataDir` and a secret into a new file that only this user can read. A server may write the log meanwhile.
 * Everything that was acknowledged before the call is in the copy. One transaction in this process reads it all, so that no
 * append waits. Once the promise resolves, the whole file is on the disk; before that it does not exist. Rejects if the file
 * exists already.
 */
export async function backUpLog(
  dataDir: string,
  file: string,
  secret: string | undefined,
  progress: Progress,
): Promise<Contents> {
  const half = `${file}.${randomBytes(6).toString("hex")}.half`;
  const made = await open(half, "wx", 0o600);
  await made.close();
  try {
    copyOfLog(logFile(dataDir), half);
    const copy = new DatabaseSync(half, { timeout: BUSY_MS, returnArrays: true });
    try {
      copy.exec("pragma journal_mode = delete; create table if not exists backup (secret text)");
      copy.prepare("insert into backup (secret) values (?)").run(secret ?? null);
    } finally {
      copy.close();
    }
    const contents = contentsOf(half, progress);
    await toDisk(half);
    // Unlike a rename, a link does not replace an existing file.
    await link(half, file);
    await toDisk(dirname(file));
    return contents;
  } finally {
    await rm(half, { force: true });
  }
}

/**
 * Copies a log, with the content of its write-ahead log, into a file that is empty or does not exist. Throws `Unavailable` if the
 * source is no log.
 */
export function copyOfLog(from: string, to: string): void {
  const source = openCopy(from);
  try {
    source.prepare("vacuum into ?").run(to);
  } finally {
    source.close();
  }
}

/** The id of a log that nobody has open. Undefined if it cannot be read. */
export function idOfLog(file: string): string | undefined {
  try {
    const db = openCopy(file);
    try {
      return logId(db);
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

/** Reads all of a backup, or of any other copy of a log. Throws `Unavailable` if it is no log. */
export function contentsOf(file: string, progress: Progress): Contents {
  const db = openCopy(file);
  try {
    const [total] = db.prepare("select count(*) from events").get() as [number];
    const [tables] = db.prepare("select count(*) from sqlite_schema where type = 'table' and name = 'backup'").get() as [number];
    const [secret] = tables === 0 ? [null] : ((db.prepare("select secret from backup").get() ?? [null]) as [string | null]);
    const { damaged, faults } = auditOf(db, total, progress);
    return { events: total, damaged, faults, secret: secret ?? undefined };
  } finally {
    db.close();
  }
}

/** Turns a copy of a log into a log for DATA_DIR: gives it a new id, and removes the parts of a backup. */
export async function prepareRestored(file: string): Promise<void> {
  const db = new DatabaseSync(file, { timeout: BUSY_MS, returnArrays: true });
  try {
    db.exec("pragma journal_mode = delete; pragma synchronous = full; drop table if exists backup");
    giveNewId(db);
  } finally {
    db.close();
  }
  await toDisk(file);
}

export async function toDisk(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** How many faults are described in words. */
const TOLD = 20;

type Row = [place: number, stream: string, revision: number, ...texts: EventTexts, checksum: number | null];

function auditOf(db: DatabaseSyncInstance, total: number, progress: Progress): { damaged: number; faults: string[] } {
  const faults: string[] = [];
  let damaged = 0;
  const say = (what: string): void => {
    damaged++;
    if (faults.length < TOLD) faults.push(what);
  };
  if (!isChecked(db)) return { damaged, faults };
  const next = db.prepare(
    `select events.place, streams.name, events.revision, events.id, events.type, events.data, events.metadata, events.checksum
     from events cross join streams on streams.id = events.stream where events.place > ? order by events.place limit ${PAGE}`,
  );
  let at = 0;
  for (let done = 0; done < total;) {
    const rows = next.all(at) as Row[];
    if (rows.length === 0) break;
    for (const [place, stream, revision, id, type, data, metadata, checksum] of rows) {
      if (place !== at + 1) say(`${place - at - 1} events are missing before number ${place}`);
      if (checksumOf(place, stream, revision, [id, type, data, metadata]) !== checksum)
        say(`event ${place} (revision ${revision} of ${stream}, ${type}) is not what was stored`);
      at = place;
    }
    done += rows.length;
    progress(done, total);
  }
  return { damaged, faults };
}
