import type { DestroyedKey, KeptKey, KeyName, KeyStore } from "../../src/ports/keyStore.ts";

/** Keys in memory, as the port describes them. `asked`: how often it was asked for keys by their ids. */
export function memoryKeys(): KeyStore & { asked(): number } {
  const keys = new Map<string, KeptKey | DestroyedKey>();
  let destructions = 0;
  let asked = 0;
  const kept = (): KeptKey[] => [...keys.values()].filter((key): key is KeptKey => key.wrapped !== undefined);
  const current = (names: readonly KeyName[]): KeptKey[] =>
    kept().filter(({ owner, month }) => names.some((name) => name.owner === owner && name.month === month));
  return {
    asked: () => asked,
    find: (ids) => {
      asked++;
      return ids.flatMap((id) => keys.get(id) ?? []);
    },
    current,
    add: async (added) => {
      for (const key of added) if (current([key]).length === 0) keys.set(key.id, key);
      return current(added);
    },
    destroy: async ({ owner, month }) => {
      destructions++;
      const gone = kept().filter((key) => key.owner === owner && (month === undefined || key.month === month));
      for (const { id, owner: of, month: when } of gone) keys.set(id, { id, owner: of, month: when });
      return gone.length;
    },
    destructions: () => destructions,
    notWrappedBy: (master, limit) =>
      kept()
        .filter((key) => key.master !== master)
        .slice(0, limit),
    rewrap: async (wrapped) => {
      for (const { id, master, wrapped: text } of wrapped) {
        const key = keys.get(id);
        if (key?.wrapped !== undefined) keys.set(id, { ...key, master, wrapped: text });
      }
    },
    counts: () => ({ keys: kept().length, destroyed: keys.size - kept().length }),
  };
}
