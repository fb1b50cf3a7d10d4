import { rm } from "node:fs/promises";
import { join } from "node:path";
import { viewProjections } from "../../projections/index.ts";
import type { MessagePort } from "node:worker_threads";
import { type LevelViewStore, levelViewStore, sharedLevelViewStore } from "../adapters/viewStore/level/levelViewStore.ts";
import { setAside } from "../adapters/viewStore/level/open.ts";
import type { PostgresPlace } from "../adapters/viewStore/postgres/postgresViewStore.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import { backOff } from "../ports/backoff.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import type { Position } from "../ports/eventStore.ts";
import type { SharedViews } from "../ports/leases.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { begunGeneration, readGeneration, viewGenerations } from "../projecting/generations/viewGenerations.ts";
import type { Generation } from "../projecting/generations/store.ts";
import { DataDirHeld } from "./dataDir.ts";
import type { Logger } from "./logger.ts";

export const VIEWS = "views";

/**
 * What the thread that serves keeps at hand: rows that are read again and again, and seldom written. Of what is written with
 * every message: what many ask for right after it.
 */
const KEPT = {
  rows: [
    "directory/users",
    "directory/groups",
    "relations/groups",
    "relations/members",
    "relations/conversations",
    "friends/friendships",
    "timelines/messages",
    "timelines/heads",
    "readMarks/counts",
    "readMarks/marks",
    "inboxes/newest",
    "retention",
  ],
  ranges: [
    "relations/conversations",
    "timelines/messages",
    "preferences/preferences",
    "inboxes/wide",
    "inboxes/wideLeft",
    "inboxes/changes",
  ],
  bytes: 16 * 1_048_576,
};

/** The settings of the views. */
type ViewsConfig = Pick<Config, "dataDir" | "databaseUrl" | "databaseSchema" | "projectionSlices">;

/** Whether several processes use the views. All of them must say so: one that does not keeps the others out. */
export const areViewsShared = ({
  databaseUrl,
  projectionSlices = 1,
}: Pick<Config, "databaseUrl" | "projectionSlices">): boolean => databaseUrl !== undefined && projectionSlices > 1;

const SCHEMA = "tidings";

/** The client is loaded only where it is used. Other servers start without it. */
const onServer = () => import("../adapters/viewStore/postgres/postgresViewStore.ts");

/** The views, as the main thread opens them. */
export type OpenViews = Open<ViewStore> & {
  /** For another thread of this process: each place serves one. */
  place(): ViewsPlace;
  /** See `LevelViewStore`. Views on a server need no such thing. */
  settle?(): Promise<void>;
};

/**
 * Opens the views, and makes sure that no other process uses DATA_DIR. It waits for a server that is away; `signal` ends that:
 * then it rejects with the signal's reason.
 */
export async function openViews(config: ViewsConfig, logger: Logger, signal?: AbortSignal): Promise<OpenViews> {
  const { databaseUrl: url, databaseSchema: schema = SCHEMA } = config;
  const embedded = await openEmbedded(config, logger, url === undefined ? KEPT : undefined);
  if (url === undefined) return { ...embedded, place: () => ({ kind: "level", port: embedded.share() }) };
  try {
    const waiting = (why: string): void => logger.warn({}, why);
    // What others write is not seen here, so nothing of it is kept.
    const shared = areViewsShared(config) ? { shared: true } : { kept: KEPT };
    const store = await (await onServer()).postgresViewStore(url, { schema, ...shared, waiting, ...(signal ? { signal } : {}) });
    return {
      ...store,
      place: () => ({ kind: "postgres", place: store.place() }),
      close: async () => {
        await store.close();
        await embedded.close();
      },
    };
  } catch (error) {
    await embedded.close();
    throw error;
  }
}

/** Connections over which a server reads that does nothing else. */
const SERVING_READERS = 16;

/** Opens views that other processes fold, once they have made them. `signal` ends the wait: then it rejects with its reason. */
export async function openViewsToServe(
  { databaseUrl: url = "", databaseSchema: schema = SCHEMA }: ViewsConfig,
  logger: Logger,
  signal: AbortSignal,
): Promise<OpenViews> {
  const { existingPostgresViewStore } = await onServer();
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      const store = await existingPostgresViewStore(url, schema, SERVING_READERS);
      if (store) return { ...store, place: () => ({ kind: "postgres", place: store.place() }) };
      logger.warn({}, `waiting for a process with ROLE=projector: it makes the tables of the schema ${schema}`);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      logger.warn({}, `waiting for PostgreSQL: ${explained(error)}`);
    }
    await backOff(attempt, signal);
  }
}

/** Keeps servers and commands from DATA_DIR until it is closed. */
export const holdDataDir = (config: ViewsConfig, logger: Logger): Promise<{ close(): Promise<void> }> =>
  openEmbedded(config, logger, undefined);

/** The embedded views. If they are elsewhere, what is here is empty or old, and by its lock DATA_DIR is held. */
const openEmbedded = ({ dataDir }: ViewsConfig, logger: Logger, kept: typeof KEPT | undefined): Promise<LevelViewStore> =>
  levelViewStore(join(dataDir, VIEWS), {
    onCorrupt: "setAside",
    ...(kept ? { kept } : {}),
    warn: (message) => logger.error({}, message),
  }).catch((error: Error) => {
    if (error.name === "ViewStoreLocked") throw new DataDirHeld(dataDir, "server or command", { cause: error });
    throw new Error(whyNotOpened(dataDir, error), { cause: error });
  });

/** Removes the views, so that they are folded again. They must be closed. */
export const removeViews = async ({ dataDir, databaseUrl: url, databaseSchema = SCHEMA }: ViewsConfig): Promise<void> =>
  url === undefined ? rm(join(dataDir, VIEWS), { recursive: true }) : (await onServer()).removePostgresViews(url, databaseSchema);

/** Moves the views to a place where nothing reads them. They must be closed. Resolves with words for that place. */
export const setViewsAside = async ({ dataDir, databaseUrl: url, databaseSchema = SCHEMA }: ViewsConfig): Promise<string> =>
  url === undefined ? setAside(join(dataDir, VIEWS), "aside") : (await onServer()).setPostgresViewsAside(url, databaseSchema);

/** Tells another thread of this process where the views are. Each place serves one thread. */
export type ViewsPlace = { kind: "level"; port: MessagePort } | { kind: "postgres"; place: PostgresPlace };

/** The parts of a place that are handed over to the thread, not copied. */
export const transferOf = (at: ViewsPlace): MessagePort[] => (at.kind === "level" ? [at.port] : []);

/** Opens the views that the place names. The main thread's `close` closes them too. */
export const viewsAt = async (at: ViewsPlace): Promise<Open<ViewStore> & Partial<SharedViews>> =>
  at.kind === "level" ? sharedLevelViewStore(at.port) : (await onServer()).postgresViewStoreAt(at.place);

/** The views of a server that does not run, only to look at them. Undefined: there are none yet. */
export const existingServerViews = async (url: string, schema = SCHEMA): Promise<Open<ViewStore> | undefined> =>
  (await onServer()).existingPostgresViewStore(url, schema);

/** Says what to do if the view store does not open. */
function whyNotOpened(dataDir: string, { message }: Error): string {
  if (message.includes("No space left"))
    return `the disk of DATA_DIR ${dataDir} is full: free space and start again (${message})`;
  return message;
}

/** The generations of all views that are read, or half built. */
export async function foldedGenerations(store: ViewStore): Promise<Generation[]> {
  const generations = viewGenerations(store);
  const found: Generation[] = [];
  for (const projection of viewProjections)
    for (const look of [readGeneration, begunGeneration]) {
      const generation = await look(generations, projection);
      if (generation) found.push(generation);
    }
  return found;
}

/** The id of the log that the views were folded from. Undefined if nothing was folded yet. */
export async function logOfViews(store: ViewStore): Promise<string | undefined> {
  for (const { checkpoint, furthest } of await foldedGenerations(store)) {
    const position = checkpoint ?? furthest?.position;
    if (position !== undefined) return position.slice(0, position.indexOf("."));
  }
  return undefined;
}

/**
 * How far all views were when the server last ended. Reading begins there, before the projections' thread has reported anything.
 * If it began at the origin, a client that comes in that moment would get everything again as if it were new.
 */
export async function foldedBefore(store: ViewStore, origin: Position): Promise<Position> {
  const active = (await foldedGenerations(store)).filter((generation) => generation.active);
  const [first = origin, ...others] = active.map(({ checkpoint }) => checkpoint ?? origin);
  return others.reduce((one, other) => (one < other ? one : other), first);
}
