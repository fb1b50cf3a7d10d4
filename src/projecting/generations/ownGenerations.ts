import { type Anchor, type EventStore, isOfLog, type Position } from "../../ports/eventStore.ts";
import type { Projection } from "../projection.ts";
import { type Generation, type GenerationStore, runOf, viewOf } from "./store.ts";

export type OwnGenerationsOptions = {
  log: Pick<EventStore, "id">;
  store: Pick<GenerationStore, "list" | "drop">;
  projection: Projection;
  /** See `KeeperOptions`. */
  disagrees: (checkpoint: Position, anchor: Anchor | undefined) => Promise<string | undefined>;
  /** That the log is another one is told as a fault where the log is opened. */
  info: (message: string) => void;
};

/** Lists the generations of this log, by number. Generations of another log are of no use, and are removed. */
export function ownGenerations({ log, store, projection, disagrees, info }: OwnGenerationsOptions): () => Promise<Generation[]> {
  /**
   * The generations that were made from this log. Each is checked once, because what is folded afterwards is from this log for
   * certain.
   */
  const known = new Set<string>();

  /** Why a generation was not made from this log. Undefined if it was. */
  const foreign = async ({ name, checkpoint, anchor }: Generation): Promise<string | undefined> => {
    if (checkpoint === null) return undefined;
    if (!isOfLog(checkpoint, log.id)) return `it is at ${checkpoint}`;
    if (known.has(name)) return undefined;
    const why = await disagrees(checkpoint, anchor);
    if (why === undefined) known.add(name);
    return why;
  };

  return async () => {
    const found: Generation[] = [];
    for (const generation of await store.list(viewOf(projection))) {
      const why = await foreign(generation);
      if (why === undefined) found.push(generation);
      else {
        info(`${generation.name} was made from another log: it is removed and made anew (${why})`);
        await store.drop(generation.name);
      }
    }
    return found.sort((one, other) => runOf(one) - runOf(other));
  };
}
