import { isIPv6 } from "node:net";
import { Refusal } from "../domain/refusal.ts";
import { type Buckets, buckets } from "../ports/buckets.ts";
import type { TransportConfig } from "./limits.ts";

/** Who pays for something: a user, the address that they ask from, or both. A client on this machine has no address. */
export type Payer = { userId?: string | undefined; address?: string | undefined };

/**
 * The units that a user, and an address, may spend. A unit is about one millisecond of the server's time, or one event in the
 * log. A small operation costs one.
 */
export type RateLimit = {
  /**
   * Takes units. Anyone who has at least one unit left may go on, and the whole cost is taken. So an expensive operation is
   * possible, and its payer waits longer afterwards. Throws a `Refusal` RATE_LIMITED with `retryAfterMs` if nothing is left.
   */
  take(payer: Payer, units: number): void;
  /**
   * Takes the cost of a delivery to a user. Deliveries have a budget of their own, of the same size, so subscriptions never
   * cause a request to be refused. Returns the milliseconds to wait before the next delivery, or 0 if something is left.
   */
  delivered(userId: string, units: number): number;
};

type Limits = Pick<TransportConfig, "operationsPerSecond" | "burst" | "addressOperationsPerSecond" | "addressBurst">;

/** Token buckets that all transports share. `now`: milliseconds of a clock that never goes back. */
export function rateLimit(
  { operationsPerSecond, burst, addressOperationsPerSecond, addressBurst }: Limits,
  now?: () => number,
): RateLimit {
  const users = buckets(operationsPerSecond, burst, now);
  const addresses = buckets(addressOperationsPerSecond, addressBurst, now);
  const readers = buckets(operationsPerSecond, burst, now);
  return {
    take({ userId, address }, units) {
      if (units <= 0) return;
      if (address !== undefined) take(addresses, networkOf(address), units, "from this address", addressOperationsPerSecond);
      if (userId !== undefined) take(users, userId, units, "of one user", operationsPerSecond);
    },
    delivered: (userId, units) => (units > 0 ? (readers?.owe(userId, units) ?? 0) : 0),
  };
}

function take(of: Buckets | undefined, key: string, units: number, whose: string, perSecond: number): void {
  const retryAfterMs = of?.take(key, units) ?? 0;
  if (retryAfterMs === 0) return;
  throw new Refusal(
    "RATE_LIMITED",
    `too many operations ${whose}: about ${perSecond} small ones a second are allowed, try again in ${retryAfterMs} ms`,
    { retryAfterMs },
  );
}

/** One household or company has a whole /64 of IPv6, so that counts as one address. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => "0"), ...after);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, "").toLowerCase())
    .join(":")}::/64`;
}
