import { rm } from "node:fs/promises";
import { join } from "node:path";
import { viewProjections } from "../../projections/index.ts";
import type { MessagePort } from "node:worker_threads";
import { type LevelViewStore, levelViewStore, sharedLevelViewStore } from "../adapters/viewStore/level/levelViewStore.ts";
import { setAside } from "../adapters/viewStore/level/open.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Position } from "../ports/eventStore.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { generationOf } from "../projecting/projection.ts";
import { checkpointName } from "../projecting/slices.ts";
import type { Logger } from "./logger.ts";

export const VIEWS = "views";

/** The settings of the views. */
type ViewsConfig = Pick<Config, "dataDir">;

export const openViews = ({ dataDir }: ViewsConfig, logger: Logger): Promise<LevelViewStore> =>
  levelViewStore(join(dataDir, VIEWS), {
    onCorrupt: "setAside",
    warn: (message) => logger.error({}, message),
  }).catch((error: Error) => {
    throw new Error(whyNotOpened(dataDir, error), { cause: error });
  });

/** Removes the views, so that they are folded again. They must be closed. */
export const removeViews = ({ dataDir }: ViewsConfig): Promise<void> => rm(join(dataDir, VIEWS), { recursive: true });

/** Moves the views to a place where nothing reads them. They must be closed. Resolves with the new path. */
export const setViewsAside = ({ dataDir }: ViewsConfig): Promise<string> => setAside(join(dataDir, VIEWS), "aside");

/** Tells another thread of this process where the views are. Each place serves one thread. */
export type ViewsPlace = { kind: "level"; port: MessagePort };

export const placeOfViews = (store: LevelViewStore): ViewsPlace => ({ kind: "level", port: store.share() });

/** The parts of a place that are handed over to the thread, not copied. */
export const transferOf = ({ port }: ViewsPlace): MessagePort[] => [port];

/** Opens the views that the place names. The main thread's `close` closes them too. */
export const viewsAt = ({ port }: ViewsPlace): Promise<Open<ViewStore>> => sharedLevelViewStore(port);

/** Says what to do if the view store does not open. */
function whyNotOpened(dataDir: string, { name, message }: Error): string {
  if (name === "ViewStoreLocked")
    return `another Tidings server holds DATA_DIR ${dataDir}: end that one first, or set DATA_DIR to another directory`;
  if (message.includes("No space left"))
    return `the disk of DATA_DIR ${dataDir} is full: free space and start again (${message})`;
  return message;
}

/** The id of the log that the views were folded from. Undefined if nothing was folded yet. */
export async function logOfViews(store: Pick<ViewStore, "checkpoint">): Promise<string | undefined> {
  for (const projection of viewProjections) {
    const checkpoint = await store.checkpoint(checkpointName(generationOf(projection)));
    if (checkpoint !== undefined) return checkpoint.position.slice(0, checkpoint.position.indexOf("."));
  }
  return undefined;
}

/**
 * How far all views were when the server last ended. Reading begins there, before the projections' thread has reported anything.
 * If it began at the origin, a client that comes in that moment would get everything again as if it were new.
 */
export async function foldedBefore(store: Pick<ViewStore, "checkpoint">, origin: Position): Promise<Position> {
  const checkpoints = await Promise.all(
    viewProjections.map(
      async (projection) => (await store.checkpoint(checkpointName(generationOf(projection))))?.position ?? origin,
    ),
  );
  return checkpoints.reduce((one, other) => (one < other ? one : other));
}
