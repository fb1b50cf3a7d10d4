import { Refusal } from "../domain/refusal.ts";

/** The part of the configuration that the transport needs. */
export type TransportConfig = {
  /** If true: no introspection, and WebSockets only from listed origins or the same host. */
  production: boolean;
  /** Serves the IDE at /graphiql with its development tokens. Never in production. */
  ide: boolean;
  /** The largest body of a request over HTTP, and the largest message over a WebSocket. */
  bodyLimitBytes: number;
  /** Limits of one document: tokens, levels of fields, aliases, directives. */
  maxTokens: number;
  maxDepth: number;
  maxAliases: number;
  maxDirectives: number;
  /**
   * Fields of one operation with its fragments spread out, counted for every type that an object may have. All of them are
   * compiled.
   */
  maxFields: number;
  /** About how many values the answer to one operation may hold. */
  maxCost: number;
  /** How many events the mutations of one operation may append to the log. */
  maxEvents: number;
  /** The size of one answer, and of one delivery of a subscription. */
  answerBytesMax: number;
  /** An operation must be answered within this time. */
  executionMs: number;
  /**
   * The units (`RateLimit`) that one user may spend in a second, over all transports; 0 is no limit. `burst` units may come
   * at once.
   */
  operationsPerSecond: number;
  burst: number;
  /** The same for one address. Loopback without a proxy has no limit. */
  addressOperationsPerSecond: number;
  addressBurst: number;
  subscriptionsPerSocket: number;
  /** 0 is no limit. This holds for all settings down to `connectionsMax`. */
  subscriptionsPerUser: number;
  /** Queries and mutations of one user that may run at the same time, over all transports. */
  inFlightPerUser: number;
  socketsPerUser: number;
  /**
   * Addresses, ranges and names (`isProxyRange`) of the proxies that are trusted to say where their clients are. Behind any
   * other proxy, all clients have the proxy's address.
   */
  trustedProxies: readonly string[];
  socketsPerAddress: number;
  /** TCP connections of one address, WebSockets included. Trusted proxies are not counted. */
  connectionsPerAddress: number;
  connectionsMax: number;
  /** How many bytes may wait on one socket before it is dropped; at least 131,072. */
  bufferedBytesPerSocket: number;
  /**
   * How many bytes may wait to be sent over all connections. The same limit holds for the bytes of messages that have not
   * arrived completely, and a quarter of it for those of messages that wait for their turn.
   */
  bufferedBytesTotal: number;
  /** A request must have arrived completely within this time. */
  requestTimeoutMs: number;
  /** A file that is uploaded must have arrived completely within this time. 0: none is. */
  uploadTimeoutMs: number;
  /** `connection_init` must arrive within this time. */
  initTimeoutMs: number;
  /** How often a socket is pinged. A socket is dropped if it neither answers nor drains within this time. */
  keepAliveMs: number;
  /** Origins of pages that may open a WebSocket or read answers over HTTP (`https://chat.example.org`); `*` allows all. */
  origins: readonly string[];
  /** How long closing may take. Sockets are told in batches, and requests in flight are answered. */
  closeWithinMs: number;
};

export const transportDefaults: TransportConfig = {
  production: true,
  ide: false,
  bodyLimitBytes: 131_072,
  maxTokens: 1_000,
  maxDepth: 15,
  maxAliases: 50,
  maxDirectives: 50,
  maxFields: 1_000,
  maxCost: 100_000,
  maxEvents: 1_000,
  answerBytesMax: 8_388_608,
  executionMs: 20_000,
  operationsPerSecond: 0,
  burst: 50,
  addressOperationsPerSecond: 0,
  addressBurst: 500,
  subscriptionsPerSocket: 100,
  subscriptionsPerUser: 1_000,
  inFlightPerUser: 500,
  socketsPerUser: 100,
  trustedProxies: [],
  socketsPerAddress: 10_000,
  connectionsPerAddress: 20_000,
  connectionsMax: 50_000,
  bufferedBytesPerSocket: 1_048_576,
  bufferedBytesTotal: 268_435_456,
  requestTimeoutMs: 30_000,
  uploadTimeoutMs: 0,
  initTimeoutMs: 5_000,
  keepAliveMs: 30_000,
  origins: [],
  closeWithinMs: 5_000,
};

/**
 * A WebSocket message may exceed the limit by so much and is still read, so that its operation gets an error. A longer one
 * closes the socket.
 */
export const READ_BEYOND_BYTES = 1_048_576;

/**
 * How much of the server each user occupies, over all transports. `users` and `addresses` count sockets and streams of events: by
 * user, and by address.
 */
export type Quotas = { subscriptions: Tally; inFlight: Tally; users: Tally; addresses: Tally };

type QuotaLimits = Pick<TransportConfig, "subscriptionsPerUser" | "inFlightPerUser" | "socketsPerUser" | "socketsPerAddress">;

export const quotas = (config: QuotaLimits): Quotas => ({
  subscriptions: tally(config.subscriptionsPerUser),
  inFlight: tally(config.inFlightPerUser),
  users: tally(config.socketsPerUser),
  addresses: tally(config.socketsPerAddress),
});

/** Counts one more operation in flight. Throws a `Refusal` RATE_LIMITED if the user has too many. */
export function enterInFlight({ inFlight }: Quotas, userId: string): void {
  if (inFlight.enter(userId)) return;
  throw new Refusal("RATE_LIMITED", "too many of your operations wait for an answer: send more when some are answered", {
    retryAfterMs: 1_000,
  });
}

export type Tally = {
  /** Returns false if there was no room for one more. */
  enter(key: string): boolean;
  leave(key: string): void;
};

/** Counts by key, up to `max` for each key; 0 is no limit. */
export function tally(max: number): Tally {
  const counts = new Map<string, number>();
  return {
    enter(key) {
      const count = counts.get(key) ?? 0;
      if (max > 0 && count >= max) return false;
      counts.set(key, count + 1);
      return true;
    },
    leave(key) {
      const count = counts.get(key) ?? 0;
      if (count > 1) counts.set(key, count - 1);
      else counts.delete(key);
    },
  };
}
