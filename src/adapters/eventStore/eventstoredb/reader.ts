import type { MessagePort } from "node:worker_threads";
import type { EventStoreDBClient } from "@eventstore/db-client";
import type { Open } from "../../../ports/awaitable.ts";
import { type EventStore, type LogPage, onlyOf, type Position } from "../../../ports/eventStore.ts";
import { explained, Unavailable } from "../../../ports/faults.ts";
import type { StoredEvent, StoredEvents, StoredPage } from "../../../ports/storedEvents.ts";
import { readAllAsBytes, subscribeToAll } from "./calls.ts";
import { type Address, clientOf, disposeOf } from "./connection.ts";
import { fedBy } from "./fed.ts";
import { follower, type Follower, type Subscription } from "./follower.ts";
import type { StreamNames } from "./names.ts";
import { identityOf } from "./identity.ts";
import { placeOf, positionOf } from "./position.ts";
import { eventOf, type Record } from "./records.ts";
import { faultOf } from "./faults.ts";
import { noAnswer, readFault, requests } from "./requests.ts";
import { statusOf } from "./status.ts";
import { recordOf, storedIn } from "./wire.ts";

/** The log without `append`. */
export type LogReader = Omit<EventStore, "append"> & StoredEvents;

export type ReaderOptions = {
  address: Address;
  names: StreamNames;
  id: string;
  origin: Position;
  timeoutMs: number;
  /** `leader`: finds everything that was acknowledged up to a moment ago. */
  preference: "leader" | "as given";
  /** Brings the ports to this process's feed, if it has one: see `fedBy`. */
  feed?: MessagePort | undefined;
};

/** How long to wait for a node's status, in milliseconds. */
const STATUS_MS = 1_500;

/** How often a reader with a subscription of its own looks whether it can join the feed, in milliseconds. */
const JOIN_MS = 1_000;

/** How long a page may grow while there is much to read, in milliseconds. */
const GATHER_MS = 50;

/** Extra records to ask for, in case some do not belong to this log. */
const SPARE = 16;

/**
 * Reads the log. `readAll` reads single pages from the server. For a caller that reads on where its last page ended, it uses a
 * catch-up subscription: that needs no call for each page, and tells at once what is new.
 */
export function openReader(options: ReaderOptions): Open<LogReader> & { known(position: Position): void } {
  const { address, names, id, origin, timeoutMs, preference, feed } = options;
  // Two clients, because a client ends all calls on its channel when one of them fails.
  const client = clientOf(address, preference, "tidings-reader");
  const subscriber = clientOf(address, "as given", "tidings-follower");
  const requiresLeader = preference === "leader";
  const isWanted = (stream: string): boolean => names.inner(stream) !== undefined;
  const fed = feed && fedBy(feed, (bytes, start, until) => recordOf(bytes, isWanted, start, until));
  const ask = requests(timeoutMs);
  let following: Follower | undefined;
  /** Where the last page ended, if it was not the log's last page. */
  let sequel: Position | undefined;
  /** The newest position that is known to be in the log. */
  let newest = origin;
  /** The newest known event of this log. Records of others, and of the server itself, may come after it. */
  let newestEvent = origin;
  /** The follower that has reached the log's end, and its `breaks` at that time. */
  let live: { of: Follower; breaks: number } | undefined;
  let closed = false;

  const known = (position: Position, isEvent = true): void => {
    if (position > newest) newest = position;
    if (isEvent && position > newestEvent) newestEvent = position;
  };

  const open = (): EventStoreDBClient => {
    if (closed) throw new Unavailable("the log is closed");
    return client;
  };

  const read = (record: Record) => {
    if (record.position === undefined)
      throw new Unavailable("EventStoreDB tells no positions: it must be of version 22.10 or newer");
    const position = positionOf(id, record.position);
    return { position, event: eventOf(record, position, names) };
  };

  const end = async (): Promise<Position> => {
    const [last] = await ask.all(() =>
      open().readAll({ direction: "backwards", fromPosition: "end", maxCount: 1, requiresLeader }),
    );
    if (last?.event) known(read(last.event).position, false);
    return newest;
  };

  const readPage = async (after: Position, limit: number): Promise<LogPage> => {
    const page: LogPage = { events: [], next: after, isTail: false };
    while (!page.isTail && page.events.length < limit) {
      const place = placeOf(id, page.next);
      // The server sends the record at this position again.
      const maxCount = limit - page.events.length + SPARE;
      const records = await ask.all(() => open().readAll({ fromPosition: place, maxCount, requiresLeader }));
      page.isTail = records.length < maxCount;
      for (const { event: record } of records) {
        if (record === undefined) continue;
        const { position, event } = read(record);
        if (position <= page.next) continue;
        if (event && page.events.length === limit) {
          page.isTail = false;
          break;
        }
        page.next = position;
        if (event) page.events.push(event);
      }
    }
    known(page.next, false);
    known(page.events[page.events.length - 1]?.position ?? origin);
    return page;
  };

  const readStored = async (after: Position, limit: number): Promise<StoredPage> => {
    const events: StoredEvent[] = [];
    for (let next = after; ;) {
      const maxCount = limit - events.length + SPARE;
      const late = (): Error => noAnswer(timeoutMs);
      const messages = await readAllAsBytes(open(), placeOf(id, next), maxCount, storedIn, timeoutMs, late).catch(
        (error: unknown) => {
          throw error instanceof Unavailable ? error : readFault(faultOf(error), error);
        },
      );
      const records = messages.filter((record) => record !== undefined);
      for (const { place, streamId, isJson, ...texts } of records) {
        const position = positionOf(id, place);
        if (position <= next) continue;
        const stream = isJson ? names.inner(streamId) : undefined;
        if (stream !== undefined && events.length === limit) return { events, next, isTail: false };
        next = position;
        if (stream !== undefined) events.push({ ...texts, stream, position });
      }
      if (records.length < maxCount) return { events, next, isTail: true };
      if (events.length === limit) return { events, next, isTail: false };
    }
  };

  /** A subscription of its own. It ends as soon as the feed can be joined: `reached` tells how far it has come. */
  const ownSubscription = async (after: Position, reached: () => Position): Promise<Subscription> => {
    const subscription = await subscribeToAll(subscriber, placeOf(id, after), (bytes) => {
      const record = recordOf(bytes, isWanted);
      return record ? [record] : [];
    });
    if (!fed) return subscription;
    const join = async (): Promise<void> => {
      if (!(await fed.has(placeOf(id, reached())))) return;
      subscription.cancel();
      subscription.destroy();
    };
    const joining = setInterval(() => void join(), JOIN_MS).unref();
    subscription.on("close", () => clearInterval(joining));
    return subscription;
  };

  const follow = (from: Position): Follower => {
    following?.close();
    const made: Follower = follower({
      from,
      subscribe: async (after) => (await fed?.subscribe(placeOf(id, after))) ?? ownSubscription(after, () => made.reached),
      read,
      seen: known,
      end,
      quietMs: timeoutMs,
    });
    following = made;
    return made;
  };

  const isLive = (of: Follower): boolean => live?.of === of && live.breaks === of.breaks;

  /** The next page of a follower. Undefined if another caller took it, or closed the follower to read on elsewhere. */
  const followed = async (of: Follower, after: Position, limit: number): Promise<LogPage | undefined> => {
    for (let at = after; of.base === at && !of.closed && !closed;) {
      if (!isLive(of) && of.reached < newest) await of.gathered(limit, newest, AbortSignal.timeout(GATHER_MS));
      if (of.base !== at) return undefined;
      const { events, next } = of.take(limit);
      at = next;
      // It is the tail only if nothing known is missing. What was acknowledged here, or seen at the log's end, counts, even if
      // the server has not sent it yet.
      const isTail = isLive(of) && of.reached === next && next >= newest;
      if (events.length > 0 || isTail) return { events, next, isTail };
      const { breaks } = of;
      if (of.reached >= newest && (await end()) <= of.reached) live = { of, breaks };
      else await arrival(of, at);
    }
    return undefined;
  };

  const arrival = async (of: Follower, at: Position): Promise<void> => {
    const late = AbortSignal.timeout(timeoutMs);
    await of.beyond(at, late);
    if (!late.aborted || of.reached > at) return;
    // A broken subscription may simply be silent. The next reader should not wait for it again.
    of.doubt();
    of.close();
    if (following === of) following = undefined;
    throw new Unavailable(`EventStoreDB's subscription gave nothing in ${timeoutMs} ms`);
  };

  return {
    id,
    origin,
    known,
    async read(stream, from, direction, limit) {
      if (direction === "backwards" && from < 0) return [];
      const records = await ask.all(() =>
        open().readStream(names.outer(stream), {
          fromRevision: BigInt(Math.max(0, from)),
          direction,
          maxCount: limit,
          requiresLeader,
        }),
      );
      return records.flatMap(({ event }) => (event?.position && read(event).event) ?? []);
    },
    async readAll(after, limit, types) {
      placeOf(id, after);
      if (following?.base === after || sequel === after) {
        const of = following?.base === after ? following : follow(after);
        sequel = undefined;
        const page = await followed(of, after, limit);
        if (page) return onlyOf(types, page);
      }
      const page = await readPage(after, limit);
      sequel = page.isTail ? undefined : page.next;
      return onlyOf(types, page);
    },
    readStored,
    async changed(after, signal) {
      placeOf(id, after);
      while (newestEvent <= after && !signal.aborted && !closed) {
        const usable = following && following.base <= after && !(following.full && following.reached <= after);
        const of = usable && following ? following : follow(after);
        await of.beyond(after, signal);
        // Also if none of it belongs to this log: the reader gets past it.
        if (of.reached > after) return;
      }
    },
    end,
    idNow: async () => (await identityOf(open(), ask, names.identity))?.id,
    async status() {
      const status = await statusOf(address, STATUS_MS);
      if (!status.reachable) return status;
      try {
        // A position is an offset in bytes. A node reports the size that it had when it started.
        return { ...status, bytes: Number(placeOf(id, await end()).commit) };
      } catch (error) {
        return { ...status, reachable: false, detail: explained(error) };
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      following?.close();
      fed?.close();
      await Promise.all([disposeOf(client), disposeOf(subscriber)]);
    },
  };
}
