import { LRUCache } from "lru-cache";
import { Refusal } from "../domain/refusal.ts";

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
  /** Of one operation: about the number of values that its answer may hold. */
  maxCost: number;
  /** Of one user over all transports; 0 is no limit. `burst` may come at once. */
  operationsPerSecond: number;
  burst: number;
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
  maxCost: 200_000,
  operationsPerSecond: 0,
  burst: 50,
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

export type RateLimit = {
  /** Throws a `Refusal` RATE_LIMITED with `retryAfterMs` where a user asks too often. */
  take(userId: string): void;
};

/** Users whose buckets are kept: a bucket forgotten was full again, or its user one of very many. */
const BUCKETS = 100_000;

/** A token bucket a user, shared by all transports. */
export function rateLimit(
  { operationsPerSecond, burst }: Pick<TransportConfig, "operationsPerSecond" | "burst">,
  now: () => number = Date.now,
): RateLimit {
  if (operationsPerSecond <= 0) return { take: () => undefined };
  const size = Math.max(1, burst);
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: BUCKETS });
  return {
    take(userId) {
      const at = now();
      const bucket = buckets.get(userId) ?? { tokens: size, at };
      const tokens = Math.min(size, bucket.tokens + ((at - bucket.at) * operationsPerSecond) / 1_000);
      const granted = tokens >= 1;
      buckets.set(userId, { tokens: granted ? tokens - 1 : tokens, at });
      if (granted) return;
      const retryAfterMs = Math.ceil(((1 - tokens) * 1_000) / operationsPerSecond);
      throw new Refusal(
        "RATE_LIMITED",
        `too many operations: ${operationsPerSecond} a second are allowed, try again in ${retryAfterMs} ms`,
        {
          retryAfterMs,
        },
      );
    },
  };
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
