import { setTimeout as delay } from "node:timers/promises";
import { SCHEMA } from "../domain/recorded.ts";
import { backoffMs } from "../ports/backoff.ts";
import type { Appended, EventStore, Metadata, NewEvent } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { Backpressure } from "./backpressure.ts";
import { undecided } from "./undecided.ts";

/*
 * The one door to the log: every event that a command makes gets its metadata here, and is appended here.
 */

/** Who makes an event, by which call, and when. */
export type Stamp = {
  actorId: string;
  /** The call, as its caller names it: what the event was caused by. */
  clientMutationId: string;
  /** ISO 8601, UTC, milliseconds. */
  at: string;
  deviceId?: string;
  /** The request, as the server's log names it: it ties together what one request does on several streams. The call's own name where there is none. */
  correlationId?: string;
};

/** An event as it goes into the log. */
export function newEvent(id: string, type: string, data: unknown, stamp: Stamp): NewEvent {
  const { actorId, clientMutationId, at, deviceId, correlationId = clientMutationId } = stamp;
  const metadata: Metadata = {
    $correlationId: correlationId,
    $causationId: clientMutationId,
    actorId,
    ...(deviceId === undefined ? {} : { deviceId }),
    at,
    schema: SCHEMA,
  };
  return { id, type, data, metadata };
}

/**
 * Appends events, and counts them for those who wait for the views. An outcome that is unknown is asked for by the very same call: the same ids at
 * the same revision, not one event more. Rejects with `WrongExpectedRevision`, or with `Unavailable` where the log is away: with an unknown outcome, it
 * is still tried whether the events are there (see `undecided`).
 */
export type Append = (stream: string, events: readonly NewEvent[], expected: number | "any") => Promise<Appended>;

export type AppendOptions = {
  log: Pick<EventStore, "append">;
  backpressure?: Pick<Backpressure, "appended">;
  /** How long an append whose outcome is unknown is tried, in milliseconds. */
  repeatMs?: number;
  /** Milliseconds, for waiting times only. */
  clock?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
};

const REPEAT_MS = 8_000;

export function appending(options: AppendOptions): Append {
  const { log, backpressure, repeatMs = REPEAT_MS, clock = () => performance.now(), sleep = delay } = options;

  return async (stream, events, expected) => {
    const began = clock();
    let isUnknown = false;
    for (let attempt = 0; ; attempt++) {
      try {
        const appended = await log.append(stream, events, expected);
        backpressure?.appended(appended.position, events.length);
        return appended;
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        isUnknown ||= error.outcome === "unknown";
        if (!isUnknown) throw error;
        const left = began + repeatMs - clock();
        // Whatever the last try says of itself: what became of the first stays unknown.
        if (left <= 0) {
          const unknown = new Unavailable(error.message, "unknown", { cause: error });
          throw undecided(unknown, async () => log.append(stream, events, expected), clock);
        }
        await sleep(Math.min(left, backoffMs(attempt)));
      }
    }
  };
}
