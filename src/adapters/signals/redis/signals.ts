import type { Signals } from "../../../ports/signals.ts";
import { bucketOf } from "../buckets.ts";
import type { Redis } from "./connection.ts";
import { endOf, onceInForce } from "./endOf.ts";

/**
 * Topics are told in so many channels. A server hears those of the topics that are listened to there: with few listeners it hears
 * little, and with very many the number of its channels is bounded.
 */
const BUCKETS = 4_096;
/** So many characters are told at once. */
const TEXT_MAX = 32_768;

/** No topic holds it. */
const BETWEEN = "\n";

export type RedisSignalsOptions = {
  redis: Redis;
  /** Of all channels. */
  prefix: string;
  /** Names this server: what it tells, it does not hear. It holds no line break. */
  id: string;
  /** Within this process. */
  local: Signals;
  /** Takes in topics that another server, named by its id, told of. Default: whoever listens is woken. */
  heard?: (topics: readonly string[], by: string) => void;
};

/** `tell`: wakes listeners at other servers alone. */
export type RedisSignals = Signals & { tell(topics: Iterable<string>): void; close(): void };

/**
 * Signals between servers. Nothing is kept while Redis is away: once it is back, whoever listens is woken, as anything may have
 * been told meanwhile.
 */
export function redisSignals(options: RedisSignalsOptions): RedisSignals {
  const { redis, prefix, id, local, heard = (topics) => local.publish(topics) } = options;
  const channelOf = (topic: string): string => `${prefix}:news:${bucketOf(topic, BUCKETS)}`;
  const all = `${prefix}:news`;

  const onNews = (text: string): void => {
    const [by = "", ...topics] = text.split(BETWEEN);
    if (by !== id) heard(topics, by);
  };
  const ends = [
    redis.onUp(() => local.publishAll()),
    endOf(redis.hear(all, (by) => (by === id ? undefined : local.publishAll()))),
  ];

  const tell = (topics: Iterable<string>): void => {
    const byChannel = new Map<string, string[]>();
    for (const topic of new Set(topics)) {
      const channel = channelOf(topic);
      const there = byChannel.get(channel);
      if (there) there.push(topic);
      else byChannel.set(channel, [topic]);
    }
    for (const [channel, told] of byChannel) {
      let text = id;
      for (const topic of told) {
        if (text.length + topic.length > TEXT_MAX && text !== id) {
          redis.say("PUBLISH", channel, text);
          text = id;
        }
        text += BETWEEN + topic;
      }
      redis.say("PUBLISH", channel, text);
    }
  };

  return {
    tell,
    publish: (topics, epoch) => {
      const told = [...topics];
      local.publish(told, epoch);
      tell(told);
    },
    publishAll: () => {
      local.publishAll();
      redis.say("PUBLISH", all, id);
    },
    listen: (topics, wake) => {
      const channels = new Set(topics.map(channelOf));
      const hearings = [...channels].map((channel) => redis.hear(channel, onNews));
      return onceInForce(hearings, () => {
        const unlisten = endOf(local.listen(topics, wake));
        return () => {
          unlisten();
          for (const hearing of hearings) endOf(hearing)();
        };
      });
    },
    close: () => {
      for (const end of ends) end();
    },
  };
}
