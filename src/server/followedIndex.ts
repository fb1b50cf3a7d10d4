import { search } from "../../projections/search/search.ts";
import type { Position } from "../ports/eventStore.ts";
import { explained } from "../ports/faults.ts";
import type { SearchIndex } from "../ports/searchIndex.ts";
import { type KeeperState, startingState } from "../projecting/generations/state.ts";
import { viewOf } from "../projecting/generations/store.ts";
import { keptElsewhere } from "./foldingElsewhere.ts";
import { CALLED } from "./indexing.ts";
import type { Indexer } from "./indexer.ts";
import type { Between } from "./signals.ts";

/** How often it is looked how far the index is, in milliseconds: at any time, and while somebody waits for it. */
const LOOK_MS = 1_000;
const WAITED_MS = 100;
const WAIT_MS = 5_000;

export type FollowedIndexOptions = {
  origin: Position;
  index: Pick<SearchIndex, "generations">;
  between: Between;
  committed: (checkpoint: Position) => void;
  stateChanged: () => void;
};

/** Follows a search index that another process keeps: how far it is stands in the index itself. */
export function followIndex({ origin, index, between, committed, stateChanged }: FollowedIndexOptions): Indexer {
  const keeping = keptElsewhere<KeeperState>("search", between, ([first]) => first, stateChanged);
  let checkpoint = origin;
  let generation: string | undefined;
  let lastError: string | undefined;
  let waitedUntil = -Infinity;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    try {
      const active = (await index.generations(viewOf(search))).find((each) => each.active);
      generation = active?.name;
      lastError = undefined;
      if (active?.checkpoint == null || active.checkpoint <= checkpoint) return;
      waitedUntil = -Infinity;
      checkpoint = active.checkpoint;
      committed(checkpoint);
    } catch (error) {
      lastError = explained(error);
    }
  };
  const again = (): void => {
    clearTimeout(timer);
    if (isClosed || looking !== undefined) return;
    looking = look().then(() => {
      looking = undefined;
      if (isClosed) return;
      timer = setTimeout(again, performance.now() < waitedUntil ? WAITED_MS : LOOK_MS).unref();
    });
  };
  again();

  const state = (): KeeperState => {
    const said = keeping.state();
    const own = {
      ...(said ?? startingState(search, origin, CALLED)),
      checkpoint,
      generation: generation ?? said?.generation ?? "",
    };
    if (lastError !== undefined) return { ...own, state: "RETRYING", lastError };
    if (said !== undefined) return own;
    // Searches go on in what is there.
    return { ...own, state: generation === undefined ? "RETRYING" : "LIVE", lastError: "no indexer says how it is" };
  };

  return {
    replay: () => keeping.replay(search.name),
    cancelReplay: () => keeping.cancelReplay(search.name),
    verify: () => keeping.verify(search.name),
    retryParked: (cursor) => keeping.retryParked(search.name, cursor),
    state,
    begun: looking ?? Promise.resolve(),
    hurry: () => {
      const isNew = performance.now() >= waitedUntil;
      waitedUntil = performance.now() + WAIT_MS;
      if (isNew) again();
    },
    // An index on a server is mended there.
    damaged: () => {},
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      keeping.close();
      await looking;
    },
  };
}
