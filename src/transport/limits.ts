import { Refusal } from "../domain/refusal.ts";

/** What the transport needs to know of the configuration. */
export type TransportConfig = {
  /** No introspection, and only listed origins or the same host over the WebSocket. */
  production: boolean;
  /** The IDE at /graphiql with its development tokens; never in production. */
  ide: boolean;
  /** The largest body of a request over HTTP, and the largest message over a WebSocket. */
  bodyLimitBytes: number;
  /** Of one document: tokens, levels of fields, aliases, directives. */
  maxTokens: number;
  maxDepth: number;
  maxAliases: number;
  maxDirectives: number;
  /** Of one operation with its fragments spread out, on every type that an object may have: what is compiled. */
  maxFields: number;
  /** Of one operation: about the number of values that its answer may hold. */
  maxCost: number;
  /** Of one operation: what its mutations may append to the log. */
  maxEvents: number;
  /** Of one answer, and of one delivery of a subscription. */
  answerBytesMax: number;
  /** Within which an operation is answered. */
  executionMs: number;
  /** Units (`RateLimit`) a second of one user over all transports; 0 is no limit. `burst` may come at once. */
  operationsPerSecond: number;
  burst: number;
  /** The same of one address, but for loopback without a proxy between. */
  addressOperationsPerSecond: number;
  addressBurst: number;
  subscriptionsPerSocket: number;
  /** 0 is no limit, here and up to `connectionsMax`. */
  subscriptionsPerUser: number;
  /** Queries and mutations of one user that run at the same time, over all transports. */
  inFlightPerUser: number;
  socketsPerUser: number;
  /**
   * Addresses, ranges and names (`isProxyRange`) of proxies: where their clients are, they say. Behind any other all have the
   * proxy's address.
   */
  trustedProxies: readonly string[];
  socketsPerAddress: number;
  /** TCP connections, WebSockets among them, of any but a trusted proxy. */
  connectionsPerAddress: number;
  connectionsMax: number;
  /** What may wait to be sent on one socket before its reader is dropped; at least 131,072. */
  bufferedBytesPerSocket: number;
  /** What may wait to be sent, and what may have come of messages that are not whole, over all connections. */
  bufferedBytesTotal: number;
  /** Within which a request must have come. */
  requestTimeoutMs: number;
  /** Within which connection_init must come. */
  initTimeoutMs: number;
  /** How often a socket is pinged; one that neither answers nor drains for so long is dropped. */
  keepAliveMs: number;
  /** Of pages that may open a WebSocket or read answers over HTTP (`https://chat.example.org`), `*` for all. */
  origins: readonly string[];
  /** How long closing may take: sockets are told in batches, requests in flight are answered. */
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
  initTimeoutMs: 5_000,
  keepAliveMs: 30_000,
  origins: [],
  closeWithinMs: 5_000,
};

/**
 * What a message over the WebSocket may have beyond the limit and still be read, so that its operation is told; a longer one
 * ends the socket.
 */
export const READ_BEYOND_BYTES = 1_048_576;

/** How much of the server one user takes up, over all transports. */
export type Quotas = { subscriptions: Tally; inFlight: Tally };

export const quotas = (config: Pick<TransportConfig, "subscriptionsPerUser" | "inFlightPerUser">): Quotas => ({
  subscriptions: tally(config.subscriptionsPerUser),
  inFlight: tally(config.inFlightPerUser),
});

/** Counts one more operation in flight. Throws a `Refusal` RATE_LIMITED where the user has too many. */
export function enterInFlight({ inFlight }: Quotas, userId: string): void {
  if (inFlight.enter(userId)) return;
  throw new Refusal("RATE_LIMITED", "too many of your operations wait for an answer: send more when some have come", {
    retryAfterMs: 1_000,
  });
}

export type Tally = {
  /** Whether there was room for one more. */
  enter(key: string): boolean;
  leave(key: string): void;
};

/** Counts what is there by key, up to `max` each; 0 is no limit. */
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
