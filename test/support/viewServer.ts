import { onTestFinished } from "vitest";
import type { Position } from "../../src/ports/eventStore.ts";
import type { ViewStore } from "../../src/ports/viewStore.ts";
import { type BuilderOptions, createBuilder } from "../../src/projecting/generations/builder.ts";
import { comparing } from "../../src/projecting/generations/comparing.ts";
import { createFollower } from "../../src/projecting/generations/follower.ts";
import type { KeeperState } from "../../src/projecting/generations/state.ts";
import type { Generation } from "../../src/projecting/generations/store.ts";
import { viewOf } from "../../src/projecting/generations/store.ts";
import { viewGenerations } from "../../src/projecting/generations/viewGenerations.ts";
import type { Projection } from "../../src/projecting/projection.ts";
import { createReading } from "../../src/projecting/reading.ts";
import type { MemoryLog } from "./memoryLog.ts";
import { until } from "./until.ts";

export type ViewServerOptions = {
  log: MemoryLog;
  /** Others may share it, as servers do. */
  views: ViewStore;
  projections: readonly Projection[];
  /** Events in one page of what is built beside. */
  pageEvents?: number;
} & Partial<Pick<BuilderOptions, "verify" | "prepare">>;

/**
 * What of a server folds, builds and reads the views, in one thread. Its projections count (`counted`). It runs until the test is
 * over, or `stop` is called.
 */
export function viewServer({ log, views, projections, ...options }: ViewServerOptions) {
  const generations = viewGenerations(views);
  const stop = new AbortController();
  const told: Position[] = [];
  const infos: string[] = [];
  const warnings: string[] = [];
  const states = new Map<string, KeeperState[]>();
  let opened = 0;
  const warn = (message: string) => void warnings.push(message);
  const reading = createReading(() => follower.state().progress);
  const follower = createFollower({
    log,
    store: views,
    generations,
    projections,
    pageEvents: 2,
    reading: (read, unfinished) => {
      reading.change(read);
      if (unfinished) void builder.goOn().catch((error: unknown) => warn(`it cannot go on: ${String(error)}`));
    },
    opened: () => {
      opened++;
      reading.open();
    },
    committed: (checkpoint) => void told.push(checkpoint),
    warn,
  });
  const builder = createBuilder(
    {
      log,
      store: generations,
      projections,
      follower: { halt: follower.halt, resume: follower.resume },
      verify: (projection) => comparing({ log, store: views, projection }),
      stateChanged: (name, state) => {
        states.set(name, [...(states.get(name) ?? []), state]);
        reading.building(name, state.progress);
      },
      info: (message) => void infos.push(message),
      warn,
      ...options,
    },
    stop.signal,
  );
  const ended = follower.run(stop.signal);
  ended.catch(() => undefined);
  const end = async (): Promise<void> => {
    stop.abort();
    await Promise.allSettled([ended, builder.ended()]);
  };
  onTestFinished(end);

  return {
    follower,
    builder,
    reading,
    /** The checkpoints that were told, of what is read. */
    told,
    infos,
    warnings,
    states,
    opened: () => opened,
    stop: end,
    /** How the following ended. */
    ended,
    open: () => until("the views have caught up", () => opened > 0),
    /** What readers are given. Throws where they are given nothing. */
    count: async (projection: Projection, who: string): Promise<number | undefined> => {
      const row = await views.get(`${reading.generation(projection)}/counts`, who, "");
      return (row as { count: number } | undefined)?.count;
    },
    /** Waits until what is read holds all that the log holds. */
    caughtUp: async (): Promise<void> => {
      const end = await log.end();
      await until(
        "the views are at the log's end",
        () => follower.state().state === "LIVE" && follower.state().checkpoint === end,
      );
    },
    generations: (projection: Projection): Promise<Generation[]> => generations.list(viewOf(projection)),
    state: (name: string): KeeperState | undefined => states.get(name)?.at(-1),
  };
}
