import type { Open } from "../../../ports/awaitable.ts";
import type { EventStore, NewEvent } from "../../../ports/eventStore.ts";
import { Unavailable, WrongExpectedRevision } from "../../../ports/faults.ts";
import { makeDirectory } from "../../directory.ts";
import { type EventTexts, json, uuid } from "../texts.ts";
import { type GrowthEnd, growthChannel } from "./growth.ts";
import { openReader, type ReaderOptions } from "./sqliteLogReader.ts";
import { positionOf } from "./position.ts";
import { startWriterThread, type WriterThreadOptions } from "./writerThread.ts";

export type SqliteEventStoreOptions = WriterThreadOptions &
  ReaderOptions & {
    /** The maximum size of the log's database, in pages of 4 KiB. Without it, only the disk limits it. */
    maxPages?: number;
  };

export type SqliteEventStore = EventStore & { told(): GrowthEnd };

/** The maximum length of an event's data, or of its metadata, as JSON: in UTF-16 code units. */
const MAX_TEXT = 16 * 1024 * 1024;

/**
 * The log in `dataDir`, which is created if it is missing. It is stored in SQLite. A separate thread writes it, and the calling
 * thread reads it. Once an append resolves, it is durable (fsync). Other threads read the same log with `sqliteLogReader`. For
 * each of them, `told` makes what it takes to be told at once when the log has grown. Its port is transferred to that thread.
 * Rejects with `Unavailable` if the log cannot be opened; the message says what to do.
 */
export async function sqliteEventStore(dataDir: string, options: SqliteEventStoreOptions = {}): Promise<Open<SqliteEventStore>> {
  makeFolder(dataDir);
  let wake = (): void => undefined;
  const onGroup = (appends: number, commitMs: number): void => {
    wake();
    options.onGroup?.(appends, commitMs);
  };
  const writer = await startWriterThread({ dataDir, maxPages: options.maxPages }, { ...options, onGroup });
  try {
    const { wake: wakeReader, ...reader } = openReader(dataDir, options);
    wake = wakeReader;
    return {
      ...reader,
      async append(stream, events, expected) {
        const outcome = await writer.append({ stream: storable(stream), expected, events: textsOf(events) });
        if ("place" in outcome) {
          const { revision, place, found } = outcome;
          const position = positionOf(reader.id, place);
          if (found) return { revision, position };
          if (events.length === 1) return { revision, position, positions: [position] };
          const positions = events.map((_, index) => positionOf(reader.id, place - events.length + 1 + index));
          return { revision, position, positions };
        }
        throw new WrongExpectedRevision(stream, Number(expected), outcome.actual);
      },
      told() {
        const channel = growthChannel();
        writer.tell(channel.writer);
        return channel.reader;
      },
      async close() {
        await writer.close();
        await reader.close();
      },
    };
  } catch (error) {
    await writer.close();
    throw error;
  }
}

function makeFolder(dataDir: string): void {
  try {
    makeDirectory(dataDir);
  } catch (error) {
    const why = (error as Error).message;
    throw new Unavailable(
      `DATA_DIR ${dataDir} cannot be created: make it a folder that this user can write to; ${why}`,
      "nothing",
      {
        cause: error,
      },
    );
  }
}

/** Events as text. They are converted at once, because the caller may change them while it waits. */
function textsOf(events: readonly NewEvent[]): EventTexts[] {
  if (events.length === 0) throw new TypeError("an append has at least one event");
  return events.map(({ id, type, data, metadata }) => [uuid(id), storable(type), bounded(json(data)), bounded(json(metadata))]);
}

function bounded(text: string): string {
  if (text.length > MAX_TEXT) throw new RangeError(`an event's data may have ${MAX_TEXT} characters as JSON, not ${text.length}`);
  return text;
}

/** Checks a name. SQLite's binding would cut a text at U+0000 and change a lone surrogate, so that two names would become one. */
function storable(name: string): string {
  if (/[\0\p{Surrogate}]/u.test(name))
    throw new TypeError(`${JSON.stringify(name)} is no name: it has U+0000 or half a character`);
  return name;
}
