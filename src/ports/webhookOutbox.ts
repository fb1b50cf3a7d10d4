import type { Position } from "./eventStore.ts";

/** An event that a webhook is to be told of, and where it is in the log. `key`: what has the same key is told in order. */
export type PlannedDelivery = {
  hook: string;
  position: Position;
  event: string;
  stream: string;
  revision: number;
  key: string;
};

/** Times are in milliseconds since 1970. `due` undefined: it is not tried again. `status`: of HTTP, of the last attempt. */
export type Delivery = PlannedDelivery & {
  planned: number;
  attempts: number;
  status: number | undefined;
  error: string | undefined;
  deliveredAt: number | undefined;
  due: number | undefined;
};

/** How far the log was looked through for a hook that is told what is after `since`; and how many deliveries wait. */
export type HookProgress = {
  hook: string;
  since: Position;
  cursor: Position;
  /** When it failed first since it answered last. */
  failingSince: number | undefined;
  waiting: number;
};

export type Attempted = {
  at: number;
  status: number | undefined;
  error: string | undefined;
  /** When it is tried again. `never`: it is given up. `nothing`: it needs not be told any more; the hook has not failed. */
  outcome: "delivered" | "never" | "nothing" | { due: number };
};

/**
 * What webhooks are still to be told, what they were told, and how far the log was looked through for each of them: beside the
 * views, so that no replay touches it. One process at a time delivers; what another one does as such rejects with `WebhooksLost`,
 * and changes nothing. Other errors: `Unavailable`.
 */
export type WebhookOutbox = {
  /** Takes the right to deliver, or keeps it for another `WEBHOOKS_LEASE_MS`. False: another process has it. */
  take(holder: string): Promise<boolean>;
  progress(): Promise<HookProgress[]>;
  /** A hook is told what comes after a place. What waited for it is given up. */
  begin(hook: string, since: Position, now: number): Promise<void>;
  /** Nothing is known of the hook any more. */
  forget(hook: string): Promise<void>;
  /** Gives up what waits for a hook. */
  giveUp(hook: string, error: string): Promise<void>;
  /** Stores deliveries, and that the log was looked through so far for these hooks; or nothing. */
  plan(hooks: readonly string[], to: Position, deliveries: readonly PlannedDelivery[], now: number): Promise<void>;
  /** At most `limit` deliveries that are due, none of which waits for another one of its key. */
  due(hook: string, now: number, limit: number): Promise<Delivery[]>;
  /** Resolves to since when the hook fails. */
  settle(delivery: Delivery, attempted: Attempted): Promise<number | undefined>;
  /** Forgets what is settled and older than a time, and all but the newest of each hook. */
  sweep(before: number, most: number): Promise<void>;
  /** Lets others deliver. */
  release(): Promise<void>;
  /** Any process may ask: the newest deliveries of a hook first, those before a place. */
  deliveries(hook: string, limit: number, before?: Position): Promise<Delivery[]>;
  /** Any process may: delivers once more. False: it is not known (any more). */
  again(hook: string, position: Position, now: number): Promise<boolean>;
};

/** Another process delivers now. */
export class WebhooksLost extends Error {
  override readonly name = "WebhooksLost";
}

/** For how long a process delivers that said so, in milliseconds. Longer than an attempt may take. */
export const WEBHOOKS_LEASE_MS = 30_000;
