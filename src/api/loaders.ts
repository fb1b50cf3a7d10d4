import DataLoader from "dataloader";
import type { Views } from "../../projections/views.ts";
import type { Awaitable } from "../ports/awaitable.ts";

/** Keys that go into one call of a store. */
const BATCH = 1_000;

type Loading<K, V> = {
  /** Two keys of one name are the same. */
  name: (key: K) => string;
  many: (keys: readonly K[]) => Awaitable<readonly V[]>;
  /** Where a store may answer at once. */
  one?: (key: K) => Awaitable<V>;
};

/** Reads a row at once, or in its turn where others wait. */
export type Paced = <T>(read: () => Awaitable<T>) => Awaitable<T>;

const atOnce: Paced = (read) => read();

/**
 * Loads rows by key. A store that answers at once is asked for each; what is asked of any other in one turn of the event loop goes into one
 * call. Nothing is remembered between turns, so a loader serves all requests and a subscription never sees old rows. `paced` is what single rows are read by.
 */
export function batched<K, V>({ name, many, one }: Loading<K, V>, paced: Paced = atOnce): (key: K) => Awaitable<V> {
  const loader = new DataLoader<K, V>(
    async (keys) => {
      const distinct = new Map(keys.map((key) => [name(key), key]));
      const values = await many([...distinct.values()]);
      const byName = new Map([...distinct.keys()].map((key, index) => [key, values[index] as V]));
      return keys.map((key) => byName.get(name(key)) as V);
    },
    { cache: false, maxBatchSize: BATCH },
  );
  let answersAtOnce = one !== undefined;
  return (key) => {
    if (!one || !answersAtOnce) return loader.load(key);
    return paced(() => {
      const found = one(key);
      if (found instanceof Promise) {
        answersAtOnce = false;
        // A fault does not tell how the store answers.
        found.catch(() => (answersAtOnce = true));
      }
      return found;
    });
  };
}

type Place = { conversation: string; seq: number };
type Party = { conversation: string; user: string };
type Reading = Party & { joinedSeq: number };

const own = (id: string) => id;
const party = ({ conversation, user }: Party) => `${conversation} ${user}`;

/** The rows that answers are made of. */
export function loadersOf({ directory, relations, timelines, readMarks }: Views, paced?: Paced) {
  const load = <K, V>(loading: Loading<K, V>) => batched(loading, paced);
  const unreadOfMany = async (keys: readonly Reading[]) => {
    const places = new Map<string, number[]>();
    for (const [place, { user }] of keys.entries()) places.set(user, [...(places.get(user) ?? []), place]);
    const found = new Map<number, Awaited<ReturnType<typeof readMarks.unread>>>();
    for (const [user, of] of places) {
      const asked = of
        .map((place) => keys[place] as Reading)
        .map(({ conversation, joinedSeq }) => ({ id: conversation, joinedSeq }));
      for (const [index, unread] of (await readMarks.unreadOfMany(user, asked)).entries()) found.set(of[index] as number, unread);
    }
    return keys.map((_, place) => found.get(place) ?? { readSeq: 0, unreadCount: 0 });
  };
  return {
    user: load({ name: own, many: directory.users, one: directory.user }),
    group: load({ name: own, many: directory.groups, one: directory.group }),
    groupRelations: load({ name: own, many: relations.groups, one: relations.group }),
    head: load({ name: own, many: timelines.heads, one: timelines.head }),
    message: load({
      name: ({ conversation, seq }: Place) => `${conversation} ${seq}`,
      many: timelines.messages,
      one: ({ conversation, seq }) => timelines.message(conversation, seq),
    }),
    /** A member of now. */
    member: load({ name: party, many: relations.members }),
    membership: load({
      name: party,
      many: relations.memberships,
      one: ({ conversation, user }) => relations.membership(user, conversation),
    }),
    sight: load({ name: party, many: relations.sights }),
    unread: load({ name: ({ joinedSeq, ...of }: Reading) => `${party(of)} ${joinedSeq}`, many: unreadOfMany }),
  };
}

export type Loaders = ReturnType<typeof loadersOf>;
