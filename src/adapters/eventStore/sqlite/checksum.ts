import { crc32 } from "node:zlib";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { EventTexts } from "../texts.ts";

/**
 * What stands beside an event and is made again whenever it is read: a CRC-32 of its place, its stream, its revision and its texts as UTF-8. A changed byte, a
 * row that is another's, or one that was moved, does not go through; it is no seal against somebody who changes both.
 */
export function checksumOf(place: number, stream: string, revision: number, [id, type, data, metadata]: EventTexts): number {
  // In one call: each costs more than the joining of the texts.
  return crc32(`${place}\0${stream}\0${revision}\0${id}\0${type}\0${data.length}\0${data}${metadata}`);
}

/** Events that get theirs in one transaction. */
const BATCH = 4_000;
/** Batches after which the write-ahead log is copied into the database. */
const COPY_AFTER = 4;

type Row = [place: number, stream: string, revision: number, ...texts: EventTexts];

/**
 * Gives every event of an older log its checksum, in log order and in batches, each in a transaction of its own: where it is interrupted it goes on from there.
 * `progress`: told after each batch, in events.
 */
export function addChecksums(db: DatabaseSyncInstance, progress: (done: number, total: number) => void): void {
  const columns = db.prepare("pragma table_info(events)").all() as unknown[][];
  if (!columns.some((column) => column.includes("checksum"))) db.exec("alter table events add column checksum integer");
  const one = (sql: string): number => ((db.prepare(sql).get() as [number] | undefined) ?? [0])[0];
  const total = one("select coalesce(max(place), 0) from events");
  const first = one("select place from events where checksum is null order by place limit 1");
  if (first === 0) return;
  const next = db.prepare(
    `select events.place, streams.name, events.revision, events.id, events.type, events.data, events.metadata
     from events cross join streams on streams.id = events.stream where events.place > ? order by events.place limit ${BATCH}`,
  );
  const put = db.prepare("update events set checksum = ? where place = ?");
  for (let done = first - 1, batches = 1; ; batches++) {
    const rows = next.all(done) as Row[];
    const last = rows.at(-1);
    if (last === undefined) return;
    db.exec("begin immediate");
    for (const [place, stream, revision, ...texts] of rows) put.run(checksumOf(place, stream, revision, texts), place);
    db.exec("commit");
    if (batches % COPY_AFTER === 0) db.exec("pragma wal_checkpoint(passive)");
    done = last[0];
    progress(done, total);
  }
}
