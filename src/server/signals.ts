import { randomBytes } from "node:crypto";
import { interestIn, localSignals } from "../adapters/signals/local.ts";
import { localEphemeral } from "../adapters/signals/localEphemeral.ts";
import type { Commits } from "../adapters/signals/redis/commits.ts";
import type { Redis, RedisStatus } from "../adapters/signals/redis/connection.ts";
import type { Turn } from "../adapters/signals/redis/turn.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Elsewhere } from "../ports/elsewhere.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";
import type { Orders } from "../ports/orders.ts";
import type { Signals } from "../ports/signals.ts";
import type { Logger } from "./logger.ts";

/** Tells another thread of this process who listens: topics that nobody listens to are not told to the main thread. */
export type InterestPlace = { kind: "local"; interest: SharedArrayBuffer } | { kind: "every" };

/** What goes between servers, where `REDIS_URL` is set. */
export type Between = {
  /** Names this server among them. */
  id: string;
  /** Wakes listeners of topics at other servers. */
  tell(topics: Iterable<string>): void;
  commits: Commits;
  orders: Orders;
  elsewhere: Elsewhere;
  /** Whose turn it is to do what is due. */
  turn: Turn;
  isUp(): boolean;
  onUp: Redis["onUp"];
  status(): RedisStatus;
};

/**
 * What is published wakes who listens in this process. `kind`: what operators are told. `ephemeral`: what is of no worth a moment
 * later; that goes to all servers.
 */
export type PlacedSignals = Open<Signals> & {
  kind: string;
  interest: InterestPlace;
  /** See `LocalSignals`. */
  isHeard(topics?: readonly string[]): boolean;
  ephemeral: Ephemeral;
  between: Between | undefined;
};

export type SignalsOptions = {
  /** See `LocalSignalsOptions`. */
  epochs: SharedArrayBuffer;
  config: Pick<Config, "redisUrl" | "redisPrefix" | "role">;
  logger: Logger;
  /** Takes in topics that another server told of, by its id. Default: whoever listens is woken. */
  heard?: (topics: readonly string[], by: string) => void;
};

const PREFIX = "tidings";

/** Opens the signals. */
export async function openSignals({ epochs, config, logger, heard }: SignalsOptions): Promise<PlacedSignals> {
  const onError = (error: unknown): void => logger.error({ err: error }, "what was told could not be taken in");
  const { signals: local, interest, isHeard } = localSignals({ epochs, onError });
  const localNews = localEphemeral({ onError });
  const { redisUrl: url, redisPrefix: prefix = PREFIX, role } = config;
  if (url === undefined)
    return {
      ...local,
      kind: "local",
      interest: { kind: "local", interest },
      isHeard,
      ephemeral: localNews,
      between: undefined,
      close: async () => undefined,
    };
  const { redisAt, redisSignals, redisEphemeral, redisCommits, redisElsewhere, redisOrders, redisTurn } =
    await import("../adapters/signals/redis/all.ts");
  const id = randomBytes(9).toString("base64url");
  const redis = redisAt(url, {
    warn: (message) => logger.warn({}, message),
    info: (message) => logger.info({}, message),
    onError,
  });
  const signals = redisSignals({ redis, prefix, id, local, ...(heard ? { heard } : {}) });
  const ephemeral = redisEphemeral({ redis, prefix, id, local: localNews });
  const elsewhere = redisElsewhere({
    redis,
    prefix,
    id,
    changed: localNews.again,
    warn: (message) => logger.warn({}, message),
  });
  const orders = redisOrders(redis, prefix, id);
  const turn = redisTurn(redis, prefix, "processes", id);
  return {
    ...local,
    listen: signals.listen,
    kind: "redis",
    interest: { kind: "every" },
    isHeard: role === "api" ? () => false : () => true,
    ephemeral,
    between: {
      id,
      tell: signals.tell,
      commits: redisCommits(redis, prefix, id),
      orders,
      elsewhere,
      turn,
      isUp: redis.isUp,
      onUp: redis.onUp,
      status: redis.status,
    },
    close: async () => {
      signals.close();
      orders.close();
      await turn.close();
      await elsewhere.close();
      await redis.close();
    },
  };
}

/** Whether anybody may be listening to a topic, for a thread that was given the place. */
export const wantedAt = (place: InterestPlace): ((topic: string) => boolean) =>
  place.kind === "every" ? () => true : interestIn(place.interest);
