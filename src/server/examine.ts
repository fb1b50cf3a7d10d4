import { existsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import { examineIndex } from "../adapters/searchIndex/sqlite/examine.ts";
import { levelViewStore } from "../adapters/viewStore/level/levelViewStore.ts";
import { readingCopy } from "../adapters/viewStore/level/readingCopy.ts";
import { statusOf } from "../adapters/viewStore/level/status.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Component } from "../ports/component.ts";
import type { Disk, Doubt, GenerationState } from "../ports/condition.ts";
import { type EventStore, isOfLog, type Position } from "../ports/eventStore.ts";
import { explained, Unavailable } from "../ports/faults.ts";
import type { SearchGeneration, SearchStatus } from "../ports/searchIndex.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { indexStates, viewGenerationStates } from "../projecting/generations/listing.ts";
import { viewOf } from "../projecting/generations/store.ts";
import { readGeneration, viewGenerations } from "../projecting/generations/viewGenerations.ts";
import { lagFrom, type ProjectionStatus } from "../projecting/status.ts";
import { type ParkedEvent, parkedPage } from "../projecting/parked.ts";
import { loadParked } from "../projecting/parking.ts";
import type { Projection } from "../projecting/projection.ts";
import { diskOf } from "./disk.ts";
import { doubtsAbout } from "./doubts.ts";
import { readLog } from "./log.ts";
import { placeOfSearch, searchStatusOf } from "./searchIndex.ts";
import { VERSION } from "./version.ts";
import { existingServerViews, VIEWS } from "./views.ts";

/** How a projection is. IDLE: no server runs that would fold it. */
export type ProjectionCondition = Pick<ProjectionStatus, "name" | "version" | "lag" | "parked"> & {
  state: ProjectionStatus["state"] | "IDLE";
  progress?: number | undefined;
  differences?: number | undefined;
  lastError?: string | undefined;
};

/** How a Tidings is: its parts, what they keep, and how they are set. */
export type Condition = {
  version: string;
  components: readonly Component[];
  projections: readonly ProjectionCondition[];
  /** The first of them. */
  parked: readonly ParkedEvent[];
  generations: readonly GenerationState[];
  disk: Disk | undefined;
  doubts: readonly Doubt[];
};

/** The most events that are counted behind a projection. */
const MOST_LAG = 5_000;

type Log = Open<Pick<EventStore, "id" | "origin" | "readAll" | "status">>;

/**
 * Looks at the DATA_DIR of a server that does not run, and at the servers behind it. It changes nothing there. `shown`: how many
 * parked events are told. Never rejects because of a part that is away or damaged: the part says so.
 */
export async function examine(config: Config, shown: number): Promise<Condition> {
  const disk = await diskOf(config.dataDir);
  const doubts = doubtsAbout(config, { disk, memoryBytes: totalmem() });
  const components: Component[] = [];
  const log = await openedLog(config, components);
  const views = await openedViews(config, components);
  try {
    const found = await searched(config, log, components);
    const { projections, parked, generations } = await readFrom({ log, store: views?.store, found, shown }, components);
    return { version: VERSION, components, projections, parked, generations, disk, doubts };
  } finally {
    await views?.close();
    await log?.close();
  }
}

/** What the rows say. Views that fail while they are read are told as views that are away. */
async function readFrom(rows: Rows, components: Component[]): Promise<FromRows> {
  try {
    return await folded(rows);
  } catch (error) {
    if (!(error instanceof Unavailable && rows.store)) throw error;
    const at = components.findIndex(({ role }) => role === "views");
    components.splice(at, 1, { ...(components[at] as Component), reachable: false, detail: explained(error) });
    return folded({ ...rows, store: undefined });
  }
}

async function openedLog(config: Config, components: Component[]): Promise<Log | undefined> {
  const kind = config.eventStoreUrl === undefined ? "sqlite" : "eventstoredb";
  try {
    const log = await readLog(config);
    const { reachable, version, detail, bytes } = await log.status();
    components.push({ role: "log", kind, reachable, ...given({ version, detail, bytes }) });
    return log;
  } catch (error) {
    components.push({ role: "log", kind, reachable: false, detail: explained(error) });
    return undefined;
  }
}

type Views = { store: ViewStore; close(): Promise<void> };

async function openedViews(config: Config, components: Component[]): Promise<Views | undefined> {
  return config.databaseUrl === undefined
    ? openedCopy(config, components)
    : openedOnServer(config, config.databaseUrl, components);
}

const NONE = "there are none: they are folded at the next start";

async function openedOnServer({ databaseSchema }: Config, url: string, components: Component[]): Promise<Views | undefined> {
  try {
    const store = await existingServerViews(url, databaseSchema);
    const { kind = "postgresql", trouble, ...status } = (await store?.status()) ?? {};
    const detail = trouble ?? (store ? undefined : NONE);
    components.push({ role: "views", kind, reachable: trouble === undefined, ...status, ...given({ detail }) });
    if (!store || trouble === undefined) return store && { store, close: store.close };
    await store.close();
  } catch (error) {
    components.push({ role: "views", kind: "postgresql", reachable: false, detail: explained(error) });
  }
  return undefined;
}

async function openedCopy({ dataDir }: Config, components: Component[]): Promise<Views | undefined> {
  const directory = join(dataDir, VIEWS);
  if (!existsSync(join(directory, "CURRENT"))) {
    components.push({
      role: "views",
      kind: "level",
      reachable: true,
      detail: NONE,
    });
    return undefined;
  }
  let copy: Awaited<ReturnType<typeof readingCopy>> | undefined;
  try {
    copy = await readingCopy(directory);
    const { path, remove } = copy;
    const store = await levelViewStore(path);
    components.push({ role: "views", reachable: true, ...(await statusOf(directory)) });
    return {
      store,
      close: async () => {
        await store.close();
        await remove();
      },
    };
  } catch (error) {
    await copy?.remove();
    components.push({ role: "views", kind: "level", reachable: false, detail: explained(error) });
    return undefined;
  }
}

type Found = { status: SearchStatus; generations: readonly SearchGeneration[] };

/** The search index and its generations. */
async function searched(config: Config, log: Log | undefined, components: Component[]): Promise<Found | undefined> {
  const found = config.elasticsearchUrl === undefined ? examineIndex(config.dataDir) : await onServer(config, log);
  if (found) {
    const { kind, reachable, version, detail, bytes } = found.status;
    components.push({ role: "search", kind, reachable, ...given({ version, detail, bytes }) });
  } else
    components.push({
      role: "search",
      kind: "sqlite",
      reachable: true,
      detail: "there is no index: it is built at the next start",
    });
  return found;
}

/** The names of the indexes hold the log's id: without the log they are not known. */
const onServer = async (config: Config, log: Log | undefined): Promise<Found> =>
  log
    ? searchStatusOf(placeOfSearch(config, log), viewOf(search))
    : { status: { kind: "elasticsearch", reachable: false, detail: "which index it is, only the log says" }, generations: [] };

type Rows = { log: Log | undefined; store: ViewStore | undefined; found: Found | undefined; shown: number };

type FromRows = Pick<Condition, "projections" | "parked" | "generations">;

async function folded({ log, store, found, shown }: Rows): Promise<FromRows> {
  const lagAt = log && lagFrom(log, MOST_LAG);
  const read = new Map<string, string>();
  const condition = async (projection: Projection, at: { name: string; checkpoint: Position | null } | undefined) => {
    if (at) read.set(projection.name, at.name);
    const cursor = at?.checkpoint ?? undefined;
    const isOthers = log !== undefined && cursor !== undefined && !isOfLog(cursor, log.id);
    const lag = cursor !== undefined && lagAt && !isOthers ? await lagAt(cursor) : "unknown";
    const parked = at && store ? (await loadParked(store, at.name, at.checkpoint)).count : 0;
    const { name, version } = projection;
    const lastError = isOthers ? "it was folded from another log: it is folded anew at the next start" : undefined;
    return { name, version, state: "IDLE", lag, parked, lastError } satisfies ProjectionCondition;
  };
  const projections: ProjectionCondition[] = [];
  for (const projection of viewProjections)
    projections.push(await condition(projection, store && (await readGeneration(viewGenerations(store), projection))));
  const index = found?.generations.find(({ active }) => active);
  projections.push(await condition(search, index));

  const listed = [...read].map(([name, generation]) => ({ name, generation }));
  const parked = store ? (await parkedPage(store, listed, { name: undefined, after: undefined, first: shown })).events : [];
  const ofViews = store ? await viewGenerationStates(store, viewProjections, ({ name }) => read.get(name)) : [];
  const ofSearch = indexStates(found?.generations ?? [], search, index?.name, found?.status.bytes);
  return { projections, parked, generations: [...ofViews, ...ofSearch] };
}

/** The members that are known. */
const given = <T extends object>(members: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
