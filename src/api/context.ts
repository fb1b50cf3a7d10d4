import type { LRUCache } from "lru-cache";
import type { Entry, Placed } from "../../projections/inboxEntries.ts";
import type { MessageRow } from "../../projections/timelines.ts";
import type { Views } from "../../projections/views.ts";
import type { Auditor } from "../ports/auditor.ts";
import type { Fresh } from "../commands/authorise.ts";
import type { Caller, Commands } from "../commands/commands.ts";
import type { Registered } from "../commands/registered.ts";
import type { SendHooks } from "../commands/sendHooks.ts";
import type { FeedServices } from "../delivery/feed.ts";
import { createTogether, type Together } from "../delivery/together.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";
import type { Component } from "../ports/component.ts";
import type { Disk, Doubt, GenerationState } from "../ports/condition.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import type { FileStore } from "../ports/files.ts";
import type { ParkedPage, ParkedQuery } from "../projecting/parked.ts";
import type { SearchTurns } from "../projecting/searchTurns.ts";
import type { ProjectionStatus } from "../projecting/status.ts";
import type { Watermark } from "../projecting/watermark.ts";
import type { WebhookOutbox } from "../ports/webhookOutbox.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";
import type { Presence } from "../presence/presence.ts";
import type { Typing } from "../presence/typing.ts";
import type { EntryDelivery } from "./area.ts";
import { type HeldRights, heldRights } from "./heldRights.ts";
import { batched, type Loaders, loadersOf, type Paced } from "./loaders.ts";
import { createPasts, type Pasts } from "./pasts.ts";
import { type PresenceKey, presenceFor, type PresenceRows } from "./presenceRows.ts";
import { rowBytes } from "./rowBytes.ts";
import type { KeptSights } from "./keptSights.ts";

/** What operators may read and do. */
export type Operations = {
  /** Each with its size on disk, if it is known. */
  components(): Promise<readonly Component[]>;
  /** A lag beyond 5,000 events is not counted. */
  projections(): Promise<readonly ProjectionStatus[]>;
  /** The same of one. Rejects with a `TypeError` if there is none of that name. */
  projection(name: string): Promise<ProjectionStatus>;
  /** Calls `changed` whenever a projection's state changes, or its progress. The returned function ends that. */
  listen(changed: (projection: string, state: ProjectionStatus["state"]) => void): () => void;
  parked(query: ParkedQuery): Promise<ParkedPage>;
  /** The version of the program. */
  version: string;
  /** The generations of all projections, also those that are not read. */
  generations(): Promise<readonly GenerationState[]>;
  /** The disk that DATA_DIR is on. Undefined if the system does not say. */
  disk(): Promise<Disk | undefined>;
  /** Settings that look wrong. */
  doubts(): Promise<readonly Doubt[]>;
  /**
   * Answers from the tree over the log. Undefined: this server keeps none. Its calls reject with a `Refusal` while it is made.
   */
  audit: Auditor | undefined;
  /**
   * Starts something with a projection, and resolves when it is started. Its progress is in `projections`. Rejects with a
   * `Refusal` that gives the reason if it cannot start: it is running already, or there is nothing to compare yet.
   * `conversation`: what alone is replayed. NOT_FOUND if there is no such conversation.
   */
  order(projection: string, order: "replay" | "cancelReplay" | "verify", conversation?: string): Promise<void>;
  /**
   * Tries parked events again: all, or those of the key of the one at `cursor`. Resolves when that is done, or goes on without
   * the caller. Rejects with a `Refusal` if there is no such event, or if nothing is built yet.
   */
  retryParked(projection: string, cursor: Position | undefined): Promise<void>;
};

/** The services for resolvers. */
export type Services = FeedServices & {
  commands: Commands;
  registered: Registered;
  views: Views;
  /** What webhooks were told, and are to be told. */
  webhookLog: Pick<WebhookOutbox, "progress" | "deliveries" | "again">;
  /** How webhooks answer that are asked before messages are stored. */
  sendHooks: Pick<SendHooks, "states">;
  /** The search index and its watermark. A viewer gets what it finds only after rows of the views confirm it. */
  search: SearchTurns & { watermark: Watermark; sights: KeptSights };
  log: EventStore;
  fresh: Fresh;
  operations: Operations;
  ephemeral: Ephemeral;
  presence: Presence;
  typing: Typing;
  /** Where uploaded files are kept, and how long their addresses work, in milliseconds. Undefined: none are. */
  files?: { store: Pick<FileStore, "incoming" | "address" | "sameForAll">; addressMs: number } | undefined;
  /** The public key that browsers subscribe to Web Push with. Undefined: there is none. */
  webPushKey?: string | undefined;
  /** Who may write to whom. */
  directMessages: "anyone" | "friends";
  /** Friends a user has at most. */
  friendCap: number;
  now(): Date;
};

/**
 * What resolvers know about the request. `readRows`: counts about so many bytes of rows read for the answer. `beforeAnswer`: says
 * what is asked once the answer is made. If that is false, the answer shows what the caller may see no more, and is not given.
 */
export type Request = {
  correlationId: string;
  /** Where the client reaches this server: `https://chat.example.org`. */
  origin?: string | undefined;
  readRows(bytes: number): void;
  beforeAnswer?(isStillTrue: () => Awaitable<boolean>): void;
};

/** The context of one request, or of one delivery of a subscription. It keeps nothing that could grow old. */
export type Context = {
  readonly caller: Caller;
  readonly request: Request;
  readonly services: Services;
  readonly loaders: Loaders & { presence(key: PresenceKey): Awaitable<PresenceRows | undefined> };
  /**
   * Messages of entries, by position and watermark, because thousands of viewers may get the same one within a moment. It
   * holds only rows, since an entity belongs to one viewer.
   */
  readonly recentMessages: LRUCache<string, MessageRow | Promise<MessageRow | undefined>>;
  /** The same of entries that the tail holds. */
  readonly newMessages: NewMessages;
  /** What was told last to whoever is up to date: thousands are told the same, one after the other. */
  readonly news: { last: LastTold | undefined };
  /** Tells readers of inboxes what is news for many. Undefined where no tail is kept. */
  readonly together: Together<EntryDelivery> | undefined;
  /** The rights that the answer rests on. */
  readonly rights: HeldRights;
  /** Conversations as they stood at a time. */
  readonly pasts: Pasts;
  /** The context of the request, where this one is of a conversation as it stood. */
  readonly present?: Context;
  /** Throws NOT_FOUND, which names `register`, if the caller never registered. */
  requireRegistered(): Awaitable<void>;
};

/** Messages by the entries that tell of them, as they were when the watermark was at `seen`. Later ones take their place. */
export type NewMessages = { seen: Position | undefined; made: Map<Entry, NewMessage> };

/**
 * A message that an entry tells of, and how subscriptions of a field deliver it. Neither row nor delivery: the views do not have
 * it.
 */
export type NewMessage = {
  field: string;
  row: MessageRow | undefined;
  delivery: EntryDelivery | undefined;
};

/** What was told last: the entries and the watermark that were given, the field, and what came of it. */
export type LastTold = { placed: readonly Placed<Entry>[]; seen: Position; field: string; told: readonly EntryDelivery[] };

/** The size of the cache of recent messages. */
const RECENT_BYTES = 8_388_608;
/** The memory of a row that is still being read. */
const COMING_BYTES = 512;

/** The cache of messages for entries. See `Context.recentMessages`. */
export const recentMessages = (): Context["recentMessages"] =>
  byteCache(RECENT_BYTES, (row) => (row instanceof Promise ? COMING_BYTES : 2 * rowBytes(row)));

/** Makes contexts. The parts that do not depend on the request are made only once. `paced`: see `batched`. */
export function contextOf(services: Services, paced?: Paced): (caller: Caller, request: Request) => Context {
  const presence = batched<PresenceKey, PresenceRows | undefined>({
    name: ({ viewer, user }) => `${viewer} ${user}`,
    many: (keys) => presenceFor(services, keys),
  });
  const loaders = { ...loadersOf(services.views, paced), presence };
  const { tail } = services;
  const together = tail && createTogether<EntryDelivery>({ ...services, tail });
  const newMessages: NewMessages = { seen: undefined, made: new Map() };
  const shared = { recentMessages: recentMessages(), newMessages, news: { last: undefined } };
  const pasts = createPasts(services);
  const { registered, fresh } = services;
  return (caller, request) => {
    const rights = heldRights(services, caller.userId);
    request.beforeAnswer?.(() => rights.wereHeld());
    return {
      caller: calling(caller, request),
      request,
      services,
      loaders,
      // Member by member, as it is done for each operation.
      recentMessages: shared.recentMessages,
      newMessages: shared.newMessages,
      news: shared.news,
      together,
      rights,
      pasts,
      requireRegistered: () => (registered.knows(caller.userId) ? undefined : fresh(() => registered.require(caller.userId))),
    };
  };
}

/** The caller, with this request's correlation id. */
function calling({ userId, admin, bot, deviceId }: Caller, { correlationId }: Request): Caller {
  const caller: Caller = { userId, admin, correlationId };
  if (bot) caller.bot = bot;
  if (deviceId !== undefined) caller.deviceId = deviceId;
  return caller;
}
