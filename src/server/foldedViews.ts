import type { News } from "../delivery/news.ts";
import type { Position } from "../ports/eventStore.ts";
import type { BlockedKeys } from "../projecting/blocked.ts";
import type { Interval } from "../projecting/healed.ts";
import type { ReadNow } from "../projecting/reading.ts";
import type { SliceMove } from "../projecting/slicedNews.ts";
import { viewBuilder } from "./builder.ts";
import type { BuildingData } from "./building.ts";
import { ALL } from "./health.ts";
import { type ProjectorData, startProjector } from "./projector.ts";
import type { ViewsFollower } from "./viewsFollower.ts";

/** How long a replaced generation is kept, in milliseconds. Queries on it can finish in that time, wherever they run. */
const REPLACED_MS = 60_000;

type Places = Pick<BuildingData, "log" | "views">;

export type FoldedViewsOptions = Pick<ProjectorData, "interest" | "epochs" | "rows" | "sliced" | "retention" | "servesNobody"> & {
  /** How long generations of earlier versions are kept, in milliseconds. */
  olderMs: number;
  origin: Position;
  /** Places for a thread that reads the log now and then, and for one that follows it. */
  places: () => Places;
  following: () => Places;
  committed: News;
  moved: (moves: readonly SliceMove[]) => void;
  reading: (read: Record<string, ReadNow>, blocked: BlockedKeys) => void;
  blocked: (keys: BlockedKeys) => void;
  healed: (intervals: readonly Interval[]) => void;
  opened: () => void;
  /** Whether what is read has caught up since the start. */
  isOpen: () => boolean;
  /** Called with the name of a projection, or with `ALL`. */
  stateChanged: (projection: string) => void;
  info: (message: string) => void;
  warn: (message: string, detail: string) => void;
  fatal: (error: Error) => void;
};

/** The views, folded by threads of this process. */
export function foldViews(options: FoldedViewsOptions): ViewsFollower {
  const { interest, epochs, rows, sliced, retention, servesNobody = false, olderMs, origin, places, following } = options;
  const { committed, moved, reading, blocked, healed, opened, isOpen, stateChanged, info, warn, fatal } = options;
  const projector = startProjector(
    {
      ...following(),
      interest,
      epochs,
      rows,
      retention,
      servesNobody,
      ...(sliced ? { sliced } : {}),
      kept: { replacedMs: REPLACED_MS, olderMs },
    },
    {
      origin,
      committed,
      moved,
      stateChanged: () => stateChanged(ALL),
      reading: (read, unfinished, keys) => {
        reading(read, keys);
        if (unfinished) builder.goOn();
      },
      blocked,
      healed,
      opened,
      info,
      warn,
      fatal,
    },
  );
  const builder = viewBuilder(
    { retention: { ttlMs: retention.ttlMs, max: retention.max }, ...(sliced ? { sliced } : {}) },
    places,
    { follower: projector, isOpen, stateChanged, healed, info, warn },
  );
  return {
    replay: builder.replay,
    cancelReplay: builder.cancelReplay,
    verify: builder.verify,
    state: projector.state,
    beside: builder.state,
    hurry: projector.hurry,
    retryParked: projector.retryParked,
    close: async () => {
      await Promise.all([projector.close(), builder.close()]);
    },
  };
}
