import type { Redis } from "./connection.ts";

/** How long a turn lasts that is not taken again, and how often it is; in milliseconds. */
const TURN_MS = 10_000;
const AGAIN_MS = 3_000;

/** Takes the turn if it is free or one's own. Returns whose it is. */
const TAKE = `local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]); return ARGV[1]`;

/**
 * Whether it is this server's turn to do what one server at a time should do. It spares work, and no more: for a moment two may
 * have it, and while Redis is away all do.
 */
export type Turn = { isMine(): boolean; close(): Promise<void> };

/** `name`: of what is done. `id`: names this server. */
export function redisTurn(redis: Redis, prefix: string, name: string, id: string): Turn {
  const key = `${prefix}:turn:${name}`;
  let isMine = false;
  const take = (): void =>
    void redis.ask("EVAL", TAKE, "1", key, id, String(TURN_MS)).then(
      (whose) => (isMine = whose === id),
      () => undefined,
    );
  const endUp = redis.onUp(take);
  const again = setInterval(take, AGAIN_MS).unref();
  if (redis.isUp()) take();
  return {
    isMine: () => isMine || !redis.isUp(),
    close: async () => {
      endUp();
      clearInterval(again);
      // The next one need not wait for the end of the turn.
      if (isMine) redis.say("DEL", key);
    },
  };
}
