import { randomBytes } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import type { EventStoreDbOptions, Identity } from "../adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { renewId } from "../adapters/eventStore/sqlite/database.ts";
import type { GrowthEnd } from "../adapters/eventStore/sqlite/growth.ts";
import { placeOf } from "../adapters/eventStore/sqlite/position.ts";
import { readAhead, startReadAhead } from "../adapters/eventStore/sqlite/readAhead.ts";
import { sqliteEventStore } from "../adapters/eventStore/sqlite/sqliteEventStore.ts";
import { type Audit, sqliteLogReader } from "../adapters/eventStore/sqlite/sqliteLogReader.ts";
import { commandHandler } from "../commands/handle.ts";
import type { Config } from "../config.ts";
import { streams } from "../domain/ids.ts";
import { parseEvent } from "../domain/recorded.ts";
import { Refusal } from "../domain/refusal.ts";
import { type Command as SettingsCommand, decider as settingsDecider } from "../domain/settings.ts";
import type { Awaitable, Open } from "../ports/awaitable.ts";
import { backOff } from "../ports/backoff.ts";
import { type Durations, durations } from "../ports/durations.ts";
import type { EventStore, Position, RecordedEvent } from "../ports/eventStore.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import { readThrough, sealedLog } from "../sealing/sealedLog.ts";
import { agreedEncryption, type KeysPlace, openVault, placeOfKeys } from "./keys.ts";
import type { Logger } from "./logger.ts";

/** The client is large, so it is loaded only where it is used. Other servers start without it. */
const onServer = () => import("../adapters/eventStore/eventstoredb/eventStoreDb.ts");

/**
 * The embedded log also makes what a reader in another thread needs to be told when it has grown, and a log on a server what it
 * needs to share this process's subscription.
 */
export type Log = Open<EventStore> & { told?: () => GrowthEnd; fed?: () => MessagePort };

/**
 * `synced`: how long fsyncs of the embedded log took is counted here. Rejects with an `Error` that says what to do if the log is
 * sealed and its keys are not here.
 */
export async function openLog(
  config: Config,
  logger: Logger,
  onFatal: (error: Error) => void,
  signal: AbortSignal | undefined,
  synced?: Durations,
): Promise<Log> {
  const log = await openStored(config, logger, onFatal, signal, synced);
  const vault = await openVault(placeOfKeys(config));
  let seals = false;
  const opened = sealedLog(log, vault, () => seals);
  try {
    // Before anything is read that may be sealed.
    seals = await agreedEncryption(opened, vault, config, logger, () => new Date(), signal);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The log as it is stored. */
const openStored = (
  config: Config,
  logger: Logger,
  onFatal: (error: Error) => void,
  signal: AbortSignal | undefined,
  synced: Durations | undefined,
): Promise<Log> =>
  config.eventStoreUrl === undefined
    ? sqliteEventStore(config.dataDir, {
        onFatal,
        onProgress: sayingProgress(logger),
        onCopierLost: (error) =>
          logger.error(
            { err: error },
            "the thread that copies the log's write-ahead log has ended: until the next start, appends wait for its copies",
          ),
        onGroup: (_appends, commitMs) => synced?.add(commitMs / 1_000),
      })
    : openServerLog(config.eventStoreUrl, config.eventStorePrefix, {
        waiting: (why) => logger.warn({}, why),
        ...(signal ? { signal } : {}),
      });

/** How often to log the progress when an older log gets its checksums, in milliseconds. */
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
 * Gives the log another id. Then existing cursors, views and indexes belong to another log. The log must be closed. Rejects with
 * `Unavailable`.
 */
export async function renewLog(
  { dataDir, eventStoreUrl: url, eventStorePrefix: prefix = "" }: Config,
  id: string,
): Promise<void> {
  if (url === undefined) renewId(dataDir);
  else await (await onServer()).renewEventStoreDb(url, id, { prefix });
}

/** How long a failed append counts as trouble if no other append follows it, in milliseconds. */
const TROUBLE_MS = 10_000;

/**
 * A log that notes whether it takes appends, and how long they take. `trouble`: why the newest append failed, if that was a
 * moment ago. `appended`: how long those took that were stored.
 */
export function noticing(
  store: Log,
  stored: (stream: string) => void = () => {},
): {
  log: Log;
  trouble: () => string | undefined;
  appended: Durations;
} {
  let failed: { why: string; at: number } | undefined;
  const appended = durations();
  return {
    appended,
    log: {
      ...store,
      append: async (stream, events, expected) => {
        const began = performance.now();
        try {
          const outcome = await store.append(stream, events, expected);
          failed = undefined;
          appended.add((performance.now() - began) / 1_000);
          stored(stream);
          return outcome;
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
 * Stores in the log the settings that shape rows, so that a replay finds them at the same place. If a log's server goes away at
 * this moment, this waits for it. Returns the log's end.
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
      await recordSetting(log, { type: "SetFanoutLimit", limit: config.fanoutLimit }, "fanoutLimit", now);
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

/** The most events of the settings' stream that are read at a time. */
const SETTINGS_PAGE = 100;

/**
 * Into how many slices the views of this log are divided: what this server's configuration says, which is then recorded, or what
 * another one's has said. If a log's server goes away at this moment, this waits for it.
 */
export async function agreedSlices(
  log: EventStore,
  config: Config,
  logger: Logger,
  now: () => Date,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const { projectionSlices: wanted } = config;
  for (let attempt = 0; ; attempt++) {
    try {
      const recorded = await recordedSlices(log);
      if (wanted === undefined || wanted === recorded) return recorded ?? 1;
      if (recorded !== undefined)
        logger.warn(
          { recorded, configured: wanted },
          `PROJECTION_SLICES is ${wanted} here, and the log says ${recorded}: from now on it says ${wanted}, and the views are built anew in ${wanted} slices ` +
            "beside those that are read. Give all servers of this log the same number",
        );
      await recordSetting(log, { type: "SetProjectionSlices", slices: wanted }, "projectionSlices", now);
      return wanted;
    } catch (error) {
      if (config.eventStoreUrl === undefined || !isAway(error)) throw error;
      logger.warn({}, `waiting for EventStoreDB: ${explained(error)}`);
      await backOff(attempt, signal);
      signal.throwIfAborted();
    }
  }
}

/** The newest number of slices in the log. Undefined: it was never set. */
export async function recordedSlices(log: Pick<EventStore, "read">): Promise<number | undefined> {
  for (let from = Number.MAX_SAFE_INTEGER; ;) {
    const page = await log.read(streams.settings, from, "backwards", SETTINGS_PAGE);
    for (const stored of page) {
      const event = parseEvent(stored);
      if (event?.type === "ProjectionSlicesSet") return event.data.slices;
    }
    const last = page[page.length - 1];
    if (last === undefined || last.revision === 0) return undefined;
    from = last.revision - 1;
  }
}

async function recordSetting(log: EventStore, command: SettingsCommand, name: string, now: () => Date): Promise<void> {
  const at = now().toISOString();
  await commandHandler({ log })({
    stream: streams.settings,
    decider: settingsDecider,
    command,
    actorId: "configuration",
    clientMutationId: `${name}/${at}/${randomBytes(6).toString("hex")}`,
    at,
  });
}

/** Tells a thread of this process where the log is. Each place serves one thread. */
export type LogPlace = {
  dataDir: string;
  keys: KeysPlace;
  /** The log's server, and which log there. Undefined: the log is in `dataDir`. */
  eventStore: { url: string; prefix: string; identity: Identity } | undefined;
  /** Of an embedded log. */
  told: GrowthEnd | undefined;
  /** Of a log on a server, for who follows it. */
  fed: MessagePort | undefined;
};

export function placeOfLog(config: Config, log: Pick<Log, "id" | "origin" | "told">, fed?: MessagePort): LogPlace {
  const { dataDir, eventStoreUrl: url, eventStorePrefix: prefix = "" } = config;
  return {
    dataDir,
    keys: placeOfKeys(config),
    eventStore: url === undefined ? undefined : { url, prefix, identity: { id: log.id, origin: log.origin } },
    told: log.told?.(),
    fed,
  };
}

/** The parts of a place that are handed over to the thread, not copied. */
export const portsOfLog = ({ told, fed }: LogPlace): MessagePort[] => [...(told ? [told.port] : []), ...(fed ? [fed] : [])];

/** A reader of the log, for other threads than the one that appends. */
export const readerAt = async ({ dataDir, keys, eventStore, told, fed }: LogPlace) =>
  readThrough(
    eventStore
      ? await (await onServer()).eventStoreDbReader(eventStore.url, eventStore, eventStore.identity, undefined, fed)
      : sqliteLogReader(dataDir, {}, told),
    await openVault(keys),
  );

/** Starts the thread that reads the embedded log a page ahead of whoever reads all of it. A log's server does that by itself. */
export const startScan = (
  { dataDir, eventStore }: Pick<LogPlace, "dataDir" | "eventStore">,
  failed: (error: Error) => void,
): ReturnType<typeof startReadAhead> | undefined => (eventStore ? undefined : startReadAhead(dataDir, failed));

/** A reader for whoever reads the whole log. `port`: of `startScan`. */
export const scannerAt = async (place: LogPlace, port: MessagePort | undefined) =>
  port ? readThrough(readAhead(place.dataDir, port, place.told), await openVault(place.keys)) : readerAt(place);

/** The same, but it knows everything that was acknowledged up to a moment ago. */
export const leaderAt = async ({ dataDir, keys, eventStore }: LogPlace) =>
  readThrough(
    eventStore
      ? await (await onServer()).eventStoreDbReader(eventStore.url, eventStore, eventStore.identity, "leader")
      : sqliteLogReader(dataDir),
    await openVault(keys),
  );

/**
 * The log, only for reading, also while a server writes it. Rejects with `Unavailable` if there is none, or if it cannot be
 * reached.
 */
export const readLog = async (config: Config) =>
  readThrough(
    config.eventStoreUrl === undefined
      ? readEmbeddedLog(config)
      : await (
          await onServer()
        ).eventStoreDbReader(config.eventStoreUrl, {
          prefix: config.eventStorePrefix ?? "",
          patienceMs: PATIENCE_MS,
        }),
    await openVault(placeOfKeys(config)),
  );

/**
 * The log, for reading it whole. For each page it tells how many events it holds and what is wrong with them. EventStoreDB keeps
 * no checksum for us: there, each event is only checked for a shape that this version knows. Rejects with `Unavailable` if there
 * is no log, or if it cannot be reached.
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
    return `the ${event.type} (revision ${event.revision} of ${event.stream}) has a shape that this version does not know: ${(error as Error).message}`;
  }
}

/** The embedded log of DATA_DIR as it is stored, whatever else is configured. Throws `Unavailable` if there is none. */
export const readEmbeddedLog = ({ dataDir }: Config) => sqliteLogReader(dataDir);

/** How many events of the embedded log lie at or before a position. Its positions are numbered without gaps. */
export const countUpTo = (logId: string, position: Position): number => placeOf(logId, position);

/** The log on the EventStoreDB at `url`, as it is stored. For `wait`, see `eventStoreDb`. */
export const openServerLog = async (
  url: string,
  prefix: string | undefined,
  wait: Pick<EventStoreDbOptions, "waiting" | "patienceMs" | "signal">,
) => (await onServer()).eventStoreDb(url, { ...wait, prefix: prefix ?? "" });

/** How long a command waits for the log's server before it says that it cannot be reached, in milliseconds. */
const PATIENCE_MS = 5_000;
