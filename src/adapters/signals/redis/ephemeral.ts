import type { Ephemeral, Told } from "../../../ports/ephemeral.ts";
import { bucketOf } from "../buckets.ts";
import type { Redis } from "./connection.ts";
import { endOf, onceInForce } from "./endOf.ts";

/** See `redisSignals`. */
const BUCKETS = 4_096;

/** `id`: see `redisSignals`. `local`: within this process. */
export type RedisEphemeralOptions = { redis: Redis; prefix: string; id: string; local: Ephemeral };

/** What is true for a moment only, between servers. While Redis is away, it is told within this process alone. */
export function redisEphemeral({ redis, prefix, id, local }: RedisEphemeralOptions): Ephemeral {
  const channelOf = (topic: string): string => `${prefix}:now:${bucketOf(topic, BUCKETS)}`;

  const onTold = (text: string): void => {
    const [by, topic, told] = JSON.parse(text) as [string, string, Told];
    if (by !== id) local.tell(topic, told);
  };

  return {
    tell: (topic, told) => {
      local.tell(topic, told);
      redis.say("PUBLISH", channelOf(topic), JSON.stringify([id, topic, told]));
    },
    listen: (topics, heard) => {
      const hearings = [...new Set(topics.map(channelOf))].map((channel) => redis.hear(channel, onTold));
      return onceInForce(hearings, () => {
        const unlisten = endOf(local.listen(topics, heard));
        return () => {
          unlisten();
          for (const hearing of hearings) endOf(hearing)();
        };
      });
    },
  };
}
