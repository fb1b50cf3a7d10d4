import { appending, newEvent } from "../commands/append.ts";
import { eventId } from "../commands/eventId.ts";
import { streams } from "../domain/ids.ts";
import { backOff } from "../ports/backoff.ts";
import type { EventStore } from "../ports/eventStore.ts";
import { inFull, Unavailable } from "../ports/faults.ts";
import type { Healed } from "../projecting/healed.ts";

const ACTOR = "healing";

export type PastHealed = {
  /** To be called when something was healed. */
  look(): void;
  /** Resolves once nothing is under way. */
  close(): Promise<void>;
};

export type PastHealedOptions = {
  log: Pick<EventStore, "append" | "end">;
  healed: Pick<Healed, "end">;
  now: () => Date;
  warn: (message: string, detail: string) => void;
};

/**
 * Sees to it that the log has an event after everything that was healed. A cursor at the log's end may be from before the healing
 * or from after it: nobody can tell which. With one more event there is a place that only valid cursors have.
 */
export function pastHealed({ log, healed, now, warn }: PastHealedOptions): PastHealed {
  const append = appending({ log });
  const stop = new AbortController();
  let working: Promise<void> = Promise.resolve();

  const goPast = async (): Promise<void> => {
    const to = healed.end();
    if (to === undefined || (await log.end()) > to) return;
    const stamp = { actorId: ACTOR, clientMutationId: to, at: now().toISOString() };
    const id = eventId(streams.settings, ACTOR, to, 0);
    await append(streams.settings, [newEvent(id, "ViewsHealed", { to }, stamp)], "any");
  };

  const persist = async (): Promise<void> => {
    for (let attempt = 0; !stop.signal.aborted; attempt++) {
      try {
        return await goPast();
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Unavailable) || attempt === 0)
          warn("the log has no event after what was healed yet; trying again", inFull(error));
        await backOff(attempt, stop.signal);
      }
    }
  };

  return {
    look: () => void (working = working.then(persist)),
    close: async () => {
      stop.abort();
      await working;
    },
  };
}
