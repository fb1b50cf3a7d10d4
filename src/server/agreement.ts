import { setTimeout as delay } from "node:timers/promises";
import type { Anchor, EventStore, Position } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { disagreement } from "../projecting/anchors.ts";
import { foldedGenerations } from "./views.ts";

/** How often to check that the log still holds what was folded from it, in milliseconds. */
const LOOK_MS = 5_000;
/**
 * How many looks in a row must find a difference before it counts, for a log on a server. A node that does not know yet that
 * another one leads may lack what the leader accepted.
 */
const LOOKS = 3;
const PAUSE_MS = 2_000;

type Log = Pick<EventStore, "id" | "read" | "end" | "idNow">;
type Views = ViewStore;

/**
 * Tells why the views were not folded from what the log holds, in words for operators. Undefined if they were, or if nothing was
 * folded yet. `looks`: how many times in a row a difference must be found.
 */
export const viewsDisagree = (views: Views, log: Log, looks: number): Promise<string | undefined> =>
  patientDisagreement(() => disagreementOf(views, log), looks);

/** Returns what `look` found last. If one of the looks finds nothing, it returns undefined. */
export async function patientDisagreement(look: () => Promise<string | undefined>, looks: number): Promise<string | undefined> {
  for (let count = 1; ; count++) {
    const why = await look();
    if (why === undefined || count >= looks) return why;
    await delay(PAUSE_MS);
  }
}

export const looksAt = (isEmbedded: boolean): number => (isEmbedded ? 1 : LOOKS);

async function disagreementOf(views: Views, log: Log): Promise<string | undefined> {
  // Read the rows first: what they refer to was in the log before the rows were written.
  const marks = new Map<Position, Anchor | undefined>();
  for (const { checkpoint, anchor, furthest } of await foldedGenerations(views)) {
    if (checkpoint !== null) marks.set(checkpoint, anchor);
    if (furthest) marks.set(furthest.position, furthest.anchor);
  }
  for (const [checkpoint, anchor] of marks) {
    const why = await disagreement(log, checkpoint, anchor);
    if (why !== undefined) return why;
  }
  return undefined;
}

/**
 * Checks from time to time that the log is still the one that was opened and folded. If it is not, calls `fatal` once. What is
 * kept in memory (streams, ids, revisions) comes from the former log, and only a new start removes all of it. The start compares
 * again. The returned function ends the watch.
 */
export function watchLog(views: Views, log: Log, looks: number, fatal: (error: Error) => void, everyMs = LOOK_MS): () => void {
  const stop = new AbortController();
  const look = async (): Promise<string | undefined> => {
    const id = await log.idNow();
    if (id === undefined) return "its file was removed, or replaced by another one";
    if (id !== log.id) return `its id is ${id} now, and was ${log.id}`;
    return viewsDisagree(views, log, looks);
  };
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await delay(everyMs, undefined, { signal: stop.signal, ref: false }).catch(() => {});
      if (stop.signal.aborted) return;
      try {
        const why = await look();
        if (why === undefined || stop.signal.aborted) continue;
        return fatal(
          new Error(`the log went back, or is another one: ${why}. Start the server again: it folds what the log holds now`),
        );
      } catch (error) {
        // If the log is away, look again later. Any other error must not end the watch silently.
        if (!(error instanceof Unavailable) && !stop.signal.aborted) return fatal(error as Error);
      }
    }
  };
  void run();
  return () => stop.abort();
}
