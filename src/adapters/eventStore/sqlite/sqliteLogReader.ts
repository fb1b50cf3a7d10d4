import type { Open } from "../../../ports/awaitable.ts";
import type { EventStore, LogPage, Position, RecordedEvent } from "../../../ports/eventStore.ts";
import { Damaged, Unavailable } from "../../../ports/faults.ts";
import type { StoredEvent, StoredEvents } from "../../../ports/storedEvents.ts";
import { type EventTexts, metadataIn } from "../texts.ts";
import { checksumOf } from "./checksum.ts";
import { bytesOf, describeError, fileNow, isSameFile, logFile, logId, openForReading } from "./database.ts";
import { type Growth, type GrowthEnd, growth, toldGrowth } from "./growth.ts";
import { placeOf, positionOf } from "./position.ts";

/** The log without `append`. */
export type LogReader = Omit<EventStore, "append"> &
  StoredEvents & {
    /**
     * Checks at most `limit` events after a position. Reports every event that is missing or not as it was stored. Throws
     * `Unavailable`.
     */
    audit(after: Position, limit: number): Audit;
    /** Whether every event has a checksum. Events of earlier versions get one when the log is next opened for writing. */
    readonly checked: boolean;
  };

export type Audit = { events: number; next: Position; isTail: boolean; faults: { position: Position; what: string }[] };

export type ReaderOptions = {
  /** How often `changed` looks by itself, in milliseconds, in case a message of the writer is lost. */
  pollMs?: number;
};

const POLL_MS = 1000;

/**
 * Reads a log that another thread of this process writes. `told`: made by that thread's log. Without it, `changed` learns of new
 * events only by polling, as where another process writes the log. Throws `Unavailable` if there is no log yet, or if this
 * version cannot read it.
 */
export function sqliteLogReader(dataDir: string, options: ReaderOptions = {}, told?: GrowthEnd): Open<LogReader> {
  const growthOf = told === undefined ? growth : (pollMs: number) => toldGrowth(told, pollMs);
  const { wake: _, soundRows: __, ...reader } = openReader(dataDir, options, growthOf);
  return reader;
}

type Row = [place: number, stream: string, revision: number, ...texts: EventTexts, checksum: number | null];

/**
 * The same for pages of the whole log. `text`: the id, the metadata and the data, with a line feed between them: neither an id
 * nor JSON as it is stored holds one. To fetch one text costs half as much as to fetch three.
 */
export type PageRow = [place: number, stream: string, revision: number, type: string, text: string, checksum: number | null];

/** The parts of a page's row, in the order in which checksums take them. */
export function textsIn(row: Readonly<PageRow>): EventTexts {
  const type = row[3];
  const text = row[4];
  const idEnd = text.indexOf("\n");
  const metadataEnd = text.indexOf("\n", idEnd + 1);
  return [text.slice(0, idEnd), type, text.slice(metadataEnd + 1), text.slice(idEnd + 1, metadataEnd)];
}

/** A page as it is stored: rows whose checksums were checked, the place of the last one, and whether the log ends there. */
export type RowPage = { rows: readonly PageRow[]; next: number; isTail: boolean };

/**
 * The reading part, on its own connection. Every statement runs to its end at once: an open read would keep the write-ahead log
 * from starting again at its beginning. `wake`: call it when the log may have grown. `soundRows`: as `readAll`, but nothing is
 * parsed, and places stand for positions.
 */
export function openReader(
  dataDir: string,
  { pollMs = POLL_MS }: ReaderOptions,
  growthOf: (pollMs: number) => Growth = growth,
): Open<LogReader> & { wake(): void; soundRows(after: number, limit: number): RowPage } {
  const { db, id, checked } = openForReading(dataDir);
  const path = logFile(dataDir);
  const file = fileNow(path);
  const checksum = checked ? "events.checksum" : "null";
  const columns = `events.place, streams.name, events.revision, events.id, events.type, events.data, events.metadata, ${checksum}`;
  const text = "concat_ws(char(10), events.id, events.metadata, events.data)";
  // `cross join` fixes the order of the two tables: events first.
  const all = db.prepare(
    `select events.place, streams.name, events.revision, events.type, ${text}, ${checksum} from events cross join streams on streams.id = events.stream where events.place > ? order by events.place limit ?`,
  );
  const ofStream = (rest: string) =>
    db.prepare(
      `select ${columns} from streams cross join events on events.stream = streams.id where streams.name = ? and ${rest}`,
    );
  const forwards = ofStream("events.revision >= ? order by events.revision limit ?");
  const backwards = ofStream("events.revision <= ? order by events.revision desc limit ?");
  const lastPlace = db.prepare("select coalesce(max(place), 0) from events");
  const [version] = db.prepare("select sqlite_version()").get() as [string];
  const grown = growthOf(pollMs);
  let closed = false;

  const reading = <T>(read: () => T): T => {
    if (closed) throw new Unavailable("the log is closed");
    try {
      return read();
    } catch (error) {
      throw new Unavailable(`the log in ${dataDir} cannot be read: ${describeError(error)}`, "nothing", { cause: error });
    }
  };

  const endPlace = (): number => reading(() => (lastPlace.get() as [number])[0]);

  /** What is wrong with an event. Undefined: nothing. */
  const damageOf = (
    place: number,
    stream: string,
    revision: number,
    texts: EventTexts,
    checksum: number | null,
  ): string | undefined =>
    checked && checksumOf(place, stream, revision, texts) !== checksum
      ? `the event at ${positionOf(id, place)} (revision ${revision} of ${stream}, ${texts[1]}) is not what was stored: its checksum differs. ` +
        "Restore the log from a backup (tidings restore); tidings verify log lists every such event"
      : undefined;

  const damageIn = (row: PageRow): string | undefined => damageOf(row[0], row[1], row[2], textsIn(row), row[5]);

  const assertNone = (place: number, damage: string | undefined): void => {
    if (damage !== undefined) throw new Damaged(positionOf(id, place), damage);
  };

  /** An event of a stream. Throws `Damaged`. */
  const recorded = ([place, stream, revision, eventId, type, data, metadata, sum]: Row): RecordedEvent => {
    assertNone(place, damageOf(place, stream, revision, [eventId, type, data, metadata], sum));
    return recordedFrom(id, place, stream, revision, [eventId, type, data, metadata]);
  };

  /** How many rows lie before the first damaged one. Throws `Damaged` if the very first one is damaged. */
  const soundOnes = (rows: readonly PageRow[]): number => {
    const damaged = rows.findIndex((row) => damageIn(row) !== undefined);
    const [first] = rows;
    if (first && damaged === 0) assertNone(first[0], damageIn(first));
    return damaged < 0 ? rows.length : damaged;
  };

  /** The events of these types, and what is told of the others, which are not parsed. */
  const eventsOf = (rows: readonly PageRow[], types: ReadonlySet<string> | undefined): Pick<LogPage, "events" | "skipped"> => {
    const events: RecordedEvent[] = [];
    let newest: PageRow | undefined;
    for (const row of rows) {
      if (types === undefined || types.has(row[3])) events.push(recordedFrom(id, row[0], row[1], row[2], textsIn(row)));
      else newest = row;
    }
    if (!newest) return { events };
    const [place, stream, revision] = newest;
    const [eventId] = textsIn(newest);
    return {
      events,
      skipped: { count: rows.length - events.length, newest: { position: positionOf(id, place), stream, revision, id: eventId } },
    };
  };

  const storedFrom = (row: PageRow): StoredEvent => {
    const [eventId, type, data, metadata] = textsIn(row);
    return { position: positionOf(id, row[0]), stream: row[1], revision: row[2], id: eventId, type, data, metadata };
  };

  const soundRows = (from: number, limit: number): RowPage => {
    const rows = reading(() => all.all(from, limit) as PageRow[]);
    const sound = soundOnes(rows);
    const next = rows[sound - 1]?.[0] ?? from;
    const isTail = sound === rows.length && (rows.length < limit || next >= endPlace());
    return { rows: sound === rows.length ? rows : rows.slice(0, sound), next, isTail };
  };

  return {
    id,
    origin: positionOf(id, 0),
    read(stream, from, direction, limit) {
      const statement = direction === "forwards" ? forwards : backwards;
      return reading(() => statement.all(stream, from, limit) as Row[]).map(recorded);
    },
    readAll(after, limit, types) {
      const { rows, next, isTail } = soundRows(placeOf(id, after), limit);
      return { ...eventsOf(rows, types), next: positionOf(id, next), isTail };
    },
    readStored(after, limit, sound) {
      const from = placeOf(id, after);
      if (sound) {
        const page = soundRows(from, limit);
        return { events: page.rows.map(storedFrom), next: positionOf(id, page.next), isTail: page.isTail };
      }
      const rows = reading(() => all.all(from, limit) as PageRow[]);
      return {
        events: rows.map(storedFrom),
        next: positionOf(id, rows[rows.length - 1]?.[0] ?? from),
        isTail: rows.length < limit,
      };
    },
    audit(after, limit) {
      const from = placeOf(id, after);
      const rows = reading(() => all.all(from, limit) as PageRow[]);
      const faults: Audit["faults"] = [];
      let at = from;
      for (const row of rows) {
        const [place] = row;
        if (place > at + 1)
          faults.push({ position: positionOf(id, at + 1), what: `${place - at - 1} events are missing from here on` });
        const what = damageIn(row);
        if (what !== undefined) faults.push({ position: positionOf(id, place), what });
        at = place;
      }
      return { events: rows.length, next: positionOf(id, at), isTail: rows.length < limit, faults };
    },
    checked,
    async changed(after, signal) {
      const place = placeOf(id, after);
      while (!signal.aborted) {
        grown.expect();
        if (endPlace() > place) return;
        await grown.next(signal);
      }
    },
    end: () => positionOf(id, endPlace()),
    idNow: () => (isSameFile(file, fileNow(path)) ? reading(() => logId(db)) : undefined),
    async status() {
      const status = { kind: "sqlite" as const, version };
      try {
        endPlace();
        return { ...status, reachable: true, bytes: bytesOf(dataDir) };
      } catch (error) {
        return { ...status, reachable: false, detail: (error as Error).message };
      }
    },
    wake: grown.wake,
    soundRows,
    async close() {
      if (closed) return;
      closed = true;
      grown.close();
      db.close();
    },
  };
}

/** An event of a log, from its stored parts. */
export const recordedFrom = (
  logId: string,
  place: number,
  stream: string,
  revision: number,
  [id, type, data, metadata]: readonly [string, string, string, string, ...unknown[]],
): RecordedEvent => ({
  id,
  type,
  data: JSON.parse(data) as unknown,
  metadata: metadataIn(metadata),
  stream,
  revision,
  position: positionOf(logId, place),
});
