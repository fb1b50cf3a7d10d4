import { setTimeout as delay } from "node:timers/promises";
import type { Open } from "../../../ports/awaitable.ts";
import { backoffMs } from "../../../ports/backoff.ts";
import type { Appended, EventStore, NewEvent } from "../../../ports/eventStore.ts";
import { explained, Unavailable, WrongExpectedRevision } from "../../../ports/faults.ts";
import { type Address, addressOf, clientOf, disposeOf, placeName, type Preference } from "./connection.ts";
import { identityOf, type Identity, newIdentity, revisionOfIdentity } from "./identity.ts";
import { type EventTexts, json, uuid } from "../texts.ts";
import type { Outcome } from "./messages.ts";
import { streamNames } from "./names.ts";
import { type Place, positionOf } from "./position.ts";
import { type LogReader, openReader } from "./reader.ts";
import { requests } from "./requests.ts";
import { writerThread, type WriterThread } from "./writerThread.ts";

export type { LogReader } from "./reader.ts";
export type { Identity } from "./identity.ts";

export type EventStoreDbOptions = {
  /** What the names of the log's streams begin with, so that several logs can share a server. */
  prefix?: string;
  /** Milliseconds that an append is waited for; then its outcome is unknown. */
  appendTimeoutMs?: number;
  /** Milliseconds that a read is waited for. */
  readTimeoutMs?: number;
  /** Told of every try to reach the server that failed while it is waited for at the start. */
  waiting?: (why: string) => void;
  /** Milliseconds that the server is waited for at the start; none: for ever. */
  patienceMs?: number;
  /** Ends the waiting at the start: it rejects with the signal's reason. */
  signal?: AbortSignal;
};

const TIMEOUT_MS = 5_000;

/** Bytes of one append's events that the server takes for certain: it refuses 1 MiB, names and its own fields included. */
const MAX_APPEND_BYTES = 1_000_000;

/**
 * The log on EventStoreDB (22.10 or newer; KurrentDB too) at an `esdb://` or `esdb+discover://` address: one node or a cluster. Appends go to the
 * leader through a thread of their own, reads are asked of the leader, and catch-up subscriptions of the node that the address
 * prefers. Waits for a server that is away, with backoff. Rejects with an `Error` that says what to do where the address cannot be used.
 *
 * What cannot happen here, and why: appends have explicit revisions and ids derived from the command, so that the very same call again is known
 * to the server after a kill or a change of the leader (with "any", which only read marks use, it may be stored twice: the
 * highest mark wins in every fold). Nothing subscribes per conversation or user: the connections carry 64 reads and one
 * subscription. Links are not resolved, so that every record has its event. Subscriptions are read by iterator, which holds the server
 * back. No link of the system projections is needed: they may stay off.
 */
export async function eventStoreDb(url: string, options: EventStoreDbOptions = {}): Promise<Open<EventStore>> {
  const address = addressFrom(url);
  const names = streamNames(options.prefix ?? "");
  const writer = writerThread({ url: address.url }, options.appendTimeoutMs ?? TIMEOUT_MS);
  try {
    const identity = await identified(address, names.identity, options, writer);
    const reader = openReader({ ...readerOptions(address, options, identity), preference: "leader" });
    return {
      ...reader,
      async append(stream, events, expected) {
        const texts = textsOf(events);
        const answer = writer.append({ stream: names.outer(stream), expected, events: texts }).then((outcome) => {
          const { revision, place } = storedOf(outcome, stream, Number(expected));
          return place !== undefined && isUsable(place)
            ? { revision, position: positionOf(identity.id, place) }
            : lookedUp(reader, stream, revision);
        });
        const appended = await (expected === "any"
          ? answer
          : sooner(answer, () => storedAlready(reader, stream, expected, texts)));
        reader.known(appended.position);
        return appended;
      },
      async close() {
        await writer.close();
        await reader.close();
      },
    };
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/**
 * The same log for reading alone, from the node that the address prefers: it may lag behind what was acknowledged a moment ago; or from the leader.
 * `identity`: which log it is, where that is known; else a log that nobody wrote yet is `Unavailable`.
 */
export async function eventStoreDbReader(
  url: string,
  options: EventStoreDbOptions = {},
  identity?: Identity,
  preference: Preference = "as given",
): Promise<Open<LogReader>> {
  const address = addressFrom(url);
  const known = identity ?? (await identified(address, streamNames(options.prefix ?? "").identity, options));
  return openReader({ ...readerOptions(address, options, known), preference });
}

/** How often the renewal of an id is tried again. */
const RENEWALS = 8;

/**
 * Gives the log another id where it still has this one, so that no position of before is one of it: cursors, views and indexes that know more than it does now
 * are those of another log. Rejects with `Unavailable`.
 */
export async function renewEventStoreDb(url: string, id: string, options: EventStoreDbOptions = {}): Promise<void> {
  const address = addressFrom(url);
  const { identity: stream } = streamNames(options.prefix ?? "");
  const client = clientOf(address, "leader", "tidings-start");
  const writer = writerThread({ url: address.url }, options.appendTimeoutMs ?? TIMEOUT_MS);
  const ask = requests(options.readTimeoutMs ?? TIMEOUT_MS);
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const revision = await revisionOfIdentity(client, ask, stream, id);
        if (revision === undefined) return;
        const outcome = await writer.append({ stream, expected: revision, events: [newIdentity()] });
        // Another server was faster: it is another log already.
        if (outcome.kind !== "conflict") storedOf(outcome, stream, revision);
        return;
      } catch (error) {
        // Whether it was stored is seen at the next look.
        if (!(error instanceof Unavailable) || attempt === RENEWALS) throw error;
        await delay(backoffMs(attempt));
      }
    }
  } finally {
    await writer.close();
    await disposeOf(client);
  }
}

const readerOptions = (address: Address, options: EventStoreDbOptions, { id, origin }: Identity) => ({
  address,
  names: streamNames(options.prefix ?? ""),
  id,
  origin,
  timeoutMs: options.readTimeoutMs ?? TIMEOUT_MS,
});

function addressFrom(url: string): Address {
  try {
    return addressOf(url);
  } catch (error) {
    throw new Error(`EVENTSTORE_URL cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

/** Which log this is; a writer makes one where there is none. Waits for a server that is away. */
async function identified(
  address: Address,
  stream: string,
  { readTimeoutMs = TIMEOUT_MS, waiting, patienceMs, signal }: EventStoreDbOptions,
  writer?: WriterThread,
): Promise<Identity> {
  const client = clientOf(address, "leader", "tidings-start");
  const ask = requests(readTimeoutMs);
  const began = performance.now();
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const found = await identityOf(client, ask, stream);
        if (found) return found;
        if (!writer) throw new Unavailable(`there is no log on EventStoreDB at ${placeName(address)} yet: a server makes it`);
        const made = await writer.append({ stream, expected: -1, events: [newIdentity()] });
        // Whoever is first; a conflict is someone who was.
        if (made.kind !== "conflict") storedOf(made, stream, -1);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        if (patienceMs !== undefined && performance.now() - began > patienceMs) throw error;
        waiting?.(`waiting for EventStoreDB at ${placeName(address)}: ${explained(error)}`);
        await delay(backoffMs(attempt), undefined, signal ? { signal } : {}).catch(() => {});
        signal?.throwIfAborted();
      }
    }
  } finally {
    await disposeOf(client);
  }
}

/** Throws what an append that was not stored is to be told by. */
function storedOf(outcome: Outcome, stream: string, expected: number): Extract<Outcome, { kind: "stored" }> {
  switch (outcome.kind) {
    case "stored":
      return outcome;
    case "conflict":
      throw new WrongExpectedRevision(stream, expected, outcome.actual);
    case "away":
      throw new Unavailable("EventStoreDB gave no answer that tells", "unknown", { cause: new Error(outcome.message) });
    case "refused":
      throw new Unavailable("EventStoreDB refused to store it", "nothing", { cause: new Error(outcome.message) });
    case "bug":
      throw new Error(`EventStoreDB cannot take this append to ${stream}: ${outcome.message}`);
  }
}

/** A server may answer a repeat without the place of what it found. */
const isUsable = ({ commit, prepare }: Place): boolean => commit > 0n && commit < 2n ** 63n && prepare < 2n ** 63n;

async function lookedUp(reader: LogReader, stream: string, revision: number): Promise<Appended> {
  const [event] = await Promise.resolve(reader.read(stream, revision, "forwards", 1)).catch((error: Error) => {
    // It is stored: whoever repeats the call is told where.
    throw new Unavailable(error.message, "unknown", { cause: error });
  });
  if (!event) throw new Unavailable(`revision ${revision} of ${stream} was stored and cannot be found yet`, "unknown");
  return { revision, position: event.position };
}

/** How long an answer is waited for before it is looked up whether the stream has the events already: milliseconds. */
const OVERDUE_MS = 400;

/**
 * An answer, or what a look finds meanwhile where the answer is overdue. The server gives none, until its own time limit, to a repeat whose original
 * is still on its way: another server's with the same key at the same moment.
 */
function sooner(answer: Promise<Appended>, look: () => Promise<Appended | undefined>): Promise<Appended> {
  return new Promise((resolve, reject) => {
    const overdue = setTimeout(() => {
      look().then(
        (found) => found && resolve(found),
        () => {},
      );
    }, OVERDUE_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(overdue));
  });
}

/** Whether these very events are where an append would put them. */
async function storedAlready(
  reader: LogReader,
  stream: string,
  expected: number,
  texts: readonly EventTexts[],
): Promise<Appended | undefined> {
  const events = await reader.read(stream, expected + 1, "forwards", texts.length);
  const last = events[texts.length - 1];
  const same = events.every(({ id }, index) => id === texts[index]?.[0].toLowerCase());
  return last && same ? { revision: last.revision, position: last.position } : undefined;
}

/** Events as text, made here and now: whoever calls may change theirs while they wait. Throws where the server would not take them. */
function textsOf(events: readonly NewEvent[]): EventTexts[] {
  if (events.length === 0) throw new TypeError("an append has at least one event");
  let bytes = 0;
  const ids = new Set<string>();
  const texts = events.map(({ id, type, data, metadata }): EventTexts => {
    ids.add(id.toLowerCase());
    // Of an id that is no UUID the server would tell twice, the second time nobody.
    const text: EventTexts = [uuid(id), type, json(data), json(metadata)];
    for (const part of text) bytes += Buffer.byteLength(part);
    return text;
  });
  // The server would store it twice.
  if (ids.size < events.length) throw new TypeError("an append has an id twice");
  if (bytes > MAX_APPEND_BYTES)
    throw new RangeError(`an append to EventStoreDB has at most ${MAX_APPEND_BYTES} bytes, not ${bytes}: append in parts`);
  return texts;
}
