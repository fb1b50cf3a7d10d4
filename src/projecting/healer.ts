import type { Position } from "../ports/eventStore.ts";
import { type BlockedKeys, isReliedOn, type Keys, toldKeys } from "./blocked.ts";
import { type createHandling, handlingsOf, type Lane } from "./handling.ts";
import { heal } from "./healing.ts";
import { keyOfParked, loadParked, type Parked } from "./parking.ts";
import type { RunnerOptions } from "./runner.ts";
import type { RunnerReport } from "./runnerReport.ts";
import { isMine, parsed } from "./slices.ts";
import type { Workspace } from "./workspace.ts";

export type HealerOptions = Pick<RunnerOptions, "log" | "store" | "ages" | "slice" | "blocked" | "healing" | "info"> & {
  workspace: Workspace;
  report: RunnerReport;
  pageRows: number;
  /** What is parked, by generation. */
  parked: Map<string, Parked>;
  tryAgain: ReturnType<typeof createHandling>["tryAgain"];
};

/** What a runner does with parked events. */
export type Healer = {
  /** Reads what is parked of a lane. */
  load(lane: Lane, checkpoint: Position | null): Promise<void>;
  /** The keys that are blocked, of projections where they are others than was told before. Now they count as told. */
  newlyBlocked(of: readonly Lane[]): BlockedKeys;
  /** Tells them. */
  tellBlocked(of: readonly Lane[]): void;
  /**
   * Tries what is parked of a lane again, up to `at`, where the lane is. `only`: the events of this key. No writes may be waiting
   * for their commit.
   */
  heal(lane: Lane, at: Position, only: string | undefined, signal: AbortSignal | undefined): Promise<void>;
  /** Asks for what `retryParked` of a runner does: see there. */
  ask(projection: string, cursor: Position | undefined): Promise<boolean>;
  isAsked(): boolean;
  /** Does what was asked for. */
  healAsked(lanes: readonly Lane[], at: Position, signal: AbortSignal | undefined): Promise<void>;
};

/** What `retryParked` of a runner was asked for. */
type Asked = { projection: string; cursor: Position | undefined; done: (isThere: boolean) => void };

export function createHealer(options: HealerOptions): Healer {
  const { log, store, ages, slice, healing, workspace, report, pageRows, parked, tryAgain } = options;
  const { state } = report;
  const asked: Asked[] = [];
  /** The keys that were told to be blocked, by projection. */
  const told = new Map<string, Keys>();

  const newlyBlocked = (of: readonly Lane[]): BlockedKeys => {
    const changed: Record<string, Keys> = {};
    for (const { projection, generation } of of) {
      if (!isReliedOn(projection)) continue;
      const keys = toldKeys(parked.get(generation)?.keys ?? new Set());
      if (JSON.stringify(keys) === JSON.stringify(told.get(projection.name) ?? [])) continue;
      told.set(projection.name, keys);
      changed[projection.name] = keys;
    }
    return changed;
  };

  const tellBlocked = (of: readonly Lane[]): void => {
    const changed = newlyBlocked(of);
    if (Object.keys(changed).length > 0) options.blocked?.(changed);
  };

  const load = async (lane: Lane, checkpoint: Position | null): Promise<void> => {
    const found = await loadParked(store, lane.generation, checkpoint, slice);
    parked.set(lane.generation, found);
    state.parked[lane.projection.name] = found.count;
  };

  const healLane: Healer["heal"] = async (lane, at, only, signal) => {
    const { projection, generation, checkpoints } = lane;
    const before = state.parked[projection.name] ?? 0;
    if (before === 0) return;
    const handlings = handlingsOf([lane]);
    try {
      await heal({
        log,
        store,
        generation,
        checkpoint: at,
        ...(only === undefined ? {} : { only }),
        isMine: (stored) => isMine(stored, slice),
        attempt: async (stored) => {
          const event = parsed(stored);
          const [handling] = handlings.get(stored.type) ?? [];
          // Nothing handles it any more.
          if (event === null || !handling) return { writes: [] };
          return tryAgain(handling, stored, event, stored.position <= (ages?.horizon() ?? ""), signal);
        },
        apply: (writes) => workspace.apply(projection, generation, writes),
        commit: async (first) => {
          const rows = first === undefined ? [] : ((await healing?.rows(first, at)) ?? []);
          await store.commit([...workspace.writes, ...rows], [{ of: checkpoints, from: at, to: at }]);
          workspace.committed();
          if (first !== undefined) await healing?.told();
        },
        pageRows,
        ...(signal ? { signal } : {}),
      });
    } finally {
      // What is left of a page that was not committed did not happen.
      workspace.rolledBack();
    }
    await load(lane, at);
    tellBlocked([lane]);
    const left = state.parked[projection.name] ?? 0;
    if (left < before) options.info?.(`${projection.name} handled ${before - left} parked events; ${left} are left`);
    report.tell();
  };

  return {
    newlyBlocked,
    tellBlocked,
    load,
    heal: healLane,
    ask: (projection, cursor) => new Promise((done) => void asked.push({ projection, cursor, done })),
    isAsked: () => asked.length > 0,
    healAsked: async (lanes, at, signal) => {
      for (let next = asked[0]; next; next = asked[0]) {
        const { projection, cursor, done } = next;
        const lane = lanes.find((each) => each.projection.name === projection);
        const only = lane && cursor !== undefined ? await keyOfParked(store, lane.generation, cursor) : undefined;
        const isThere = cursor === undefined || only !== undefined;
        if (lane && isThere) await healLane(lane, at, only, signal);
        if (signal?.aborted) return;
        asked.shift();
        done(isThere);
      }
    },
  };
}
