import type { LRUCache } from "lru-cache";
import type { MessageRow } from "../../projections/timelines.ts";
import type { Views } from "../../projections/views.ts";
import type { Fresh } from "../commands/authorise.ts";
import type { Caller, Commands } from "../commands/commands.ts";
import type { Registered } from "../commands/registered.ts";
import type { FeedServices } from "../delivery/feed.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { Component } from "../ports/component.ts";
import type { EventStore } from "../ports/eventStore.ts";
import type { ParkedPage, ParkedQuery } from "../projecting/parked.ts";
import type { SearchTurns } from "../projecting/searchTurns.ts";
import type { ProjectionStatus } from "../projecting/status.ts";
import type { Watermark } from "../projecting/watermark.ts";
import { type Loaders, loadersOf, type Paced } from "./loaders.ts";
import { rowBytes } from "./rowBytes.ts";

/** What operators are told, and may do. */
export type Operations = {
  /** With what each takes on disk, where that can be told. */
  components(): Promise<readonly Component[]>;
  /** Lags beyond 5,000 events are not counted. */
  projections(): Promise<readonly ProjectionStatus[]>;
  parked(query: ParkedQuery): Promise<ParkedPage>;
  /**
   * Each begins something and resolves then: how it goes on is in `projections`. Rejects with a `Refusal` that says why where
   * it cannot begin: it is under way already, or there is no index yet.
   */
  search: { replay(): Promise<void>; cancelReplay(): Promise<void>; verify(): Promise<void> };
};

/** What resolvers work with. */
export type Services = FeedServices & {
  commands: Commands;
  registered: Registered;
  views: Views;
  /** The search index, and how far it is. What it finds is the viewer's to see only once rows of the views say so. */
  search: SearchTurns & { watermark: Watermark };
  log: EventStore;
  fresh: Fresh;
  operations: Operations;
  now(): Date;
};

/** What resolvers are told of the request. `readRows`: of about so many bytes, for the answer. */
export type Request = { correlationId: string; readRows(bytes: number): void };

/** One request's, or one delivery's of a subscription. It remembers nothing that could grow old. */
export type Context = {
  readonly caller: Caller;
  readonly request: Request;
  readonly services: Services;
  readonly loaders: Loaders;
  /**
   * Messages of entries, by position and watermark: thousands are told one within a moment. Rows alone: an entity is one
   * viewer's.
   */
  readonly recentMessages: LRUCache<string, MessageRow | Promise<MessageRow | undefined>>;
  /** NOT_FOUND, naming `register`, where the caller never registered. */
  requireRegistered(): Awaitable<void>;
};

/** Of the messages of the moment that are remembered. */
const RECENT_BYTES = 8_388_608;
/** Of one that is on its way. */
const COMING_BYTES = 512;

/** Messages that entries tell of: see `Context.recentMessages`. */
export const recentMessages = (): Context["recentMessages"] =>
  byteCache(RECENT_BYTES, (row) => (row instanceof Promise ? COMING_BYTES : 2 * rowBytes(row)));

/** Makes contexts. What does not depend on the request is made once. `paced`: see `batched`. */
export function contextOf(services: Services, paced?: Paced): (caller: Caller, request: Request) => Context {
  const loaders = loadersOf(services.views, paced);
  const recent = recentMessages();
  const { registered, fresh } = services;
  return (caller, request) => ({
    caller: calling(caller, request),
    request,
    services,
    loaders,
    recentMessages: recent,
    requireRegistered: () => (registered.knows(caller.userId) ? undefined : fresh(() => registered.require(caller.userId))),
  });
}

/** Who calls, in this request. */
const calling = ({ userId, admin, deviceId }: Caller, { correlationId }: Request): Caller =>
  deviceId === undefined ? { userId, admin, correlationId } : { userId, admin, deviceId, correlationId };
