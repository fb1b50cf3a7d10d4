import { BroadcastChannel } from "node:worker_threads";
import type { Open } from "../../../ports/awaitable.ts";
import type { EventStore, Metadata, RecordedEvent } from "../../../ports/eventStore.ts";
import { Unavailable } from "../../../ports/faults.ts";
import { bytesOf, describeError, fileNow, isSameFile, logId, openForReading } from "./database.ts";
import { growth, growthChannel } from "./growth.ts";
import { placeOf, positionOf } from "./position.ts";

/** The log without its writing half. */
export type LogReader = Omit<EventStore, "append">;

export type ReaderOptions = {
  /** How often `changed` looks by itself, should a message of the writer be lost: milliseconds. */
  pollMs?: number;
};

const POLL_MS = 1000;

/**
 * Reads the log that another thread of this process writes (or another process: then `changed` learns of its events by polling alone).
 * Throws `Unavailable` where there is no log yet, or none that this version can read.
 */
export function sqliteLogReader(dataDir: string, options: ReaderOptions = {}): Open<LogReader> {
  const { wake, ...reader } = openReader(dataDir, options);
  const grown = new BroadcastChannel(growthChannel(reader.id));
  grown.onmessage = wake;
  grown.unref();
  return {
    ...reader,
    close() {
      grown.close();
      return reader.close();
    },
  };
}

type Row = [place: number, stream: string, revision: number, id: string, type: string, data: string, metadata: string];

/**
 * The reading half on a connection of its own. Every statement runs to its end at once: a read that stays open would keep the
 * write-ahead log from ever beginning anew. `wake`: the log may have grown.
 */
export function openReader(dataDir: string, { pollMs = POLL_MS }: ReaderOptions): Open<LogReader> & { wake(): void } {
  const { db, id } = openForReading(dataDir);
  const file = fileNow(dataDir);
  const columns = "events.place, streams.name, events.revision, events.id, events.type, events.data, events.metadata";
  // `cross join` keeps the order of the two: the events lead.
  const all = db.prepare(
    `select ${columns} from events cross join streams on streams.id = events.stream where events.place > ? order by events.place limit ?`,
  );
  const ofStream = (rest: string) =>
    db.prepare(
      `select ${columns} from streams cross join events on events.stream = streams.id where streams.name = ? and ${rest}`,
    );
  const forwards = ofStream("events.revision >= ? order by events.revision limit ?");
  const backwards = ofStream("events.revision <= ? order by events.revision desc limit ?");
  const lastPlace = db.prepare("select coalesce(max(place), 0) from events");
  const [version] = db.prepare("select sqlite_version()").get() as [string];
  const grown = growth(pollMs);
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

  const recorded = ([place, stream, revision, eventId, type, data, metadata]: Row): RecordedEvent => ({
    id: eventId,
    type,
    data: JSON.parse(data) as unknown,
    metadata: JSON.parse(metadata) as Metadata,
    stream,
    revision,
    position: positionOf(id, place),
  });

  return {
    id,
    origin: positionOf(id, 0),
    read(stream, from, direction, limit) {
      const statement = direction === "forwards" ? forwards : backwards;
      return reading(() => statement.all(stream, from, limit) as Row[]).map(recorded);
    },
    readAll(after, limit) {
      const from = placeOf(id, after);
      const rows = reading(() => all.all(from, limit) as Row[]);
      const next = rows.at(-1)?.[0] ?? from;
      const isTail = rows.length < limit || next >= endPlace();
      return { events: rows.map(recorded), next: positionOf(id, next), isTail };
    },
    async changed(after, signal) {
      const place = placeOf(id, after);
      while (!signal.aborted && endPlace() <= place) await grown.next(signal);
    },
    end: () => positionOf(id, endPlace()),
    idNow: () => (isSameFile(file, fileNow(dataDir)) ? reading(() => logId(db)) : undefined),
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
    async close() {
      if (closed) return;
      closed = true;
      grown.close();
      db.close();
    },
  };
}
