import { EventEmitter } from "node:events";
import { type DocumentNode, execute, type ExecutionResult, parse, validate } from "graphql";
import { viewProjections } from "../../projections/index.ts";
import { inboxes } from "../../projections/inboxes.ts";
import { search as searchProjection } from "../../projections/search/search.ts";
import { interestIn, localSignals } from "../../src/adapters/signals/local.ts";
import { localEphemeral } from "../../src/adapters/signals/localEphemeral.ts";
import { createPresence } from "../../src/presence/presence.ts";
import { createTyping } from "../../src/presence/typing.ts";
import { freshly } from "../../src/commands/authorise.ts";
import type { SendHookState } from "../../src/commands/sendHooks.ts";
import type { EventData, EventType } from "../../src/domain/events.ts";
import { streams } from "../../src/domain/ids.ts";
import { healingTo, newsTo } from "../../src/delivery/news.ts";
import { type Context, contextOf, type Services } from "../../src/api/context.ts";
import { keepSights } from "../../src/api/keptSights.ts";
import type { EntryEntity } from "../../src/api/entities.ts";
import type { EntryDelivery } from "../../src/api/area.ts";
import { inbox } from "../../src/api/inbox/resolvers.ts";
import { buildSchema } from "../../src/api/schema.ts";
import { readConfig } from "../../src/config.ts";
import { pastHealed } from "../../src/server/pastHealed.ts";
import { watch } from "../../src/server/health.ts";
import { inspection } from "../../src/server/inspection.ts";
import type { EventStore, Position } from "../../src/ports/eventStore.ts";
import type { Delivery } from "../../src/ports/webhookOutbox.ts";
import type { RangeQuery, RowKey, ViewStore, ViewStoreStatus } from "../../src/ports/viewStore.ts";
import type { KeeperState } from "../../src/projecting/generations/state.ts";
import { createBlocked } from "../../src/projecting/blocked.ts";
import { generationOf, type Projection } from "../../src/projecting/projection.ts";
import { createAges } from "../../src/projecting/ages.ts";
import { createSweeper, horizonOf } from "../../src/projecting/retention.ts";
import { createRunner } from "../../src/projecting/runner.ts";
import { createTail, currentEpoch, epochCounter } from "../../src/projecting/tail.ts";
import { createHealed, keepingIntervals } from "../../src/projecting/healed.ts";
import { createWatermark } from "../../src/projecting/watermark.ts";
import { caller, profile, text as textTo } from "./cast.ts";
import { type MemoryLog, memoryLog } from "./memoryLog.ts";
import { memoryAuditor } from "./memoryTree.ts";
import { memoryLastSeen } from "./memoryLastSeen.ts";
import { type MemoryViews, memoryViews } from "./memoryViews.ts";
import { nothingSearched, searching } from "./searchedWorld.ts";
import { nodeOver } from "./world.ts";

export type Json = Record<string, unknown>;
/** An error as the transports see it. */
export type Fault = { code: string | undefined; field: string | undefined; message: string };

export const schema = buildSchema();

const documents = new Map<string, DocumentNode>();
/** A document, parsed and validated once. Throws its first fault. */
export function documentOf(source: string): DocumentNode {
  const known = documents.get(source);
  if (known) return known;
  const document = parse(source);
  const [fault] = validate(schema, document);
  if (fault) throw fault;
  documents.set(source, document);
  return document;
}

type ApiWorldOptions = {
  log?: MemoryLog;
  /** When it begins, in milliseconds. */
  time?: number;
  /** How long entries are kept, in milliseconds. */
  ttlMs?: number;
  manual?: boolean;
  searched?: boolean;
  /** Who may write to whom, and who may be added to groups without being asked. */
  directMessages?: "anyone" | "friends";
  addToGroups?: "anyone" | "friends";
  pageEvents?: number;
  /** Default: those of the server. */
  projections?: readonly Projection[];
  /** Passed before each commit. */
  committing?: () => Promise<void>;
  /** Given what was committed, which is told once this calls it: a thread's messages take their time. */
  telling?: (tell: () => void) => void;
  /** What the search index and the view store say of themselves, beside what they say here anyway; settings for operators. */
  saying?: {
    search?: Partial<KeeperState>;
    views?: Partial<ViewStoreStatus>;
    settings?: Readonly<Record<string, string>>;
    /** Of the one delivery that each webhook has. */
    delivery?: Omit<Delivery, "hook" | "position">;
  };
  /** Through these the API, but not the projections, reads the rows and the log. */
  reading?: { store: (store: ViewStore) => ViewStore; log: (log: EventStore) => EventStore };
};

/** What is known of webhooks that failed once and were then told of one thing; or of none. */
const toldOnce = (position: Position, delivery: Omit<Delivery, "hook" | "position"> | undefined): Services["webhookLog"] => ({
  progress: async () => {
    const failingSince = delivery?.planned;
    return delivery ? [{ hook: "w:ci", since: position, cursor: position, failingSince, waiting: 0 }] : [];
  },
  deliveries: async (hook) => (delivery ? [{ ...delivery, hook, position }] : []),
  again: async () => delivery !== undefined,
});

/** How a webhook is that does not answer before messages are stored. */
const notAnswering: SendHookState = {
  id: "w:ci",
  otherwise: "REFUSE",
  failingSince: 1,
  error: "answered 500",
  counts: { allowed: 0, changed: 0, refused: 0, failed: 1 },
};

/** A world with the API on top: everything but a network, with the log in memory, and the rows too unless a store is given. */
export type ApiWorld<Store extends ViewStore = MemoryViews> = Awaited<ReturnType<typeof apiWorldOver<Store>>>;

/**
 * The projections run by themselves unless `manual`: then the views stand still until `fold`. `atOnce`: single rows are answered
 * without a promise, as by the embedded store. `searched`: there is a search index.
 */
export const apiWorld = ({ atOnce = true, ...options }: ApiWorldOptions & { atOnce?: boolean } = {}): Promise<ApiWorld> =>
  apiWorldOver(memoryViews({ atOnce }), options);

/** The same with the rows in another store. */
export async function apiWorldOver<Store extends ViewStore>(memory: Store, options: ApiWorldOptions = {}) {
  const { manual = false, searched = false, telling = (tell) => tell() } = options;
  const { directMessages = "anyone", addToGroups = "anyone" } = options;
  const log = options.log ?? memoryLog();
  const read = options.reading?.log(log) ?? log;
  const { store, reads } = counting(options.reading?.store(memory) ?? memory);
  const watermark = createWatermark(log.origin);
  const epochs = epochCounter();
  const { signals, interest } = localSignals({ epochs });
  const wanted = interestIn(interest);
  const tail = createTail(epochs);
  let time = options.time ?? Date.parse("2026-05-04T10:00:00.000Z");
  const now = () => new Date((time += 1_000));
  const blocked = createBlocked(viewProjections);
  const { commands, views, registered, files } = nodeOver(read, store, { watermark, now, directMessages, addToGroups, blocked });
  const sights = keepSights(views.relations);
  const news = newsTo({ tail, watermark, signals, kept: sights });
  const healed = createHealed();
  const past = pastHealed({
    log,
    healed,
    now,
    warn: (message, detail) => {
      throw new Error(`${message}: ${detail}`);
    },
  });
  const search = searched ? await searching(log, memory) : undefined;
  const horizons = new Map<string, string>();
  const entries = `${generationOf(inboxes)}/entries`;
  const { ttlMs = 0 } = options;
  const ages =
    ttlMs === 0
      ? undefined
      : createAges({
          store: memory,
          of: { projection: inboxes.name, table: "entries" },
          ttlMs,
          gapMs: 60_000,
          now: () => new Date(time),
        });
  const ephemeral = localEphemeral();
  const lastSeen = memoryLastSeen();
  const presence = await createPresence({
    lastSeen,
    ephemeral,
    devicesOf: async (users) => (await views.devices.ofMany(users)).map((rows) => rows.map(({ id }) => id)),
    graceMs: 0,
    warn: (message, error) => {
      throw new Error(message, { cause: error });
    },
  });
  const typing = createTyping({ ephemeral });
  const services: Services = {
    ephemeral,
    presence,
    typing,
    files: { store: files.store, addressMs: 3_600_000 },
    webPushKey: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
    directMessages,
    registered,
    commands,
    views,
    webhookLog: toldOnce(log.origin, options.saying?.delivery),
    sendHooks: { states: () => (options.saying?.delivery ? [notAnswering] : []) },
    watermark,
    begun: log.origin,
    search: { ...(search?.services ?? nothingSearched(log)), sights },
    log: read,
    signals,
    tail,
    fresh: freshly(read, watermark),
    friendCap: 5_000,
    horizonOf: (user) => horizons.get(user) ?? (ages ? horizonOf(memory, user, log.origin) : log.origin),
    wholeFrom: (user) => services.horizonOf(user),
    healed,
    operations: {
      audit: memoryAuditor(read, () => new Date(time)),
      ...inspection({
        config: readConfig({ DATA_DIR: ".", ...options.saying?.settings }),
        views: store,
        projections: viewProjections,
        generationOf: (projection) => generationOf(projection),
        search: {
          projection: searchProjection,
          generations: async () => [],
          status: async () => ({ kind: "sqlite", reachable: true }),
        },
      }),
      ...watch({
        log: read,
        logTrouble: () => undefined,
        views: { ...store, status: async () => ({ ...(await store.status()), ...options.saying?.views }) },
        search: {
          projection: searchProjection,
          replay: async () => {},
          cancelReplay: async () => {},
          verify: async () => {},
          retryParked: async () => true,
          state: () => ({
            ...(search?.state() ?? runner.state()),
            generation: generationOf(searchProjection),
            progress: undefined,
            eventsPerSecond: undefined,
            differences: undefined,
            parked: 0,
            ...options.saying?.search,
          }),
          status: async () => ({ kind: "sqlite", reachable: true }),
        },
        signals: { kind: "local" },
        files: files.store,
        projections: viewProjections,
        generationOf: (projection) => generationOf(projection),
        builder: { state: () => undefined, replay: async () => {}, cancelReplay: async () => {}, verify: async () => {} },
        retryParked: (name, cursor) => runner.retryParked(name, cursor),
        blocked,
        runner: () => runner.state(),
        processes: () => [],
        closing: () => false,
        changes: new EventEmitter(),
      }).operations,
    },
    now,
  };
  const runner = createRunner({
    log,
    store: {
      ...memory,
      commit: async (...of) => {
        await options.committing?.();
        await memory.commit(...of);
      },
    },
    projections: options.projections ?? viewProjections,
    blocked: (keys) => {
      blocked.change(keys);
      sights.forget();
    },
    healing: keepingIntervals(memory, (intervals) =>
      telling(() => healingTo({ tail, signals, kept: sights, healed }, past.look)(intervals)),
    ),
    pause: async () => {},
    wanted,
    epoch: () => currentEpoch(epochs),
    ...(ages ? { ages } : {}),
    ...(options.pageEvents === undefined ? {} : { pageEvents: options.pageEvents }),
    committed: (checkpoint, page) => telling(() => news(checkpoint, page)),
  });
  const stop = new AbortController();
  const running = manual ? [] : [runner.run(stop.signal), ...(search ? [search.run(stop.signal)] : [])];
  const contexts = contextOf(services);
  const context = (user: string, admin = false): Context =>
    contexts({ userId: user, admin }, { correlationId: "test", readRows: () => undefined });

  /** Runs a document for a user; rejects with the first error's refusal. */
  const ask = async (user: string, source: string, variables: Json = {}, admin = false): Promise<Json> => {
    const { data, errors } = await answer(user, source, variables, admin);
    const [error] = errors ?? [];
    if (error) throw error.originalError ?? error;
    return JSON.parse(JSON.stringify(data)) as Json;
  };
  const answer = async (user: string, source: string, variables: Json = {}, admin = false): Promise<ExecutionResult> =>
    execute({ schema, document: documentOf(source), variableValues: variables, contextValue: context(user, admin) });

  /** Appends events as they are, at the times given or one after the other. */
  const record = async <T extends EventType>(
    stream: string,
    actorId: string,
    events: { type: T; data: EventData<T>; at?: string }[],
  ) => {
    const { position } = await log.append(
      stream,
      events.map(({ type, data, at }) => ({
        id: crypto.randomUUID(),
        type,
        data,
        metadata: { $correlationId: "test", $causationId: "test", actorId, at: at ?? now().toISOString(), schema: 1 },
      })),
      "any",
    );
    return position;
  };

  let call = 0;
  const key = () => `call-${++call}`;
  return {
    log,
    memory,
    /** Lets time pass. */
    pass: (ms: number) => void (time += ms),
    time: () => time,
    sweep: () =>
      createSweeper({
        store: memory,
        entries,
        changes: `${generationOf(inboxes)}/changes`,
        limits: { ttlMs, max: 0 },
        checkpoint: () => runner.state().checkpoint,
        now: () => new Date(time),
        ...(ages ? { horizon: ages.horizon } : {}),
      }).sweep(),
    services,
    context,
    ask,
    answer,
    reads,
    horizons,
    signals,
    record,
    key,
    commands,
    files,
    /** Until the views, and the index, hold all that the log holds now. */
    caughtUp: async (withinMs = 20_000) => {
      const end = await log.end();
      for (const each of [watermark, ...(search ? [search.services.watermark] : [])])
        if (!(await each.reached(end, withinMs))) throw new Error(`not caught up within ${withinMs} ms`);
    },
    search,
    fold: () => runner.catchUp(),
    /** Folds again and again until an answer is there. */
    folding: async <T>(asked: Promise<T>): Promise<T> => {
      let isSettled = false;
      const settled = () => void (isSettled = true);
      asked.then(settled, settled);
      while (!isSettled) {
        await new Promise((resolve) => setImmediate(resolve));
        await runner.catchUp();
      }
      return asked;
    },
    close: async () => {
      stop.abort();
      await past.close();
      typing.close();
      await presence.close();
      await Promise.all(running);
      await search?.close();
    },
    /** Users with these ids, handles alike. */
    register: (...users: string[]) =>
      Promise.all(users.map((id) => commands.register(caller(id), { ...profile(id, key()), name: id.toUpperCase() }))),
    /** A group's id. */
    group: async (owner: string, members: string[] = [], more: Json = {}) => {
      const { createConversation } = await ask(
        owner,
        `mutation ($input: CreateConversationInput!) { createConversation(input: $input) { conversation { id } } }`,
        { input: { clientMutationId: key(), kind: "GROUP", title: `${owner}'s`, memberIds: members, ...more } },
      );
      return (createConversation as { conversation: { id: string } }).conversation.id;
    },
    /** Sends to a conversation's id, or to a user's; gives the place in the log. */
    send: async (from: string, to: string, text = "hello", more: Json = {}) => {
      const place = to.includes(":") ? { conversationId: to } : { userId: to };
      const message = textTo(place, { clientMutationId: key(), text, ...more });
      const { position } = await commands.sendMessage(caller(from), message);
      return position;
    },
    /** So many fan-outs are written at most from here on. */
    fanout: (limit: number) => record(streams.settings, "configuration", [{ type: "FanoutLimitSet", data: { limit } }]),
    inbox: (user: string, after?: string) =>
      inbox.Subscription.inbox.subscribe(undefined, after === undefined ? {} : { after }, context(user)),
    listen: (user: string, id: string, after?: string) =>
      inbox.Subscription.conversation.subscribe(undefined, { id, ...(after === undefined ? {} : { after }) }, context(user)),
    sync: async (user: string, after?: string, limit = 500) =>
      ((await ask(user, SYNC, { after, limit }))["viewer"] as { sync: Sync }).sync,
  };
}

export type Sync = {
  entries: (Json & { __typename: string; cursor: string })[];
  cursor: string;
  hasMore: boolean;
  resetRequired: boolean;
};

const SYNC = `query ($after: Cursor, $limit: Int) {
  viewer { sync(after: $after, limit: $limit) {
    cursor hasMore resetRequired
    entries { __typename cursor ... on MessageReceived { message { id text } } ... on MessageChanged { messageChange message { id text } }
      ... on ReadMoved { readSeq conversation { id } } ... on MembershipChanged { membershipChange user { id } actor { id } conversation { id } } }
  } }
}`;

/** What an entry tells does not depend on who is told. */
const ANYONE = { caller: { userId: "anyone" }, request: { readRows: () => undefined } } as unknown as Context;

/** An entry as a short text: what it is, of what, and where. */
export function told({ root, rootOf }: EntryDelivery): { text: string; cursor: string } {
  const [entry] = Object.values(root ?? rootOf(ANYONE)) as [EntryEntity];
  return { text: describe(entry), cursor: entry.cursor };
}

function describe(entry: EntryEntity): string {
  switch (entry.__typename) {
    case "InboxCaughtUp":
    case "InboxReset":
      return entry.__typename;
    case "MessageReceived":
      return `received ${entry.message.row.text}`;
    case "MessageChanged":
      return `${entry.messageChange} ${entry.message.row.text}`;
    case "ReadMoved":
      return `read ${entry.readSeq}`;
    case "MembershipChanged":
      return `${entry.membershipChange} ${entry.user.id}`;
    case "JoinRequestChanged":
      return `request ${entry.request.number} of ${entry.request.user} to join`;
    case "ConversationChanged":
      return `changed ${entry.conversation.id}`;
    case "FriendRequestChanged":
      return `request ${entry.request.number} of ${entry.request.users.join(" and ")}`;
    case "FriendshipChanged":
      return `friendship with ${entry.user.id}`;
  }
}

/** The next entries of a subscription, until one of this text. */
export async function upTo(
  stream: AsyncIterator<EntryDelivery, undefined>,
  last: string,
): Promise<{ text: string; cursor: string }[]> {
  const found: { text: string; cursor: string }[] = [];
  for (;;) {
    const { value, done } = await stream.next();
    if (done === true) throw new Error(`it ended before "${last}": ${found.map(({ text }) => text).join(", ")}`);
    found.push(told(value));
    if (found[found.length - 1]?.text === last) return found;
  }
}

export const texts = (entries: readonly { text: string }[]): string[] => entries.map(({ text }) => text);

/** A view store that counts how it is read. */
function counting(inner: ViewStore): { store: ViewStore; reads: { get: number; getMany: number; range: number; reset(): void } } {
  const reads = { get: 0, getMany: 0, range: 0, reset: () => void Object.assign(reads, { get: 0, getMany: 0, range: 0 }) };
  const store: ViewStore = {
    ...inner,
    get: (table: string, partition: string, sort: string) => {
      reads.get++;
      return inner.get(table, partition, sort);
    },
    getMany: (keys: readonly RowKey[]) => {
      reads.getMany++;
      return inner.getMany(keys);
    },
    range: (table: string, partition: string, query: RangeQuery) => {
      reads.range++;
      return inner.range(table, partition, query);
    },
  };
  return { store, reads };
}
