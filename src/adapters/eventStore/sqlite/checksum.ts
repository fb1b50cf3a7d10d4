import { crc32 } from "node:zlib";
import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import type { EventTexts } from "../texts.ts";

/**
 * The checksum that is stored beside an event and computed again at each read. It is a CRC-32 of the event's place, stream,
 * revision and texts (as UTF-8). It reveals a changed byte, a row of another event, and a moved row. It does not protect against
 * someone who changes both the event and the checksum.
 */
export function checksumOf(place: number, stream: string, revision: number, [id, type, data, metadata]: EventTexts): number {
  // In one call, because each call costs more than joining the texts.
  return crc32(`${place}\0${stream}\0${revision}\0${id}\0${type}\0${data.length}\0${data}${metadata}`);
}

/** How many events get their checksum in one transaction. */
const BATCH = 4_000;
/** After so many batches, the write-ahead log is copied into the database. */
const COPY_AFTER = 4;

type Row = [place: number, stream: string, revision: number, ...texts: EventTexts];

/**
 * Adds a checksum to every event of an older log, in log order. Each batch is one transaction: if it is interrupted, the next
 * call continues from there. `progress`: called after each batch, with counts of events.
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
