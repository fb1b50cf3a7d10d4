import { type Stay } from "../src/domain/visibility.ts";
import type { Reader } from "../src/projecting/projection.ts";
import type { Change, Entry, Placed } from "./inboxEntries.ts";
import type { stayReads } from "./stays.ts";

/*
 * What an inbox had once and keeps no more, because it holds only so many entries. What happened in a conversation is still in
 * its changes, so the user's entries are made of those again, as they were: the changes that were told to members, of all
 * conversations that the user had a stay in, and only those in their stays.
 */

/** Every conversation that a user had a stay in, with the newest stay. */
export type StayIn = { conversation: string; stay: Stay };

/** Conversations that are read at the same time. */
const AT_ONCE = 32;

/** The exclusive bound just below a position: at most a few positions lie between the two. */
const justBelow = (position: string): string => position.slice(0, -1);

type Bounds = { after: string; upTo: string };
type Candidate = Bounds & StayIn & { first: string };

export const overflowReads = (reader: Reader, stays: ReturnType<typeof stayReads>) => {
  const changesIn = (conversation: string, { after, upTo }: Bounds, limit: number) =>
    reader.range<Change>("changes", conversation, { after, before: `${upTo}~`, limit });

  /** Where the changes can be that the user was told of; undefined: nowhere. Earlier stays may lie anywhere before the newest. */
  const within = ({ from, to, earlier }: Stay, { after, upTo }: Bounds): Bounds | undefined => {
    const begin = earlier === undefined && from > after ? justBelow(from) : after;
    const end = to !== undefined && to < upTo ? to : upTo;
    return begin < end ? { after: begin > after ? begin : after, upTo: end } : undefined;
  };

  /** The conversations in which anything happened, by where the first of it is: one row is read of each. */
  const candidates = async (all: readonly StayIn[], bounds: Bounds): Promise<Candidate[]> => {
    const found: Candidate[] = [];
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const some = all.slice(from, from + AT_ONCE).flatMap((one) => {
        const own = within(one.stay, bounds);
        return own ? [{ ...one, ...own }] : [];
      });
      const firsts = await Promise.all(some.map(async (one) => (await changesIn(one.conversation, one, 1))[0]?.sort));
      for (const [index, one] of some.entries()) {
        const first = firsts[index];
        if (first !== undefined) found.push({ ...one, first });
      }
    }
    return found.sort((one, other) => (one.first < other.first ? -1 : 1));
  };

  /** At most `limit` of what the user was told of a conversation. */
  const toldOf = async (one: Candidate, upTo: string, limit: number): Promise<Placed<Entry>[]> => {
    const found: Placed<Entry>[] = [];
    const end = upTo < one.upTo ? upTo : one.upTo;
    for (let after = one.after; ;) {
      const page = await changesIn(one.conversation, { after, upTo: end }, limit);
      const last = page[page.length - 1]?.sort;
      if (last === undefined) return found;
      const wasMember = await stays.memberBetween(one.stay, page[0]?.sort ?? "", last);
      for (const { sort, value } of page) {
        const isTold = wasMember(sort) && (value.kind !== "changed" || value.open || (await stays.isHeld(one.stay, value.seq)));
        if (isTold && found.length < limit) found.push({ position: sort, entry: value });
      }
      if (found.length >= limit || page.length < limit) return found;
      after = last;
    }
  };

  return {
    /**
     * The first `limit` changes that a user was told of after a position and up to another, from all their conversations. Only
     * conversations in which something happened early enough are read.
     */
    told: async (all: readonly StayIn[], after: string, upTo: string, limit: number): Promise<Placed<Entry>[]> => {
      const waiting = await candidates(all, { after, upTo });
      let found: Placed<Entry>[] = [];
      let end = upTo;
      for (let from = 0; from < waiting.length; from += AT_ONCE) {
        const some = waiting.slice(from, from + AT_ONCE).filter(({ first }) => first <= end);
        if (some.length === 0) break;
        const told = await Promise.all(some.map((one) => toldOf(one, end, limit)));
        found = [...found, ...told.flat()].sort((one, other) => (one.position < other.position ? -1 : 1)).slice(0, limit);
        // What comes later is not on this page.
        if (found.length === limit) end = found[limit - 1]?.position ?? end;
      }
      return found;
    },
  };
};
