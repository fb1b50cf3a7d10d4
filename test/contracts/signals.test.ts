import { MessageChannel } from "node:worker_threads";
import { localSignals, interestIn } from "../../src/adapters/signals/local.ts";
import type { Open } from "../../src/ports/awaitable.ts";
import type { Signals } from "../../src/ports/signals.ts";
import { redisAt } from "../../src/adapters/signals/redis/connection.ts";
import { redisSignals } from "../../src/adapters/signals/redis/signals.ts";
import { realRedis } from "../support/realRedis.ts";
import { until } from "../support/until.ts";
import { signalsContract } from "./signals.contract.ts";

const ignored = () => undefined;

const kinds: Record<string, () => Promise<Open<{ publisher: Pick<Signals, "publish">; listener: Signals }>>> = {
  local: async () => {
    const { signals } = localSignals({ onError: ignored });
    return { publisher: signals, listener: signals, close: async () => undefined };
  },
  "local, relayed from a worker thread": async () => {
    const { signals, interest } = localSignals({ onError: ignored });
    const { port1, port2 } = new MessageChannel();
    port2.on("message", (topics: string[]) => signals.publish(topics));
    const wanted = interestIn(interest);
    return {
      publisher: { publish: (topics) => port1.postMessage([...topics].filter(wanted)) },
      listener: signals,
      close: async () => port1.close(),
    };
  },
};

const redis = realRedis("the contract of signals");
if (redis)
  kinds["between two servers, by Redis"] = async () => {
    const prefix = redis.newPrefix();
    const ends = ["one", "other"].map((id) => {
      const connection = redisAt(redis.url, { warn: ignored, info: ignored, onError: ignored });
      const { signals: local } = localSignals({ onError: ignored });
      return { connection, signals: redisSignals({ redis: connection, prefix, id, local }) };
    });
    const [one, other] = ends as [(typeof ends)[0], (typeof ends)[0]];
    await until("both are connected", () => ends.every(({ connection }) => connection.isUp()));
    return {
      publisher: one.signals,
      listener: other.signals,
      close: async () => {
        for (const { signals, connection } of ends) {
          signals.close();
          await connection.close();
        }
      },
    };
  };

for (const [name, open] of Object.entries(kinds)) signalsContract(name, open);
