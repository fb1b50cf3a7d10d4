import type { Elsewhere } from "../../../ports/elsewhere.ts";
import { explained } from "../../../ports/faults.ts";
import type { Redis } from "./connection.ts";

/** How often a server says that it is alive, and how long it counts as alive after that; in milliseconds of Redis's clock. */
const BEAT_MS = 3_000;
const ALIVE_MS = 12_000;
/** How often all that is noted is noted again, and how long it stays without that: so what servers left that ended goes. */
const AGAIN_MS = 20 * 60_000;
const KEPT_S = 3_600;
/** So many commands are said without a pause: the connection has bounded room for them. */
const AT_ONCE = 1_000;
/** Who types is kept a little longer than it is true. */
const TYPING_KEPT_MS = 2_000;

/** Says that a server is alive, and returns the ids of all that are. By the clock of Redis: those of the servers may differ. */
const BEAT = `local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)`;
const TYPES = `local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]); redis.call('PEXPIRE', KEYS[1], ARGV[3])`;
const TYPING = `local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)
return redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', now)`;

export type RedisElsewhereOptions = {
  redis: Redis;
  prefix: string;
  /** Names this server. It holds no `~`. */
  id: string;
  /** Called when servers have come or gone: others may be online now. */
  changed: () => void;
  warn: (message: string) => void;
  beatMs?: number;
  aliveMs?: number;
};

/** Who is connected and who is typing at other servers of the same Redis. */
export function redisElsewhere(options: RedisElsewhereOptions): Elsewhere & { close(): Promise<void> } {
  const { redis, prefix, id, changed, warn, beatMs = BEAT_MS, aliveMs = ALIVE_MS } = options;
  /** Who is connected here. */
  const here = new Map<string, Set<string>>();
  let alive: ReadonlySet<string> = new Set();
  /** Of servers that are not alive as far as this one knows, when it asked last. */
  let askedAt = -Infinity;
  const stop = new AbortController();
  const keyOf = (user: string): string => `${prefix}:at:${user}`;
  const typingKey = (conversation: string): string => `${prefix}:typing:${conversation}`;

  const beat = async (): Promise<void> => {
    askedAt = performance.now();
    const found = new Set((await redis.ask("EVAL", BEAT, "1", `${prefix}:servers`, id, String(aliveMs))) as string[]);
    const isSame = found.size === alive.size && [...found].every((each) => alive.has(each));
    alive = found;
    if (!isSame) changed();
  };

  const say = (user: string, device: string): void => {
    redis.say("HSET", keyOf(user), `${id}~${device}`, "1");
    redis.say("EXPIRE", keyOf(user), String(KEPT_S));
  };

  /** In pieces: each waits for the answer to the last one before. */
  const sayAll = async (): Promise<void> => {
    let said = 0;
    for (const [user, devices] of [...here])
      for (const device of devices) {
        say(user, device);
        if (++said % AT_ONCE === 0) await redis.ask("PING");
        if (stop.signal.aborted) return;
      }
  };

  const again = (): void =>
    void Promise.all([beat(), sayAll()]).catch((error: unknown) => {
      // Once it is back, all is said again.
      if (redis.isUp()) warn(`who is connected here could not be told to the other servers: ${explained(error)}`);
    });
  const endUp = redis.onUp(again);
  const beats = setInterval(() => void beat().catch(() => undefined), beatMs).unref();
  const repeats = setInterval(again, AGAIN_MS).unref();
  if (redis.isUp()) again();

  return {
    note: (user, device, isHere) => {
      const devices = here.get(user) ?? new Set<string>();
      if (isHere) {
        here.set(user, devices.add(device));
        say(user, device);
        return;
      }
      devices.delete(device);
      if (devices.size === 0) here.delete(user);
      redis.say("HDEL", keyOf(user), `${id}~${device}`);
    },

    devicesOf: async (users) => {
      const found = await Promise.all(users.map(async (user) => (await redis.ask("HKEYS", keyOf(user))) as string[]));
      // One that began a moment ago is not known here yet.
      const isUnknown = found.some((fields) => fields.some((field) => !alive.has(serverOf(field)) && serverOf(field) !== id));
      if (isUnknown && performance.now() - askedAt > beatMs / 6) await beat();
      return found.map(
        (fields) =>
          new Set(
            fields
              .filter((field) => serverOf(field) !== id && alive.has(serverOf(field)))
              .map((field) => field.slice(serverOf(field).length + 1)),
          ),
      );
    },

    noteTyping: (conversation, user, ms) => {
      const key = typingKey(conversation);
      if (ms > 0) redis.say("EVAL", TYPES, "1", key, user, String(ms), String(ms + TYPING_KEPT_MS));
      else redis.say("ZREM", key, user);
    },

    typingIn: async (conversation) => (await redis.ask("EVAL", TYPING, "1", typingKey(conversation))) as string[],

    close: async () => {
      stop.abort();
      endUp();
      clearInterval(beats);
      clearInterval(repeats);
      // This server counts as alive for a moment still: its users are about to come back, to another one.
    },
  };
}

const serverOf = (field: string): string => field.slice(0, field.indexOf("~"));
