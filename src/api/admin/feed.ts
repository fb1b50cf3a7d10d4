import type { Source } from "../../delivery/pulled.ts";
import type { ProjectionStatus } from "../../projecting/status.ts";
import type { Delivery } from "../area.ts";
import type { Operations } from "../context.ts";
import type { ProjectionStatus as Shown } from "../generated.ts";

/** The least time between two statuses of one subscription, in milliseconds. Changes within it are told as one. */
const REST_MS = 250;

/** What somebody waits for the end of. */
const WORK: ReadonlySet<ProjectionStatus["state"]> = new Set(["REBUILDING", "REPLAYING", "VERIFYING"]);

export type ProjectionFeedOptions = {
  operations: Pick<Operations, "projection" | "listen">;
  name: string;
  shown: (status: ProjectionStatus) => Shown;
  restMs?: number;
};

/**
 * The status of a projection: as it is, then whenever it changes. It ends with the status after the building or comparing that is
 * under way, or else after the next one.
 */
export function projectionFeed({ operations, name, shown, restMs = REST_MS }: ProjectionFeedOptions): Source<Delivery<Shown>> {
  let stop = (): void => {};
  let resting: NodeJS.Timeout | undefined;
  /** Whether work was seen. It may begin and end between two pulls. */
  let hasWorked = false;
  let told: string | undefined;

  const pull: Source<Delivery<Shown>>["pull"] = async () => {
    const status = await operations.projection(name);
    const isOver = hasWorked && !WORK.has(status.state) && status.state !== "RETRYING";
    hasWorked ||= WORK.has(status.state);
    const projection = shown(status);
    const text = JSON.stringify(projection);
    if (text === told && !isOver) return { items: [], more: false };
    told = text;
    return { items: [{ root: { projection } }], more: false, isLast: isOver };
  };

  return {
    open: (wake) => {
      stop = operations.listen((changed, state) => {
        if (changed !== name) return;
        hasWorked ||= WORK.has(state);
        resting ??= setTimeout(() => {
          resting = undefined;
          wake();
        }, restMs).unref();
      });
    },
    pull,
    // It may have changed while nobody asked for it. What has changed since is told after it.
    current: (item) => item,
    close: () => {
      stop();
      clearTimeout(resting);
    },
  };
}
