import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { explained, Unavailable } from "../../../ports/faults.ts";
import type { AnyOrder, Orders, OrderOutcome } from "../../../ports/orders.ts";
import type { Redis } from "./connection.ts";
import { endOf } from "./endOf.ts";

/** How long whoever gave an order waits for the answer, and how long an order is remembered as taken; in milliseconds. */
const ANSWER_MS = 10_000;
const TAKEN_MS = 60_000;
/** How often a server says how its part is, in milliseconds, and how long that is true, in seconds. */
const SAY_MS = 1_000;
const TRUE_S = 8;
/** How long a server leaves an order to those that are nearer to it, in milliseconds. */
const FAR_MS = 250;
/** So many orders of this server may wait for their answer. */
const WAITING_MAX = 1_000;

type Sent = { id: string; by: string; order: AnyOrder };
type Answer = { id: string; outcome: OrderOutcome };

/** What is parked may be so in the slices of any server. */
const isForAll = ({ what }: AnyOrder): boolean => what === "retryParked";

/** Of those who were to do it all: what was done by one of them is done. */
const together = (answers: readonly OrderOutcome[]): OrderOutcome | undefined =>
  answers.find((answer) => "isThere" in answer && answer.isThere === true) ??
  answers.find((answer) => !("fault" in answer)) ??
  answers[0];

/**
 * Orders between servers. Each is taken by one server only, but for those that are for all. `id`: see `redisSignals`; it is alive
 * as `redisElsewhere` says.
 */
export function redisOrders(redis: Redis, prefix: string, id: string): Orders & { close(): void } {
  const waiting = new Map<string, (outcome: OrderOutcome) => void>();
  const ends: (() => void)[] = [];
  const answersOf = (server: string): string => `${prefix}:answers:${server}`;
  const stateKey = (of: string, server: string): string => `${prefix}:state:${of}:${server}`;

  ends.push(
    endOf(
      redis.hear(answersOf(id), (text) => {
        const { id: order, outcome } = JSON.parse(text) as Answer;
        waiting.get(order)?.(outcome);
      }),
    ),
  );

  return {
    give: async (of, order) => {
      if (!redis.isUp()) throw new Unavailable("Redis is away");
      if (waiting.size >= WAITING_MAX) throw new Unavailable("too many orders wait for their answer");
      const sent: Sent = { id: randomBytes(12).toString("base64url"), by: id, order };
      const answers: OrderOutcome[] = [];
      let wanted = Number.POSITIVE_INFINITY;
      let enough = (): void => {};
      const answered = new Promise<void>((resolve) => (enough = resolve));
      waiting.set(sent.id, (outcome) => {
        answers.push(outcome);
        if (answers.length >= wanted) enough();
      });
      const late = setTimeout(enough, ANSWER_MS);
      try {
        const heard = Number(await redis.ask("PUBLISH", `${prefix}:orders:${of}`, JSON.stringify(sent)));
        if (heard === 0) return undefined;
        wanted = isForAll(order) ? heard : 1;
        if (answers.length >= wanted) enough();
        await answered;
        return together(answers);
      } finally {
        clearTimeout(late);
        waiting.delete(sent.id);
      }
    },

    states: async (of) => {
      const servers = (await redis.ask("ZRANGE", `${prefix}:servers`, "0", "-1")) as string[];
      if (servers.length === 0) return [];
      const texts = (await redis.ask("MGET", ...servers.map((server) => stateKey(of, server)))) as (string | null)[];
      return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as unknown]));
    },

    take: (of, obey, state, isNear = () => true) => {
      const say = (): void => redis.say("SET", stateKey(of, id), JSON.stringify(state()), "EX", String(TRUE_S));
      const obeyed = async ({ id: order, by, order: what }: Sent): Promise<void> => {
        const taken = `${prefix}:order:${order}`;
        if (!isForAll(what) && !isNear()) await delay(FAR_MS, undefined, { ref: false });
        if (!isForAll(what) && (await redis.ask("SET", taken, id, "NX", "PX", String(TAKEN_MS))) !== "OK") return;
        const outcome: OrderOutcome = await obey(what).catch((error: unknown) => ({ fault: explained(error) }));
        // Whoever learns that it has begun, and then asks how the part is, is not told how it was before.
        say();
        redis.say("PUBLISH", answersOf(by), JSON.stringify({ id: order, outcome } satisfies Answer));
      };
      // Whoever gave it is told by its own clock that there was no answer.
      const heard = endOf(
        redis.hear(`${prefix}:orders:${of}`, (text) => void obeyed(JSON.parse(text) as Sent).catch(() => undefined)),
      );
      const saying = setInterval(say, SAY_MS).unref();
      const up = redis.onUp(say);
      return () => {
        heard();
        up();
        clearInterval(saying);
      };
    },

    close: () => {
      for (const end of ends) end();
    },
  };
}
