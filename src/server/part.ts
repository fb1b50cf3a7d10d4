import { EventEmitter } from "node:events";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import type { Operations } from "../api/context.ts";
import type { Config } from "../config.ts";
import { durations } from "../ports/durations.ts";
import { explained } from "../ports/faults.ts";
import type { AnyOrder, OrderOutcome } from "../ports/orders.ts";
import { createBlocked } from "../projecting/blocked.ts";
import { type KeeperState, startingState } from "../projecting/generations/state.ts";
import { createReading } from "../projecting/reading.ts";
import { startingRunner } from "../projecting/runnerReport.ts";
import { epochCounter } from "../projecting/tail.ts";
import { looksAt, watchLog } from "./agreement.ts";
import { announcing, announcingMoves } from "./announcing.ts";
import type { Figures } from "./compose.ts";
import { foldViews } from "./foldedViews.ts";
import type { FoldingState } from "./followedViews.ts";
import { ALL, CHANGED, type Health, watch, type Watched } from "./health.ts";
import { startIndexer } from "./indexer.ts";
import { CALLED } from "./indexing.ts";
import { inspection } from "./inspection.ts";
import { openFoundation } from "./foundation.ts";
import { recordSettings } from "./log.ts";
import type { Logger } from "./logger.ts";
import { pastHealed } from "./pastHealed.ts";
import { rowsWritten } from "./rowsWritten.ts";
import { absentIndex, openIndexForReading, placeOfSearch } from "./searchIndex.ts";
import { openSignals } from "./signals.ts";
import { slicedAs } from "./slicing.ts";

/** A running part of a cluster that serves no clients: what folds the views, or what keeps the search index. */
export type Part = {
  health(): Promise<Health>;
  log: Parameters<typeof watch>[0]["log"];
  operations: Pick<Operations, "version" | "projections" | "components" | "generations" | "disk">;
  figures: Figures;
  now(): Date;
  close(): Promise<void>;
};

/**
 * Puts a part together: the thread that folds the views with its builder, or the thread of the search index. Clients are served
 * by other processes, which are told of each commit. For the rest see `compose`.
 */
export async function composePart(
  config: Config,
  logger: Logger,
  fatal: (error: Error) => void,
  signal?: AbortSignal,
): Promise<Part> {
  const isProjector = config.role === "projector";
  const now = () => new Date();
  const foundation = await openFoundation(config, logger, isProjector, { fatal, signal });
  const { log, views, rebuilt, appended, logTrouble, places, following, info, warn } = foundation;
  const rows = rowsWritten();
  const blocked = createBlocked(viewProjections);
  const changes = new EventEmitter().setMaxListeners(0);
  const epochs = epochCounter();
  const parts: { close(): Promise<void> }[] = [];
  let endWatch = (): void => {};
  let closing = false;
  const close = async (): Promise<void> => {
    closing = true;
    endWatch();
    await log.close();
    await Promise.all(parts.map((part) => part.close()));
    await views.close();
  };
  try {
    const signals = await openSignals({ epochs, config, logger });
    parts.push(signals);
    const { between } = signals;
    if (between === undefined) throw new TypeError(`ROLE=${config.role} needs REDIS_URL`);
    const reading = createReading(() => undefined);
    const stateChanged = (name: string): void => void changes.emit(CHANGED, name);

    const folded = async (): Promise<Watching> => {
      const healed = await foundation.healed();
      const past = pastHealed({ log, healed, now, warn });
      /** When what is beside a projection became so. */
      const at: Record<string, number> = {};
      const follower = foldViews({
        places,
        following,
        origin: log.origin,
        interest: signals.interest,
        epochs,
        rows: rows.shared,
        sliced: await slicedAs(views, log, config, logger, now, signal),
        retention: { ttlMs: config.inboxTtlMs, max: config.inboxMax, sweepMs: config.inboxSweepMs },
        olderMs: config.olderViewsMs,
        servesNobody: true,
        committed: announcing(between),
        moved: announcingMoves(between),
        reading: (read, keys) => {
          blocked.change(keys);
          reading.change(read);
        },
        blocked: blocked.change,
        healed: (intervals) => {
          healed.change(intervals);
          past.look();
        },
        opened: reading.open,
        isOpen: reading.isOpen,
        stateChanged: (name) => {
          if (name !== ALL) at[name] = Date.now();
          stateChanged(name);
        },
        info,
        warn,
        fatal,
      });
      parts.push(follower, past);
      const state = (): FoldingState => ({
        runner: follower.state(),
        beside: Object.fromEntries(
          viewProjections.flatMap(({ name }): [string, KeeperState][] => {
            const beside = follower.beside(name);
            return beside === undefined ? [] : [[name, beside]];
          }),
        ),
        at,
      });
      const end = between.orders.take(
        "views",
        (order) => obeyed(order, follower, state),
        state,
        () => hasJustBuilt(at),
      );
      parts.push({ close: async () => end() });
      await recordSettings(log, config, logger, now, signal);
      past.look();
      return {
        projections: viewProjections,
        runner: follower.state,
        builder: { ...follower, state: follower.beside },
        retryParked: follower.retryParked,
        search: { ...absent, generations: absentIndex("").generations },
      };
    };

    const indexed = async (): Promise<Watching> => {
      const place = placeOfSearch(config, log);
      const index = await openIndexForReading(place, config, {
        damaged: () => {},
        warn: (message, error) => logger.error({ err: error }, message),
      });
      const indexer = startIndexer({ search: place, rows: rows.shared }, following, {
        origin: log.origin,
        readers: index,
        committed: () => {},
        stateChanged: () => stateChanged(search.name),
        info,
        warn,
      });
      parts.push(index, indexer);
      const end = between.orders.take(
        "search",
        (order) => obeyed(order, { ...indexer, retryParked: (_, cursor) => indexer.retryParked(cursor) }, indexer.state),
        indexer.state,
      );
      parts.push({ close: async () => end() });
      return {
        projections: [],
        runner: () => ({ ...startingRunner(log.origin), state: "LIVE", progress: undefined }),
        builder: { replay: notHere, cancelReplay: notHere, verify: notHere, state: () => undefined },
        retryParked: notHere,
        search: { ...indexer, projection: search, status: index.status, generations: index.generations },
      };
    };

    const watched = await (isProjector ? folded() : indexed());
    endWatch = watchLog(views, log, looksAt(false), foundation.fatal);
    const { health, operations } = watch({
      ...watched,
      log,
      logTrouble,
      views,
      signals: { kind: signals.kind, status: between.status },
      rebuilt,
      generationOf: reading.generationIfRead,
      blocked,
      processes: () => [],
      closing: () => closing,
      changes,
    });
    const inspected = inspection({
      config,
      views,
      projections: watched.projections,
      generationOf: reading.generationIfRead,
      search: { ...watched.search, projection: search },
    });
    const isOwn = ({ role }: { role: string }): boolean => role !== "processes" && !(isProjector && role === "search");
    const isOwnName = (name: string): boolean => !(isProjector && name === search.name);
    return {
      log,
      health: async () => {
        const { ready, components, projections } = await health();
        return {
          // What keeps only the index is of no use without it.
          ready: ready && (isProjector || components.every(({ role, reachable }) => role !== "search" || reachable)),
          components: components.filter(isOwn),
          projections: Object.fromEntries(Object.entries(projections).filter(([name]) => isOwnName(name))),
        };
      },
      operations: {
        ...inspected,
        components: async () => (await operations.components()).filter(isOwn),
        projections: async () => (await operations.projections()).filter(({ name }) => isOwnName(name)),
      },
      figures: { appended, synced: durations(), rowsOf: rows.of, blocked: blocked.counts },
      now,
      close,
    };
  } catch (error) {
    await close().catch(() => {});
    throw error;
  }
}

/** How long a projector is asked first to build, after it has built: for a moment longer nobody else may. In milliseconds. */
const BUILT_MS = 15_000;

const hasJustBuilt = (at: Readonly<Record<string, number>>): boolean =>
  Object.values(at).some((since) => Date.now() - since < BUILT_MS);

/** What of a part is watched. */
type Watching = Pick<Watched, "projections" | "runner" | "builder" | "retryParked"> & {
  search: Watched["search"] & Pick<Parameters<typeof inspection>[0]["search"], "generations">;
};

const notHere = (): Promise<never> => Promise.reject(new TypeError("another process does that"));

/** Of a process that keeps no index. */
const absent: Watched["search"] = {
  replay: notHere,
  cancelReplay: notHere,
  verify: notHere,
  retryParked: notHere,
  projection: search,
  state: () => startingState(search, "", CALLED),
  status: absentIndex("another process keeps it").status,
};

type Obeying = Record<"replay" | "cancelReplay" | "verify", (projection: string, conversation?: string) => Promise<void>> & {
  retryParked(projection: string, cursor?: string): Promise<boolean>;
};

/** Does what an operator ordered at another process. */
async function obeyed(
  { what, projection, conversation, cursor }: AnyOrder,
  part: Obeying,
  state: () => unknown,
): Promise<OrderOutcome> {
  try {
    if (what === "retryParked") return { isThere: await part.retryParked(projection, cursor), state: state() };
    await part[what](projection, conversation);
    return { state: state() };
  } catch (error) {
    return { fault: explained(error) };
  }
}
