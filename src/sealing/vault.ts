import type { KeyObject } from "node:crypto";
import { type Awaitable, andThen } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";
import { Unavailable } from "../ports/faults.ts";
import type { Destroying, DestroyedKey, KeptKey, KeyName, KeyStore } from "../ports/keyStore.ts";
import { type Masters, newKey, unwrap } from "./master.ts";
import { areIds, contentKey, idsIn, joinedIds } from "./sealed.ts";

/** What becomes of what was sealed under some keys. `unknown`: the store has one of them not, and never destroyed it. */
export type Found = KeyObject | "destroyed" | "unknown";

/** What something is sealed under: a key, and the joined ids of those that it is made of. */
export type ContentKey = { ids: string; key: KeyObject };

/**
 * The keys of the store, as they are used: at hand if they were used a moment ago. Rejects or throws with `Unavailable` if the
 * store or the master key is away.
 */
export type Vault = {
  /** To be waited for before keys are used: see `LOOK_MS`. */
  ready(): Awaitable<void>;
  /** What something was sealed under, if it is at hand. */
  atHand(ids: string): KeyObject | "destroyed" | undefined;
  /** The same for many, whatever is at hand. */
  find(all: readonly string[]): Awaitable<ReadonlyMap<string, Found>>;
  /**
   * What these names seal under in common, together with keys of these ids. A name without a key gets one. Rejects with
   * `Unavailable` if a key of `also` is not there any more.
   */
  keyFor(names: readonly KeyName[], also?: readonly string[]): Awaitable<ContentKey>;
  /** Destroys keys. When it resolves, this vault uses them no more; all others do so `TRUST_MS` later at most. */
  destroy(destroying: Destroying): Promise<number>;
  close(): Promise<void>;
};

export type VaultOptions = {
  /** `make`: makes the store where there is none; else it may be undefined. Called again until it gives one. */
  store: (make: boolean) => KeyStore | undefined;
  closeStore?: () => Promise<void>;
  /** `anew`: those that are there now, where they may have changed. Throws `Unavailable`. */
  masters: (anew: boolean) => Masters;
  /** Bytes that the keys at hand may take. */
  maxBytes?: number;
  /** In milliseconds. */
  clock?: () => number;
};

/** How often it is asked whether keys were destroyed, in milliseconds. */
export const LOOK_MS = 1_000;
/** How long keys are used after the last answer to that, in milliseconds. */
export const TRUST_MS = 10_000;

const CACHE_BYTES = 33_554_432;
/** Of these, what is for the keys that are read with: many are read with, and few written with. */
const OPENING = 0.75;
/** About what a key takes, here and in OpenSSL. */
const KEY_OBJECT_BYTES = 400;

/** Keys of a store, for one thread. */
export function createVault(options: VaultOptions): Vault {
  const { store, closeStore, masters, maxBytes = CACHE_BYTES, clock = () => performance.now() } = options;
  const bytesOf = (): number => KEY_OBJECT_BYTES;
  const opening = byteCache<KeyObject | "destroyed">(maxBytes * OPENING, bytesOf);
  const sealing = byteCache<ContentKey>(maxBytes * (1 - OPENING), bytesOf);
  /** Those who wait for the same key to be made. */
  const making = new Map<string, Promise<ContentKey>>();
  /** Grows whenever all is forgotten: what was asked for before that is not kept. */
  let epoch = 0;
  let destructions: number | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const forget = (): void => {
    epoch++;
    opening.clear();
    sealing.clear();
  };

  const seen = (count: number, at: number): void => {
    lookedAt = Math.max(lookedAt, at);
    if (count === destructions) return;
    destructions = count;
    forget();
  };

  /** Asks whether keys were destroyed. */
  const askNow = (): Awaitable<void> => {
    const at = clock();
    const from = store(false);
    if (!from) return seen(0, at);
    const count = from.destructions();
    if (!(count instanceof Promise)) return seen(count, at);
    return (looking ??= count
      .then((told) => seen(told, at))
      .finally(() => {
        looking = undefined;
      }));
  };

  const ready = (): Awaitable<void> => {
    const age = clock() - lookedAt;
    if (age < LOOK_MS) return;
    if (age >= TRUST_MS)
      return andThen(askNow(), () => {
        // The answer may be one to a question of long ago.
        if (clock() - lookedAt >= TRUST_MS) throw new Unavailable("the store of keys answers too slowly");
      });
    try {
      const asked = askNow();
      // Until then, what is at hand is used.
      if (asked instanceof Promise) asked.catch(() => undefined);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  };

  /** Nobody may ask for long: what is at hand is let go nevertheless. */
  const watch = (): void => {
    timer ??= setInterval(() => {
      if (clock() - lookedAt >= TRUST_MS) forget();
      try {
        const asked = askNow();
        if (asked instanceof Promise) asked.catch(() => undefined);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
      }
    }, LOOK_MS).unref();
  };

  const bytesOfKey = (kept: KeptKey): Buffer => {
    const known = masters(false);
    return unwrap(known.some(({ id }) => id === kept.master) ? known : masters(true), kept);
  };

  const madeOf = (keys: readonly KeptKey[]): KeyObject => {
    const all = keys.map(bytesOfKey);
    const key = contentKey(all);
    for (const bytes of all) bytes.fill(0);
    watch();
    return key;
  };

  const foundIn = (ids: string, known: ReadonlyMap<string, KeptKey | DestroyedKey>): Found => {
    const keys: KeptKey[] = [];
    let isUnknown = false;
    for (const id of idsIn(ids)) {
      const key = known.get(id);
      // Whatever became of the others.
      if (key && key.wrapped === undefined) return "destroyed";
      if (key) keys.push(key);
      else isUnknown = true;
    }
    return isUnknown ? "unknown" : madeOf(keys);
  };

  const find = (all: readonly string[]): Awaitable<ReadonlyMap<string, Found>> => {
    const found = new Map<string, Found>();
    const needed = new Set<string>();
    const asked: string[] = [];
    for (const ids of all) {
      const key = opening.get(ids);
      if (key !== undefined) found.set(ids, key);
      else if (!areIds(ids)) found.set(ids, "unknown");
      else {
        asked.push(ids);
        for (const id of idsIn(ids)) needed.add(id);
      }
    }
    const from = asked.length === 0 ? undefined : store(false);
    if (!from) {
      for (const ids of asked) found.set(ids, "unknown");
      return found;
    }
    const of = epoch;
    return andThen(from.find([...needed]), (keys) => {
      const known = new Map(keys.map((key) => [key.id, key]));
      for (const ids of asked) {
        const key = foundIn(ids, known);
        found.set(ids, key);
        if (key !== "unknown" && of === epoch) opening.set(ids, key);
      }
      return found;
    });
  };

  const storeForUse = (): KeyStore => {
    const made = store(true);
    if (made) return made;
    throw new Unavailable("there is no store of keys");
  };

  const byName = (names: readonly KeyName[], keys: readonly KeptKey[]): (KeptKey | undefined)[] =>
    names.map(({ owner, month }) => keys.find((key) => key.owner === owner && key.month === month));

  const currentOf = (names: readonly KeyName[]): Awaitable<KeptKey[]> => {
    const from = storeForUse();
    return andThen(from.current(names), (keys) => {
      const there = byName(names, keys);
      const lacking = names.filter((_, index) => there[index] === undefined);
      if (lacking.length === 0) return there as KeptKey[];
      const first = masters(true);
      return from.add(lacking.map((name) => newKey(first, name))).then((added) => {
        const all = byName(names, [...keys, ...added]);
        if (all.includes(undefined)) throw new Unavailable("a key was destroyed at this moment: try again");
        return all as KeptKey[];
      });
    });
  };

  const others = (also: readonly string[]): Awaitable<KeptKey[]> => {
    if (also.length === 0) return [];
    return andThen(storeForUse().find(also), (keys) =>
      also.map((id) => {
        const key = keys.find((each) => each.id === id);
        if (key?.wrapped !== undefined) return key;
        throw new Unavailable("what this repeats is being forgotten");
      }),
    );
  };

  const make = (label: string, names: readonly KeyName[], also: readonly string[]): Awaitable<ContentKey> => {
    const of = epoch;
    return andThen(currentOf(names), (own) =>
      andThen(others(also.filter((id) => !own.some((key) => key.id === id))), (more) => {
        const keys = [...own, ...more];
        const made = { ids: joinedIds(keys.map(({ id }) => id)), key: madeOf(keys) };
        if (of === epoch) {
          sealing.set(label, made);
          opening.set(made.ids, made.key);
        }
        return made;
      }),
    );
  };

  const keyFor: Vault["keyFor"] = (names, also = []) => {
    let label = "";
    for (const { owner, month } of names) label += `${owner} ${month},`;
    for (const id of also) label += `,${id}`;
    const known = sealing.get(label);
    if (known) return known;
    const other = making.get(label);
    if (other) return other;
    const made = make(label, names, also);
    if (!(made instanceof Promise)) return made;
    const shared = made.finally(() => making.delete(label));
    making.set(label, shared);
    return shared;
  };

  return {
    ready,
    atHand: (ids) => opening.get(ids),
    find,
    keyFor,
    destroy: async (destroying) => {
      try {
        return await storeForUse().destroy(destroying);
      } finally {
        forget();
      }
    },
    close: async () => {
      clearInterval(timer);
      forget();
      await closeStore?.();
    },
  };
}
