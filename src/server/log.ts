import { randomBytes } from "node:crypto";
import type { EventStoreDbOptions, Identity } from "../adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { renewId } from "../adapters/eventStore/sqlite/database.ts";
import { placeOf } from "../adapters/eventStore/sqlite/position.ts";
import { sqliteEventStore } from "../adapters/eventStore/sqlite/sqliteEventStore.ts";
import { type Audit, sqliteLogReader } from "../adapters/eventStore/sqlite/sqliteLogReader.ts";
import { commandHandler } from "../commands/handle.ts";
import type { Config } from "../config.ts";
import { streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import { decider as settingsDecider } from "../domain/settings.ts";
import type { Awaitable, Open } from "../ports/awaitable.ts";
import { backOff } from "../ports/backoff.ts";
import type { EventStore, Position, RecordedEvent } from "../ports/eventStore.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import type { Logger } from "./logger.ts";

/** Its client is large: loaded where it is used, so that all others start without it. */
const onServer = () => import("../adapters/eventStore/eventstoredb/eventStoreDb.ts");

export const openLog = (
  config: Config,
  logger: Logger,
  onFatal: (error: Error) => void,
  signal: AbortSignal | undefined,
): Promise<Open<EventStore>> =>
  config.eventStoreUrl === undefined
    ? sqliteEventStore(config.dataDir, { onFatal, onProgress: sayingProgress(logger) })
    : openServerLog(config.eventStoreUrl, config.eventStorePrefix, {
        waiting: (why) => logger.warn({}, why),
        ...(signal ? { signal } : {}),
      });

/** How often it is said how far a log of an earlier version is: milliseconds. */
const SAID_MS = 2_000;

const sayingProgress = (logger: Logger): ((done: number, total: number) => void) => {
  let saidAt = performance.now();
  return (done, total) => {
    if (done < total && performance.now() - saidAt < SAID_MS) return;
    saidAt = performance.now();
    logger.info({ done, total }, `the events of the log get checksums: ${done} of ${total} have them`);
  };
};

/**
 * Gives the log another id, so that cursors, views and indexes of before are those of another log. It must be closed. Rejects with `Unavailable`.
 */
export async function renewLog(
  { dataDir, eventStoreUrl: url, eventStorePrefix: prefix = "" }: Config,
  id: string,
): Promise<void> {
  if (url === undefined) renewId(dataDir);
  else await (await onServer()).renewEventStoreDb(url, id, { prefix });
}

/** How long a failed append counts, where none comes after it that could tell more: milliseconds. */
const TROUBLE_MS = 10_000;

/** A log that notices whether it takes appends. `trouble`: why the newest one failed, if it did so a moment ago. */
export function noticing(store: Open<EventStore>): { log: Open<EventStore>; trouble: () => string | undefined } {
  let failed: { why: string; at: number } | undefined;
  return {
    log: {
      ...store,
      append: async (...call) => {
        try {
          const appended = await store.append(...call);
          failed = undefined;
          return appended;
        } catch (error) {
          if (error instanceof Unavailable) failed = { why: explained(error), at: performance.now() };
          throw error;
        }
      },
    },
    trouble: () => (failed && performance.now() - failed.at < TROUBLE_MS ? failed.why : undefined),
  };
}

/**
 * What shapes rows is in the log, so that a replay finds it at the same place. Waits for a log's server that goes away at this very moment, as for one
 * that was away before. Returns the log's end.
 */
export async function recordSettings(
  log: EventStore,
  config: Config,
  logger: Logger,
  now: () => Date,
  signal: AbortSignal = new AbortController().signal,
): Promise<Position> {
  for (let attempt = 0; ; attempt++) {
    try {
      await recordFanoutLimit(log, config, now);
      return await log.end();
    } catch (error) {
      if (config.eventStoreUrl === undefined || !isAway(error)) throw error;
      logger.warn({}, `waiting for EventStoreDB: ${explained(error)}`);
      await backOff(attempt, signal);
      signal.throwIfAborted();
    }
  }
}

const isAway = (error: unknown): boolean =>
  error instanceof Unavailable || (error instanceof Refusal && error.code === "UNAVAILABLE");

async function recordFanoutLimit(log: EventStore, config: Config, now: () => Date): Promise<void> {
  const at = now().toISOString();
  await commandHandler({ log })({
    stream: streams.settings,
    decider: settingsDecider,
    command: { type: "SetFanoutLimit", limit: config.fanoutLimit },
    actorId: "configuration",
    clientMutationId: `fanoutLimit/${at}/${randomBytes(6).toString("hex")}`,
    at,
  });
}

/** Where a thread of this process finds the log. */
export type LogPlace = {
  dataDir: string;
  /** The log's server and which log there; none: the log is in `dataDir`. */
  eventStore: { url: string; prefix: string; identity: Identity } | undefined;
};

export function placeOfLog({ dataDir, eventStoreUrl: url, eventStorePrefix: prefix = "" }: Config, log: EventStore): LogPlace {
  return {
    dataDir,
    eventStore: url === undefined ? undefined : { url, prefix, identity: { id: log.id, origin: log.origin } },
  };
}

/** A reader of the log for a thread beside the one that appends. */
export const readerAt = async ({ dataDir, eventStore }: LogPlace) =>
  eventStore ? (await onServer()).eventStoreDbReader(eventStore.url, eventStore, eventStore.identity) : sqliteLogReader(dataDir);

/** The same, of which is known what was acknowledged a moment ago. */
export const leaderAt = async ({ dataDir, eventStore }: LogPlace) =>
  eventStore
    ? (await onServer()).eventStoreDbReader(eventStore.url, eventStore, eventStore.identity, "leader")
    : sqliteLogReader(dataDir);

/** The log for reading alone, also while a server writes it. Rejects with `Unavailable` where there is none, or none can be reached. */
export const readLog = async (config: Config) =>
  config.eventStoreUrl === undefined
    ? readEmbeddedLog(config)
    : (await onServer()).eventStoreDbReader(config.eventStoreUrl, {
        prefix: config.eventStorePrefix ?? "",
        patienceMs: PATIENCE_MS,
      });

/**
 * The log, to be read whole: of each page how many events it has and what is wrong with them. Of EventStoreDB, which keeps no checksum for us, it is asked
 * whether each event has a shape that this version knows. Rejects with `Unavailable` where there is none, or none can be reached.
 */
export async function auditedLog(config: Config): Promise<Open<Pick<EventStore, "origin" | "end"> & Audited>> {
  if (config.eventStoreUrl === undefined) return readEmbeddedLog(config);
  const log = await readLog(config);
  return {
    ...log,
    checked: true,
    audit: async (after, limit) => {
      const { events, next, isTail } = await log.readAll(after, limit);
      const faults = events.flatMap((event) => {
        const what = shapeFault(event);
        return what === undefined ? [] : [{ position: event.position, what }];
      });
      return { events: events.length, next, isTail, faults };
    },
  };
}

type Audited = { checked: boolean; audit(after: Position, limit: number): Awaitable<Audit> };

function shapeFault(event: RecordedEvent): string | undefined {
  try {
    parseEvent(event);
    return undefined;
  } catch (error) {
    return `the ${event.type} (revision ${event.revision} of ${event.stream}) has a shape that it cannot have: ${(error as Error).message}`;
  }
}

/** The embedded log of DATA_DIR, whatever else is configured. Throws `Unavailable` where there is none. */
export const readEmbeddedLog = ({ dataDir }: Config) => sqliteLogReader(dataDir);

/** How many events of the embedded log lie up to a position of it: its places are numbered without a gap. */
export const countUpTo = (logId: string, position: Position): number => placeOf(logId, position);

/** The log on the EventStoreDB at `url`, and how it is waited for; see `eventStoreDb`. */
export const openServerLog = async (
  url: string,
  prefix: string | undefined,
  wait: Pick<EventStoreDbOptions, "waiting" | "patienceMs" | "signal">,
) => (await onServer()).eventStoreDb(url, { ...wait, prefix: prefix ?? "" });

/** How long a command waits for the log's server before it says that it cannot be reached: milliseconds. */
const PATIENCE_MS = 5_000;
