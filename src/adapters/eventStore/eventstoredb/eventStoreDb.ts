import { setTimeout as delay } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import type { Open } from "../../../ports/awaitable.ts";
import { backoffMs } from "../../../ports/backoff.ts";
import type { Appended, EventStore, NewEvent } from "../../../ports/eventStore.ts";
import { explained, Unavailable, WrongExpectedRevision } from "../../../ports/faults.ts";
import { type Address, addressOf, clientOf, disposeOf, placeName, type Preference } from "./connection.ts";
import { identityOf, type Identity, newIdentity, revisionOfIdentity } from "./identity.ts";
import { type EventTexts, json, uuid } from "../texts.ts";
import type { Outcome } from "./messages.ts";
import { streamNames } from "./names.ts";
import { isUsable, placeOf, positionOf } from "./position.ts";
import { type LogReader, openReader } from "./reader.ts";
import { requests } from "./requests.ts";
import { writerThread, type WriterThread } from "./writerThread.ts";

export type { LogReader } from "./reader.ts";
export type { Identity } from "./identity.ts";

/** The log, which also makes what a reader in another thread needs to be given the feed of this process. */
export type ServerLog = Open<EventStore> & { fed(): MessagePort };

export type EventStoreDbOptions = {
  /** The prefix of the log's stream names. With different prefixes, several logs can share a server. */
  prefix?: string;
  /** How long to wait for an append, in milliseconds. After that its outcome is unknown. */
  appendTimeoutMs?: number;
  /** How long to wait for a read, in milliseconds. */
  readTimeoutMs?: number;
  /** Called for every failed attempt to reach the server at the start. */
  waiting?: (why: string) => void;
  /** How long to wait for the server at the start, in milliseconds. Without it, there is no limit. */
  patienceMs?: number;
  /** Ends the wait at the start. The call then rejects with the signal's reason. */
  signal?: AbortSignal;
};

const TIMEOUT_MS = 5_000;

/** How many bytes of events one append may have. The server refuses 1 MiB, which includes names and its own fields. */
const MAX_APPEND_BYTES = 1_000_000;

/**
 * The log on EventStoreDB (22.10 or newer; KurrentDB too) at an `esdb://` or `esdb+discover://` address: one node or a cluster. A
 * separate thread sends appends to the leader. Reads ask the leader, and catch-up subscriptions ask the node that the address
 * prefers. If the server is away, it waits with backoff. Rejects with an `Error` that says what to do if the address cannot be
 * used.
 *
 * Some problems cannot happen here. Appends have explicit revisions, and ids that are derived from the command. So the server
 * recognises a repeated call, even after a kill or a change of the leader. (Only read marks use "any". They may be stored twice,
 * but the highest mark wins in every fold.) Nothing subscribes for each conversation or user: the connections carry 64 reads and
 * one subscription, which all threads share (`feed.ts`), and whose readers hold the server back. Links are not resolved, so every
 * record has its event. No links of the system projections are needed, so these projections may stay off.
 */
export async function eventStoreDb(url: string, options: EventStoreDbOptions = {}): Promise<ServerLog> {
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
        // The server gives no answer, until its own time limit, to a repeat while the original is still on its way. That happens
        // if two servers handle the same call at the same moment.
        const overdue = expected === "any" ? undefined : () => storedAlready(reader, stream, expected, texts);
        const outcome = await writer.append({ stream: names.outer(stream), expected, events: texts }, overdue);
        const { revision, place, seen } = storedOf(outcome, stream, Number(expected));
        const appended =
          place !== undefined && isUsable(place)
            ? { revision, position: positionOf(identity.id, place) }
            : await lookedUp(reader, stream, revision);
        reader.known(appended.position);
        return seen ? { ...appended, seen: seen.map((each) => positionOf(identity.id, each)) } : appended;
      },
      fed: () => writer.reader(),
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
 * The same log, only for reading. It reads from the node that the address prefers, which may lack what was acknowledged a moment
 * ago, or from the leader. `identity`: which log it is, if that is known. Without it, a log that nobody has written yet is
 * `Unavailable`. `feed`: from `fed` of the log of this process.
 */
export async function eventStoreDbReader(
  url: string,
  options: EventStoreDbOptions = {},
  identity?: Identity,
  preference: Preference = "as given",
  feed?: MessagePort,
): Promise<Open<LogReader>> {
  const address = addressFrom(url);
  const known = identity ?? (await identified(address, streamNames(options.prefix ?? "").identity, options));
  return openReader({ ...readerOptions(address, options, known), preference, feed });
}

/** How often the renewal of an id is tried again. */
const RENEWALS = 8;

/**
 * Gives the log another id, if it still has this one. Then no existing position belongs to it: cursors, views and indexes that
 * know more than the log does now belong to another log. Rejects with `Unavailable`.
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
        // Another server was faster: the log already has another id.
        if (outcome.kind !== "conflict") storedOf(outcome, stream, revision);
        return;
      } catch (error) {
        // The next attempt shows whether it was stored.
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

/** Tells which log this is. With `writer`, it makes a new log if there is none. If the server is away, it waits. */
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
        // The first server makes the log. A conflict means that another one was first.
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

/** Returns the outcome of a stored append. Throws the matching error for any other outcome. */
function storedOf(outcome: Outcome, stream: string, expected: number): Extract<Outcome, { kind: "stored" }> {
  switch (outcome.kind) {
    case "stored":
      return outcome;
    case "conflict":
      throw new WrongExpectedRevision(stream, expected, outcome.actual);
    case "away":
      throw new Unavailable("EventStoreDB gave no clear answer", "unknown", { cause: new Error(outcome.message) });
    case "refused":
      throw new Unavailable("EventStoreDB refused to store it", "nothing", { cause: new Error(outcome.message) });
    case "bug":
      throw new Error(`EventStoreDB cannot take this append to ${stream}: ${outcome.message}`);
  }
}

async function lookedUp(reader: LogReader, stream: string, revision: number): Promise<Appended> {
  const [event] = await Promise.resolve(reader.read(stream, revision, "forwards", 1)).catch((error: Error) => {
    // The events are stored. A repeat of the call gets their place.
    throw new Unavailable(error.message, "unknown", { cause: error });
  });
  if (!event) throw new Unavailable(`revision ${revision} of ${stream} was stored and cannot be found yet`, "unknown");
  return { revision, position: event.position };
}

/** Looks whether exactly these events are where the append would put them. */
async function storedAlready(
  reader: LogReader,
  stream: string,
  expected: number,
  texts: readonly EventTexts[],
): Promise<Outcome | undefined> {
  const events = await reader.read(stream, expected + 1, "forwards", texts.length);
  const last = events[texts.length - 1];
  const same = events.every(({ id }, index) => id === texts[index]?.[0].toLowerCase());
  return last && same ? { kind: "stored", revision: last.revision, place: placeOf(reader.id, last.position) } : undefined;
}

/**
 * Events as text. They are converted at once, because the caller may change them while it waits. Throws if the server would not
 * take them.
 */
function textsOf(events: readonly NewEvent[]): EventTexts[] {
  if (events.length === 0) throw new TypeError("an append has at least one event");
  let bytes = 0;
  const ids = new Set<string>();
  const texts = events.map(({ id, type, data, metadata }): EventTexts => {
    ids.add(id.toLowerCase());
    // The server accepts an id that is no UUID, but would not recognise its repeat.
    const text: EventTexts = [uuid(id), type, json(data), json(metadata)];
    for (const part of text) bytes += Buffer.byteLength(part);
    return text;
  });
  // The server would store the event twice.
  if (ids.size < events.length) throw new TypeError("an append has an id twice");
  if (bytes > MAX_APPEND_BYTES)
    throw new RangeError(`an append to EventStoreDB has at most ${MAX_APPEND_BYTES} bytes, not ${bytes}: append in parts`);
  return texts;
}
