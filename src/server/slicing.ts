import { randomBytes } from "node:crypto";
import { viewProjections } from "../../projections/index.ts";
import type { Config } from "../config.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { slicesRead } from "../projecting/generations/resharding.ts";
import { viewGenerations } from "../projecting/generations/viewGenerations.ts";
import { agreedSlices } from "./log.ts";
import type { Logger } from "./logger.ts";
import { areViewsShared } from "./views.ts";

/**
 * How the work of folding the views is divided. `slices`: into how many slices it is to be. `holder`: the name of this process
 * among those that share the views; undefined: it has them alone. `asksOthers`: an order to try parked events again is passed on
 * to those.
 */
export type Sliced = { slices: number; holder: string | undefined; asksOthers?: boolean };

/** Undefined: the work is not divided, and this process does all of it. Embedded views never are. */
export async function slicedAs(
  store: ViewStore,
  log: EventStore,
  config: Config,
  logger: Logger,
  now: () => Date,
  signal?: AbortSignal,
): Promise<Sliced | undefined> {
  if (config.databaseUrl === undefined) return undefined;
  const slices = await agreedSlices(log, config, logger, now, signal);
  const holder = areViewsShared(config) ? `${process.pid}-${randomBytes(6).toString("hex")}` : undefined;
  // Orders to projectors come to all of them.
  if (holder !== undefined) return { slices, holder, asksOthers: config.role === "all" };
  const read = (await slicesRead(viewGenerations(store), viewProjections)) ?? 1;
  return slices === 1 && read === 1 ? undefined : { slices, holder };
}
