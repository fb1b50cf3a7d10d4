import type { Awaitable } from "./awaitable.ts";

/** Whose key it is, and of which month (`2026-12`); or of no month: `-`. An owner's id has no space. */
export type KeyName = { owner: string; month: string };

/** A key as it is kept: `wrapped` by the master key of the id `master`, as text. */
export type KeptKey = KeyName & { id: string; master: string; wrapped: string };

/** What is left of a key. It never comes back. */
export type DestroyedKey = KeyName & { id: string; master?: undefined; wrapped?: undefined };

/** Which keys were destroyed. */
export type Destroying = { owner: string; month?: string | undefined };

export type KeyCounts = { keys: number; destroyed: number };

/**
 * Keeps the keys that the log is sealed under: beside the log, and in none of its backups. One name has one key at a time; the
 * next one only after that was destroyed. Errors: `Unavailable`.
 */
export type KeyStore = {
  /** Those of these ids that it knows, destroyed ones too, in any order. */
  find(ids: readonly string[]): Awaitable<(KeptKey | DestroyedKey)[]>;
  /** The keys that these names have, in any order. */
  current(names: readonly KeyName[]): Awaitable<KeptKey[]>;
  /**
   * Keeps keys; where a name has one, that stays. Resolves with those that the names have then, in any order: they are durable.
   */
  add(keys: readonly KeptKey[]): Promise<KeptKey[]>;
  /**
   * Destroys the keys of an owner: all, or that of a month. Resolves with how many once they can be read nowhere in the store.
   * Nobody gets back what they open.
   */
  destroy(destroying: Destroying): Promise<number>;
  /** A number that is another one after keys were destroyed, by anybody. */
  destructions(): Awaitable<number>;
  /** At most `limit` keys that another master wraps. */
  notWrappedBy(master: string, limit: number): Awaitable<KeptKey[]>;
  /** Keeps keys as they are wrapped now. Those that were destroyed meanwhile stay so. */
  rewrap(keys: readonly Pick<KeptKey, "id" | "master" | "wrapped">[]): Promise<void>;
  counts(): Awaitable<KeyCounts>;
};

/** In place of a month. */
export const NO_MONTH = "-";
