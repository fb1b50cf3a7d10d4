import DataLoader from "dataloader";
import type { MemberRow, MembershipRow } from "../../projections/relationRows.ts";
import type { Unread } from "../../projections/readMarks.ts";
import type { Views } from "../../projections/views.ts";
import type { Sight } from "../domain/visibility.ts";
import type { Awaitable } from "../ports/awaitable.ts";

/** The most keys in one call of a store. */
const BATCH = 1_000;

/** After an answer that was waited for, so many keys are loaded together: a store that answers at once may not always do so. */
const TOGETHER = 1_000;

type Loading<K, V> = {
  /** Keys with the same name are the same. */
  name: (key: K) => string;
  /** An error in the place of a value rejects that one key alone. */
  many: (keys: readonly K[]) => Awaitable<readonly (V | Error)[]>;
  /** For a store that may answer at once. */
  one?: (key: K) => Awaitable<V>;
};

/** Reads a row at once, or later if others wait. */
export type Paced = <T>(read: () => Awaitable<T>) => Awaitable<T>;

const atOnce: Paced = (read) => read();

/**
 * Loads rows by key. A store that answers at once is called for each key. For any other store, all keys of one turn of the
 * event loop go into one call. Nothing is kept between turns. So one loader serves all requests, and a subscription never
 * sees old rows. `paced` reads the single rows.
 */
export function batched<K, V>({ name, many, one }: Loading<K, V>, paced: Paced = atOnce): (key: K) => Awaitable<V> {
  const loader = new DataLoader<K, V>(
    async (keys) => {
      const distinct = new Map(keys.map((key) => [name(key), key]));
      const values = await many([...distinct.values()]);
      const byName = new Map([...distinct.keys()].map((key, index) => [key, values[index] as V | Error]));
      return keys.map((key) => byName.get(name(key)) as V | Error);
    },
    { cache: false, maxBatchSize: BATCH },
  );
  /** How many more are loaded together before it is tried again whether the store answers at once. */
  let together = 0;
  return (key) => {
    if (!one || together > 0) {
      together--;
      return loader.load(key);
    }
    return paced(() => {
      const found = one(key);
      if (found instanceof Promise) {
        together = TOGETHER;
        // A failed call does not show how the store answers.
        found.catch(() => (together = 0));
      }
      return found;
    });
  };
}

type Place = { conversation: string; seq: number };
type Party = { conversation: string; user: string };
type Pair = { one: string; other: string };
type Reading = Party & { joinedSeq: number };

const placed = ({ conversation, seq }: Place) => `${conversation} ${seq}`;
const own = (id: string) => id;
const party = ({ conversation, user }: Party) => `${conversation} ${user}`;

/** The loaders for the rows of answers. */
export function loadersOf(
  { directory, relations, timelines, readMarks, preferences, friends, annotations, threads, circles }: Views,
  paced?: Paced,
) {
  const load = <K, V>(loading: Loading<K, V>) => batched(loading, paced);
  const unreadOfMany = async (keys: readonly Reading[]) => {
    const found: Unread[] = keys.map(() => ({ readSeq: 0, unreadCount: 0 }));
    const byUser = new Map<string, number[]>();
    for (const [place, { user }] of keys.entries()) {
      const places = byUser.get(user);
      if (places) places.push(place);
      else byUser.set(user, [place]);
    }
    for (const [user, places] of byUser) {
      const asked = places.map((place) => {
        const { conversation: id, joinedSeq } = keys[place] as Reading;
        return { id, joinedSeq };
      });
      for (const [index, unread] of (await readMarks.unreadOfMany(user, asked)).entries())
        found[places[index] as number] = unread;
    }
    return found;
  };
  return {
    user: load({ name: own, many: directory.users, one: directory.user }),
    group: load({ name: own, many: directory.groups, one: directory.group }),
    groupRelations: load({ name: own, many: relations.groups, one: relations.group }),
    head: load({ name: own, many: timelines.heads, one: timelines.head }),
    message: load({
      name: placed,
      many: timelines.messages,
      one: ({ conversation, seq }) => timelines.message(conversation, seq),
    }),
    reactions: load({ name: placed, many: annotations.reactionsOfMany, one: annotations.reactions }),
    reactionsBy: load({
      name: ({ user, ...place }: Place & { user: string }) => `${placed(place)} ${user}`,
      many: annotations.reactionsBy,
    }),
    thread: load({ name: placed, many: threads.threadsOf, one: threads.thread }),
    /** Current members only. */
    member: load<Party, MemberRow | undefined>({ name: party, many: relations.toldMembers }),
    membership: load<Party, MembershipRow | undefined>({
      name: party,
      many: relations.toldMemberships,
      one: ({ conversation, user }) => relations.membership(user, conversation),
    }),
    preferences: load({
      name: party,
      many: preferences.ofMany,
      one: ({ conversation, user }) => preferences.of(user, conversation),
    }),
    /** To be shown: no right rests on it. */
    friendship: load({
      name: ({ one, other }: Pair) => `${one} ${other}`,
      many: friends.lastKnownOf,
      one: ({ one, other }) => friends.lastKnown(one, other),
    }),
    sight: load<Party, Sight | undefined>({
      name: party,
      many: relations.toldSights,
      one: ({ conversation, user }) => relations.sight(conversation, user),
    }),
    circle: load({ name: own, many: circles.circles }),
    /** How far someone has read. */
    mark: load({ name: party, many: readMarks.marks }),
    unread: load({
      name: ({ joinedSeq, ...of }: Reading) => `${party(of)} ${joinedSeq}`,
      many: unreadOfMany,
      one: ({ conversation, user, joinedSeq }) => readMarks.unread(user, conversation, joinedSeq),
    }),
  };
}

export type Loaders = ReturnType<typeof loadersOf>;
