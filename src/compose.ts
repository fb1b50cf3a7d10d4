import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, link, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { MessagePort } from "node:worker_threads";
import { Worker } from "node:worker_threads";
import { viewProjections } from "../projections/index.ts";
import { inboxes } from "../projections/inboxes.ts";
import { readViews, type Views } from "../projections/views.ts";
import {
  eventStoreDb,
  type EventStoreDbOptions,
  eventStoreDbReader,
  type Identity,
} from "./adapters/eventStore/eventstoredb/eventStoreDb.ts";
import { placeOf } from "./adapters/eventStore/sqlite/position.ts";
import { sqliteEventStore } from "./adapters/eventStore/sqlite/sqliteEventStore.ts";
import { sqliteLogReader } from "./adapters/eventStore/sqlite/sqliteLogReader.ts";
import { localSignals, relaySignals } from "./adapters/signals/local.ts";
import { levelViewStore, sharedLevelViewStore } from "./adapters/viewStore/level/levelViewStore.ts";
import { workerFile } from "./adapters/workerFile.ts";
import { type Fresh, freshly } from "./commands/authorise.ts";
import type { Commands } from "./commands/commands.ts";
import { createCommands } from "./commands/create.ts";
import { commandHandler } from "./commands/handle.ts";
import type { Config } from "./config.ts";
import { streams } from "./domain/ids.ts";
import { decider as settingsDecider } from "./domain/settings.ts";
import { Refusal } from "./domain/refusal.ts";
import { type Health, type Operations, watch } from "./health.ts";
import type { Awaitable, Open } from "./ports/awaitable.ts";
import type { EventStore, Position } from "./ports/eventStore.ts";
import { backOff } from "./ports/backoff.ts";
import { explained, Unavailable } from "./ports/faults.ts";
import type { Signals } from "./ports/signals.ts";
import { checkpointKey, type ViewStore } from "./ports/viewStore.ts";
import { generationOf } from "./projecting/projection.ts";
import { createSweeper, horizonOf } from "./projecting/retention.ts";
import { checkpointName, createRunner, type RunnerState } from "./projecting/runner.ts";
import { createTail, currentEpoch, type Tail, type TailPage } from "./projecting/tail.ts";
import { createWatermark, type Watermark } from "./projecting/watermark.ts";

/** The one logger that everything here writes to: an object of what goes with it, and a sentence. */
export type Logger = Record<"debug" | "info" | "warn" | "error" | "fatal", (context: object, message: string) => void>;

/** A running Tidings, without its network. */
export type Tidings = {
  log: EventStore;
  views: Views;
  watermark: Watermark;
  signals: Signals;
  tail: Tail;
  commands: Commands;
  fresh: Fresh;
  horizonOf(user: string): Awaitable<Position>;
  now(): Date;
  health(): Promise<Health>;
  /** What operators are told. */
  operations: Operations;
  /** Finishes what was begun, and lets go of everything. */
  close(): Promise<void>;
};

type ProjectorData = {
  dataDir: string;
  /** The log's server and which log there; none: the log is in `dataDir`. */
  eventStore: { url: string; prefix: string; identity: Identity } | undefined;
  interest: SharedArrayBuffer;
  epochs: SharedArrayBuffer;
  views: MessagePort;
  retention: { ttlMs: number; max: number; sweepMs: number };
};

type FromProjector =
  | { kind: "committed"; checkpoint: Position; page: TailPage | undefined }
  | { kind: "state"; state: RunnerState }
  | { kind: "warning"; message: string; detail: string };

/** What the projection thread is told: to end its page, close its store, and leave. */
type ToProjector = { kind: "close" };

/**
 * Puts the parts together: the log and its thread, the view store, the projections in a thread of their own, the commands. Rejects with an
 * `Error` that says what to do where a part cannot be had. `fatal` is told once if nothing may be trusted any more: the process is to end. `signal`
 * ends the waiting for a log's server that is away: it rejects with the signal's reason.
 */
export async function compose(
  config: Config,
  logger: Logger,
  fatal: (error: Error) => void,
  signal?: AbortSignal,
): Promise<Tidings> {
  const { dataDir } = config;
  const now = () => new Date();
  await usableDirectory(dataDir);
  // First the views: they know whether another server holds the directory.
  let viewStore = await openViews(dataDir, logger);
  let logFault: Error | undefined;
  const noted = (error: Error): void => {
    logFault = error;
    fatal(error);
  };
  const store = await openLog(config, logger, noted, signal).catch(async (error: unknown) => {
    await viewStore.close();
    throw error;
  });
  const { log, trouble: logTrouble } = noticing(store);
  let closing = false;
  let endProjector = (): void => {};
  let projectorLeft: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    closing = true;
    await log.close();
    endProjector();
    await projectorLeft;
    await viewStore.close();
  };
  try {
    const foldedOf = await logOfViews(viewStore);
    if (foldedOf !== undefined && foldedOf !== log.id) {
      logger.warn({ log: log.id, viewsOf: foldedOf }, "the views were folded from another log: they are removed and folded anew");
      await viewStore.close();
      await rm(join(dataDir, VIEWS), { recursive: true });
      viewStore = await openViews(dataDir, logger);
    }

    const watermark = createWatermark(await foldedBefore(viewStore, log.origin));
    const { signals, interest, deliver, deliverAll } = localSignals();
    const epochs = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const tail = createTail(epochs);
    const views = readViews(viewStore);

    let state: RunnerState = { checkpoint: log.origin, events: 0, state: "RETRYING", lastError: "the projections are starting", parked: {} };
    const port = viewStore.share();
    const { eventStoreUrl: url, eventStorePrefix: prefix = "" } = config;
    const data: ProjectorData = {
      dataDir,
      eventStore: url === undefined ? undefined : { url, prefix, identity: { id: log.id, origin: log.origin } },
      interest,
      epochs,
      views: port,
      retention: { ttlMs: config.inboxTtlMs, max: config.inboxMax, sweepMs: config.inboxSweepMs },
    };
    const projector = new Worker(workerFile(import.meta.url, "projector"), {
      workerData: data,
      transferList: [port],
      name: "projections",
    });
    projector.on("message", (message: FromProjector) => {
      switch (message.kind) {
        case "committed":
          // Whether it is live is for itself to say: it tells of its checkpoint before each try, too.
          state = { ...state, checkpoint: message.checkpoint };
          if (message.page) tail.add(message.page);
          watermark.advance(message.checkpoint);
          if (message.page) deliver(topicsOf(message.page.items));
          else deliverAll();
          return;
        case "state":
          state = message.state;
          return;
        case "warning":
          logger.error({ detail: message.detail }, message.message);
      }
    });
    projector.on("error", (error) => fatal(new Error(`the projections' thread failed: ${error.message}`, { cause: error })));
    projectorLeft = new Promise<void>((resolve) => {
      projector.once("exit", (code) => {
        if (!closing) fatal(new Error(`the projections' thread ended by itself (${code})`));
        resolve();
      });
    });

    endProjector = () => projector.postMessage({ kind: "close" } satisfies ToProjector);
    await recorded(() => recordSettings(log, config, now), config, logger, signal);

    return {
      log,
      views,
      watermark,
      signals,
      tail,
      fresh: freshly(log, watermark),
      commands: createCommands({ log, views, watermark, memberCap: config.groupMembersMax, now }),
      horizonOf: (user) => horizonOf(viewStore, user, log.origin),
      now,
      ...watch({
        log,
        logTrouble: () => logFault?.message ?? logTrouble(),
        views: { ...viewStore, kind: "level" },
        signals: { kind: "local" },
        projections: viewProjections,
        runner: () => state,
        closing: () => closing,
      }),
      close,
    };
  } catch (error) {
    // Threads that are left would keep the process.
    await close().catch(() => {});
    throw error;
  }
}

/** Waits for a log's server that goes away at this very moment, as for one that was away before. */
async function recorded(
  record: () => Promise<void>,
  { eventStoreUrl }: Config,
  logger: Logger,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await record();
    } catch (error) {
      if (eventStoreUrl === undefined || !(error instanceof Refusal && error.code === "UNAVAILABLE")) throw error;
      logger.warn({}, `EventStoreDB is waited for: ${explained(error)}`);
      await backOff(attempt, signal);
      signal.throwIfAborted();
    }
  }
}

const VIEWS = "views";

const openViews = (dataDir: string, logger: Logger) =>
  levelViewStore(join(dataDir, VIEWS), {
    onCorrupt: "setAside",
    warn: (message) => logger.error({}, message),
  }).catch((error: Error) => {
    throw new Error(whyNotOpened(dataDir, error), { cause: error });
  });

const openLog = (
  config: Config,
  logger: Logger,
  onFatal: (error: Error) => void,
  signal: AbortSignal | undefined,
): Promise<Open<EventStore>> =>
  config.eventStoreUrl === undefined
    ? sqliteEventStore(config.dataDir, { onFatal })
    : openServerLog(config.eventStoreUrl, config.eventStorePrefix, {
        waiting: (why) => logger.warn({}, why),
        ...(signal ? { signal } : {}),
      });

/** The id of the log that the views were folded from; undefined where nothing was folded yet. */
async function logOfViews(store: Pick<ViewStore, "get">): Promise<string | undefined> {
  for (const projection of viewProjections) {
    const { table, partition, sort } = checkpointKey(checkpointName(generationOf(projection)));
    const checkpoint = (await store.get(table, partition, sort)) as Position | undefined;
    if (checkpoint !== undefined) return checkpoint.slice(0, checkpoint.indexOf("."));
  }
  return undefined;
}

function topicsOf(items: TailPage["items"]): Set<string> {
  const topics = new Set<string>();
  for (const item of items) for (const topic of item.topics) topics.add(topic);
  return topics;
}

/**
 * How far all views were at the last end: where reading begins before the projections' thread has said anything. From the origin, whoever comes in
 * that moment would be told of everything again as if it were new.
 */
async function foldedBefore(store: Pick<ViewStore, "get">, origin: Position): Promise<Position> {
  const checkpoints = await Promise.all(
    viewProjections.map(async (projection) => {
      const { table, partition, sort } = checkpointKey(checkpointName(generationOf(projection)));
      return ((await store.get(table, partition, sort)) as Position | undefined) ?? origin;
    }),
  );
  return checkpoints.reduce((one, other) => (one < other ? one : other));
}

/** How long a failed append counts, where none comes after it that could tell more: milliseconds. */
const TROUBLE_MS = 10_000;

/** A log that notices whether it takes appends. `trouble`: why the newest one failed, if it did so a moment ago. */
function noticing(store: Open<EventStore>): { log: Open<EventStore>; trouble: () => string | undefined } {
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

/** What shapes rows is in the log, so that a replay finds it at the same place. */
async function recordSettings(log: EventStore, config: Config, now: () => Date): Promise<void> {
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

/** The projection thread: reads the log on a connection of its own, writes the views, tells the main thread. */
export async function composeProjector(data: ProjectorData, parent: MessagePort): Promise<void> {
  const tell = (message: FromProjector) => parent.postMessage(message);
  const stop = new AbortController();
  const { eventStore } = data;
  const log = eventStore
    ? await eventStoreDbReader(eventStore.url, eventStore, eventStore.identity)
    : sqliteLogReader(data.dataDir);
  const store = await sharedLevelViewStore(data.views);
  // Nothing is published from here: what is news goes to the main thread with the commit, which wakes who listens.
  const { wanted } = relaySignals(data.interest, () => {});
  const runner = createRunner({
    log,
    store,
    projections: viewProjections,
    wanted,
    epoch: () => currentEpoch(data.epochs),
    committed: (checkpoint, page) => tell({ kind: "committed", checkpoint, page }),
    troubled: (state) => tell({ kind: "state", state }),
    warn: (message, error) =>
      tell({ kind: "warning", message, detail: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  });
  const sweeper = createSweeper({
    store,
    entries: `${generationOf(inboxes)}/entries`,
    limits: data.retention,
    checkpoint: () => runner.state().checkpoint,
    now: () => new Date(),
  });
  let sweeping: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    sweeping = sweeping
      .then(() => sweeper.sweep())
      .catch((error: Error) =>
        tell({ kind: "warning", message: "old inbox entries could not be swept; trying again", detail: error.message }),
      );
  }, data.retention.sweepMs);
  parent.on("message", (message: ToProjector) => {
    if (message.kind === "close") stop.abort();
  });
  try {
    await runner.run(stop.signal);
  } finally {
    clearInterval(timer);
    await sweeping;
    await log.close();
    await store.close();
    parent.close();
  }
}

/**
 * The secret that tokens are signed with: the configured one; else one that is made in DATA_DIR at the first start and kept there, readable by
 * this user alone. Undefined where an identity provider signs.
 */
export async function secretOf(config: Config): Promise<string | undefined> {
  if (config.auth.secret !== undefined) return config.auth.secret;
  if (config.auth.jwksUrl !== undefined) return undefined;
  const file = join(config.dataDir, "secret");
  const secret = (await readSecret(file)) ?? (await makeSecret(config.dataDir, file));
  // Anyone could sign with one that is empty, or can be guessed.
  if (secret.length >= SECRET_LENGTH) return secret;
  throw new Error(`${file} holds no secret of at least ${SECRET_LENGTH} characters: delete it, and a new one is made`);
}

/** Characters that a secret has at least: the length of the signatures. */
const SECRET_LENGTH = 32;

const readSecret = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new Error(`the secret that tokens are signed with cannot be read from ${file}: ${message}`, { cause: error });
  }
};

/** There is a whole secret or none, also after a crash or on a full disk; and one, where several processes make it at the same moment. */
async function makeSecret(dataDir: string, file: string): Promise<string> {
  await usableDirectory(dataDir);
  const half = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(half, "wx", 0o600);
    try {
      await handle.writeFile(`${randomBytes(48).toString("base64url")}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(half, file).catch(async (error: NodeJS.ErrnoException) => {
      // Another process of this moment was faster; or the file system has no links.
      if (error.code !== "EEXIST") await rename(half, file);
    });
  } catch (error) {
    throw new Error(`the secret that tokens are signed with cannot be written to ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await rm(half, { force: true });
  }
  return (await readSecret(file)) ?? "";
}

/** What is to be done where the view store does not open. */
function whyNotOpened(dataDir: string, { name, message }: Error): string {
  if (name === "ViewStoreLocked")
    return `another Tidings server holds DATA_DIR ${dataDir}: end that one first, or set DATA_DIR to another directory`;
  if (message.includes("No space left"))
    return `the disk of DATA_DIR ${dataDir} is full: free space and start again (${message})`;
  return message;
}

/** Throws an `Error` that says what to do where DATA_DIR cannot be had. */
async function usableDirectory(dataDir: string): Promise<void> {
  const advice = "make it a directory that this user can write to";
  await mkdir(dataDir, { recursive: true }).catch((error: Error) => {
    throw new Error(`DATA_DIR ${dataDir} cannot be created: ${advice} (${error.message})`, { cause: error });
  });
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: Error) => {
    throw new Error(`DATA_DIR ${dataDir} cannot be written to: ${advice} (${error.message})`, { cause: error });
  });
}

/** The log for reading alone, also while a server writes it. Rejects with `Unavailable` where there is none, or none can be reached. */
export const readLog = async (config: Config) =>
  config.eventStoreUrl === undefined
    ? readEmbeddedLog(config)
    : eventStoreDbReader(config.eventStoreUrl, { prefix: config.eventStorePrefix ?? "", patienceMs: PATIENCE_MS });

/** The embedded log of DATA_DIR, whatever else is configured. Throws `Unavailable` where there is none. */
export const readEmbeddedLog = ({ dataDir }: Config) => sqliteLogReader(dataDir);

/** How many events of the embedded log lie up to a position of it: its places are numbered without a gap. */
export const countUpTo = (logId: string, position: Position): number => placeOf(logId, position);

/** The log on the EventStoreDB at `url`, and how it is waited for; see `eventStoreDb`. */
export const openServerLog = (
  url: string,
  prefix: string | undefined,
  wait: Pick<EventStoreDbOptions, "waiting" | "patienceMs" | "signal">,
) => eventStoreDb(url, { ...wait, prefix: prefix ?? "" });

/** How long a command waits for the log's server before it says that it cannot be reached: milliseconds. */
const PATIENCE_MS = 5_000;
