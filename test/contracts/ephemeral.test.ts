import { localEphemeral } from "../../src/adapters/signals/localEphemeral.ts";
import { redisAt } from "../../src/adapters/signals/redis/connection.ts";
import { redisEphemeral } from "../../src/adapters/signals/redis/ephemeral.ts";
import { realRedis } from "../support/realRedis.ts";
import { until } from "../support/until.ts";
import { ephemeralContract } from "./ephemeral.contract.ts";

ephemeralContract("local", async () => {
  const ephemeral = localEphemeral({ onError: () => undefined });
  return { teller: ephemeral, listener: ephemeral, close: async () => undefined };
});

const redis = realRedis("the contract of what is told for a moment");
if (redis)
  ephemeralContract("between two servers, by Redis", async () => {
    const prefix = redis.newPrefix();
    const ignored = () => undefined;
    const ends = ["one", "other"].map((id) => {
      const connection = redisAt(redis.url, { warn: ignored, info: ignored, onError: ignored });
      return {
        connection,
        ephemeral: redisEphemeral({ redis: connection, prefix, id, local: localEphemeral({ onError: ignored }) }),
      };
    });
    const [one, other] = ends as [(typeof ends)[0], (typeof ends)[0]];
    await until("both are connected", () => ends.every(({ connection }) => connection.isUp()));
    return {
      teller: one.ephemeral,
      listener: other.ephemeral,
      close: async () => void (await Promise.all(ends.map(({ connection }) => connection.close()))),
    };
  });
