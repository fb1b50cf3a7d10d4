/** What the transport needs to know of the configuration. */
export type TransportConfig = {
  /** No introspection, and only listed origins or the same host over the WebSocket. */
  production: boolean;
  /** The IDE at /graphiql with its development tokens; never in production. */
  ide: boolean;
  /** The largest body of a request over HTTP. */
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
  /** The same of one address, but for loopback. */
  addressOperationsPerSecond: number;
  addressBurst: number;
  subscriptionsPerSocket: number;
  /** 0 is no limit. Behind a proxy all sockets have the proxy's address. */
  socketsPerUser: number;
  socketsPerAddress: number;
  /** What may wait to be sent on one socket before its reader is dropped; at least 131,072. */
  bufferedBytesMax: number;
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
  subscriptionsPerSocket: 200,
  socketsPerUser: 10_000,
  socketsPerAddress: 50_000,
  bufferedBytesMax: 4_194_304,
  initTimeoutMs: 5_000,
  keepAliveMs: 30_000,
  origins: [],
  closeWithinMs: 10_000,
};

/** A message of a client over the WebSocket. */
export const SOCKET_MESSAGE_BYTES = 65_536;
/** Queries and mutations of one socket that run at the same time. */
export const IN_FLIGHT_PER_SOCKET = 1_000;

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
