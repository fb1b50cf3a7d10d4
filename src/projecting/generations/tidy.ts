import type { ViewStore } from "../../ports/viewStore.ts";
import type { Projection } from "../projection.ts";
import { type GenerationStore, runOf, viewOf } from "./store.ts";
import { markLeft, unmarkLeft } from "./viewGenerations.ts";

export type TidyOptions = {
  store: Pick<ViewStore, "get" | "commit">;
  generations: Pick<GenerationStore, "list" | "drop">;
  projections: readonly Projection[];
  /** How long a replaced generation is kept, in milliseconds: queries on it can finish in that time. */
  replacedMs: number;
  /** How long generations of earlier versions are kept, in milliseconds: so long one can go back to the earlier version. */
  olderMs: number;
  now: () => Date;
};

/**
 * Drops generations that nobody reads any more: those that were replaced, and those of earlier versions once the newer version is
 * read. The first call that finds such a generation only notes the time. Returns the names of those that were dropped.
 */
export async function tidyGenerations(options: TidyOptions): Promise<string[]> {
  const { generations, projections, replacedMs, olderMs } = options;
  const dropped: string[] = [];
  const leave = async (name: string, keptMs: number): Promise<void> => {
    if (!(await isOver(options, name, keptMs))) return;
    await generations.drop(name);
    dropped.push(name);
  };
  for (const { name, version: newest } of projections) {
    const own = await generations.list(viewOf({ name, version: newest }));
    const active = own.find((generation) => generation.active);
    if (!active) continue;
    await unmarkLeft(options.store, active.name);
    for (const generation of own) if (runOf(generation) < runOf(active)) await leave(generation.name, replacedMs);
    for (let version = 1; version < newest; version++)
      for (const generation of await generations.list(viewOf({ name, version }))) await leave(generation.name, olderMs);
  }
  return dropped;
}

/** Whether nobody has read the generation for so long. Notes the time if it is not noted yet. */
async function isOver({ store, now }: TidyOptions, generation: string, keptMs: number): Promise<boolean> {
  const left = await markLeft(store, generation, now());
  return now().getTime() - left.getTime() >= keptMs;
}
