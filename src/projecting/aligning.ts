import { isDeepStrictEqual } from "node:util";
import type { Position } from "../ports/eventStore.ts";
import { CheckpointMoved } from "../ports/faults.ts";
import type { Lane } from "./handling.ts";
import type { Healer } from "./healer.ts";
import type { Parked } from "./parking.ts";
import type { RunnerOptions } from "./runner.ts";
import type { RunnerReport } from "./runnerReport.ts";

export type AligningOptions = Pick<RunnerOptions, "log" | "store" | "ages" | "anew" | "aligned"> & {
  lanes: readonly Lane[];
  healer: Pick<Healer, "load" | "newlyBlocked" | "tellBlocked">;
  /** What is parked, by generation. */
  parked: Map<string, Parked>;
  report: RunnerReport;
  /** Folds from a position, or the beginning, to another one. */
  fold: (
    of: readonly Lane[],
    from: Position | null,
    until: Position | undefined,
    signal: AbortSignal | undefined,
  ) => Promise<Position | null>;
  signal: AbortSignal | undefined;
};

/** Where a lane stands. All its checkpoints are set at once, and moved together by whoever folds all of its slices. */
async function standing(store: RunnerOptions["store"], { checkpoints }: Lane): Promise<Position | null> {
  const [first = "", ...others] = checkpoints;
  const position = (await store.checkpoint(first))?.position ?? null;
  for (const name of others)
    if (((await store.checkpoint(name))?.position ?? null) !== position)
      throw new CheckpointMoved(`${first} and ${name} do not stand together: others fold their slices`);
  return position;
}

/**
 * Brings every projection to the checkpoint of the most advanced one. So a new version is first folded alone. Resolves with where
 * they are; null if nothing was ever folded.
 */
export async function aligned(options: AligningOptions): Promise<Position | null> {
  const { log, store, ages, lanes, healer, parked, report, fold, signal } = options;
  const { state } = report;
  const at = new Map<Lane, Position | null>();
  const parkedBefore = state.parked;
  parked.clear();
  state.parked = {};
  const found = await Promise.all(lanes.map(async (lane) => ({ lane, checkpoint: await standing(store, lane) })));
  for (const { lane, checkpoint } of found) at.set(lane, checkpoint);
  await Promise.all(found.map(({ lane, checkpoint }) => healer.load(lane, checkpoint)));
  // Other generations may be folded now, with nothing parked.
  if (!isDeepStrictEqual(state.parked, parkedBefore)) report.tell();
  const isNew = [...at.values()].every((checkpoint) => checkpoint === null);
  await ages?.begin(isNew);
  if (isNew) await options.anew?.();
  const newest = [...at.values()].reduce((one, other) => ((other ?? "") > (one ?? "") ? other : one), null);
  if (newest !== null) {
    for (const from of new Set([...at.values()].filter((value) => value !== newest))) {
      const behind = lanes.filter((lane) => at.get(lane) === from);
      await fold(behind, from, newest, signal);
    }
  }
  if (signal?.aborted) return newest;
  if (options.aligned) options.aligned(healer.newlyBlocked(lanes));
  else healer.tellBlocked(lanes);
  state.checkpoint = newest ?? log.origin;
  return newest;
}
