import { setTimeout as delay } from "node:timers/promises";
import { SCHEMA } from "../domain/recorded.ts";
import { backoffMs } from "../ports/backoff.ts";
import type { Appended, EventStore, Metadata, NewEvent } from "../ports/eventStore.ts";
import { Unavailable } from "../ports/faults.ts";
import type { Blocked } from "../projecting/blocked.ts";
import { keyOfStream } from "../projecting/slices.ts";
import type { Backpressure } from "./backpressure.ts";
import { undecided } from "./undecided.ts";

/* The one door to the log: every event that a command makes gets its metadata here and is appended here. */

/** Who makes an event, by which call, and when. */
export type Stamp = {
  actorId: string;
  /** The caller's name for the call. The call is the cause of the event. */
  clientMutationId: string;
  /** ISO 8601, UTC, milliseconds. */
  at: string;
  deviceId?: string;
  /**
   * The request's name in the server's log. It connects what one request does on several streams. Without one, `clientMutationId`
   * is used.
   */
  correlationId?: string;
  /** It comes from an archive, and happened at this time (ISO 8601): nobody is told of it. */
  imported?: { at: string };
};

/** An event as it goes into the log. */
export function newEvent(id: string, type: string, data: unknown, stamp: Stamp): NewEvent {
  const { actorId, clientMutationId, at, deviceId, correlationId = clientMutationId, imported } = stamp;
  const ids = { $correlationId: correlationId, $causationId: clientMutationId, actorId };
  const metadata: Metadata = deviceId === undefined ? { ...ids, at, schema: SCHEMA } : { ...ids, deviceId, at, schema: SCHEMA };
  if (imported !== undefined) metadata.imported = imported;
  return { id, type, data, metadata };
}

/**
 * Appends events, and counts them for back-pressure. If the outcome is unknown, the same call is made again: the same ids at the
 * same revision, so that no event is added twice. Rejects with `WrongExpectedRevision`, or with `Unavailable` if the log is away.
 * Rejects with `Withheld` if a right that was taken away may still be in force under the stream's key: nothing is appended then.
 * If the outcome is still unknown then, further attempts are made in the background (see `undecided`).
 */
export type Append = (stream: string, events: readonly NewEvent[], expected: number | "any") => Promise<Appended>;

export type AppendOptions = {
  log: Pick<EventStore, "append">;
  /** Keys under which nothing is appended now. */
  blocked?: Pick<Blocked, "check">;
  backpressure?: Pick<Backpressure, "appended">;
  /** How long an append with an unknown outcome is repeated, in milliseconds. */
  repeatMs?: number;
  /** In milliseconds. Used for waiting times only. */
  clock?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
};

const REPEAT_MS = 8_000;

export function appending(options: AppendOptions): Append {
  const { log, blocked, backpressure, repeatMs = REPEAT_MS, clock = () => performance.now(), sleep = delay } = options;

  return async (stream, events, expected) => {
    blocked?.check(keyOfStream(stream));
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
        // The outcome of the first attempt is still unknown, whatever the last one says.
        if (left <= 0) {
          const unknown = new Unavailable(error.message, "unknown", { cause: error });
          throw undecided(unknown, async () => log.append(stream, events, expected), clock);
        }
        await sleep(Math.min(left, backoffMs(attempt)));
      }
    }
  };
}
