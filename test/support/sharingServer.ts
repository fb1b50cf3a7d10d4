import { viewProjections } from "../../projections/index.ts";
import type { PostgresThreadStore } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import type { Position } from "../../src/ports/eventStore.ts";
import { createBuilder } from "../../src/projecting/generations/builder.ts";
import { comparing } from "../../src/projecting/generations/comparing.ts";
import { createSlicedFollower, type SlicedFollowerOptions } from "../../src/projecting/generations/slicedFollower.ts";
import { mending } from "../../src/projecting/generations/mending.ts";
import { viewGenerations } from "../../src/projecting/generations/viewGenerations.ts";
import type { KeeperState } from "../../src/projecting/generations/state.ts";
import { type Interval, keepingIntervals } from "../../src/projecting/healed.ts";
import { BUILDING, holdSlices, keepAlone, type Kept, standStill } from "../../src/projecting/holding.ts";
import type { Projection } from "../../src/projecting/projection.ts";
import type { RunnerOptions } from "../../src/projecting/runner.ts";
import type { SlicedNews } from "../../src/projecting/slicedNews.ts";

export type SharingServerOptions = {
  log: RunnerOptions["log"];
  /** What is built is read from it. Default: `log`. */
  builtFrom?: RunnerOptions["log"];
  /** Its own, of views that several share. */
  store: PostgresThreadStore;
  name: string;
  slices: number;
  projections?: readonly Projection[];
  pages?: Pick<RunnerOptions, "pageEvents" | "pageRows">;
  /** Called whenever all slices are further. */
  advanced?: (lowest: Position, news: SlicedNews) => void;
} & Pick<SlicedFollowerOptions, "asksOthers">;

/** What of a server folds, builds and watches views that several servers share. It runs until `stop` is called. */
export function sharingServer(options: SharingServerOptions) {
  const {
    log,
    builtFrom = log,
    store,
    name,
    slices,
    projections = viewProjections,
    pages = {},
    advanced,
    asksOthers = false,
  } = options;
  const { leases, heldBy } = store;
  const generations = viewGenerations(store);
  const stop = new AbortController();
  const warnings: string[] = [];
  const infos: string[] = [];
  const told: Position[] = [];
  const healed: Interval[][] = [];
  const states = new Map<string, KeeperState>();
  let read: Record<string, string | undefined> = {};
  let opened = 0;
  let goOn: (() => Promise<void>) | undefined;
  const warn = (message: string, error: unknown) => void warnings.push(`${message}: ${String(error)}`);
  const info = (message: string) => void infos.push(message);
  const halting = {
    halt: async () => {
      const count = async () =>
        (await generations.list(`${projections[0]?.name}@${projections[0]?.version}`)).find((each) => each.active)?.slices ?? 1;
      goOn = await standStill(leases, `${name}-builder`, count, stop.signal);
    },
    resume: () => void goOn?.(),
  };
  const healing = keepingIntervals(store, (intervals) => void healed.push([...intervals]));
  const builder = createBuilder(
    {
      log: builtFrom,
      store: generations,
      projections,
      sliced: { store, slices },
      follower: halting,
      verify: (projection) => comparing({ log, store, projection }),
      mend: (projection, readGeneration) => mending({ log, store, projection, follower: halting, readGeneration, healing }),
      healing,
      stateChanged: (of, state) => void states.set(of, state),
      info,
      warn,
    },
    stop.signal,
  );
  let building: Promise<Kept | undefined> | undefined;
  const build = async (): Promise<void> => {
    building ??= keepAlone(leases, `${name}-builder`, BUILDING, stop.signal);
    await building;
    await builder.goOn();
  };
  const follower = createSlicedFollower({
    log,
    store,
    generations,
    projections,
    slices,
    asksOthers,
    ...pages,
    hold: (work, signal) => holdSlices({ leases, holder: name, beatMs: 50, ...work }, signal),
    heldBy,
    epoch: () => 0n,
    reading: (now, unfinished) => {
      read = Object.fromEntries(Object.entries(now).map(([of, { generation }]) => [of, generation]));
      if (unfinished) void build().catch((error: unknown) => warn("it cannot be built", error));
    },
    blocked: () => undefined,
    healed: (intervals) => void healed.push([...intervals]),
    advanced: (lowest, news) => {
      told.push(lowest);
      advanced?.(lowest, news);
    },
    opened: () => void opened++,
    troubled: () => undefined,
    info,
    warn,
  });
  const running = follower.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
    await builder.ended();
    await (await building)?.release();
    await store.close();
  };
  return {
    follower,
    builder,
    build,
    told,
    infos,
    warnings,
    /** What was healed, as it was told each time. */
    healed,
    state: (of: string) => states.get(of),
    read: () => read,
    opened: () => opened,
    stop: end,
    /** How far it says that all is. */
    lowest: () => told.at(-1),
  };
}

export type SharingServer = ReturnType<typeof sharingServer>;
