import { type Event, evolve, type Group } from "../src/domain/groupState.ts";
import { emptyTrie, type Trie, trieGet, trieSet } from "../src/domain/trie.ts";
import { del, put, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import { noted, type Of, type StateRow, trieOf } from "./folded.ts";

/*
 * A group's state may be long, and each of its events changes little of it. So it is split: a row for each entry of each of these
 * maps, by stream and key, and one for what the group says of itself. An event reads and writes only the rows that it names.
 */

/** The maps in a group's state. */
export const GROUP_PARTS = ["members", "silenced", "requests", "invites"] as const;
type Part = (typeof GROUP_PARTS)[number];
type Parts = Pick<Group, Part>;

/** What an event names: the keys of each map. */
type Named = { readonly [P in Part]?: readonly string[] };

type OwnRows = Rows<"states" | "profiles" | Part>;

/** The handler for a group. `named`: the entries that the event may read or change. */
export const grouped =
  <T extends Event["type"]>(named: (event: Of<T>) => Named) =>
  async (event: Of<T>, rows: OwnRows): Promise<TableWrite[]> => {
    const { stream } = event;
    const row = await rows.get<StateRow>("states", stream, "");
    const profile = event.type === "GroupProfileChanged" ? await rows.get<Group["profile"]>("profiles", stream, "") : undefined;
    const keys = GROUP_PARTS.map((part) => ({ part, keys: [...new Set(named(event)[part])] }));
    const parts: Record<string, Trie<unknown>> = {};
    for (const { part, keys: own } of keys) {
      let trie: Trie<unknown> = emptyTrie;
      for (const key of own) {
        const value = await rows.get<object>(part, stream, key);
        if (value !== undefined) trie = trieSet(trie, key, value);
      }
      parts[part] = trie;
    }
    const before = row?.state === undefined ? undefined : ({ ...row.state, ...parts, profile } as Group);
    const after = evolve(before, event as unknown as Event);
    const writes = noted(event, after && restOf(after));
    if (after && after.profile !== profile) writes.push(put("profiles", stream, "", after.profile));
    for (const { part, keys: own } of keys)
      for (const key of own) {
        const value = after && trieGet<unknown>(after[part], key);
        if (value === (before && trieGet<unknown>(before[part], key))) continue;
        writes.push(value === undefined ? del(part, stream, key) : put(part, stream, key, value));
      }
    return writes;
  };

/** What is neither in the maps nor in the profile. */
function restOf({ groupId, waiting, dissolvedBy }: Group): Omit<Group, Part | "profile"> {
  return { groupId, waiting, ...(dissolvedBy !== undefined && { dissolvedBy }) };
}

type OfUser = { data: { userId: string } };
type OfInvite = { data: { inviteId: string } };

export const ofMember = ({ data }: OfUser): Named => ({ members: [data.userId] });
export const ofSilenced = ({ data }: OfUser): Named => ({ silenced: [data.userId] });
export const ofRequest = ({ data }: OfUser): Named => ({ requests: [data.userId] });
export const ofInvite = ({ data }: OfInvite): Named => ({ invites: [data.inviteId] });

/** The parts of a group's state that have rows of their own. */
export async function groupPartsOf(reader: Reader, stream: string): Promise<Parts & Pick<Group, "profile">> {
  const profile = (await reader.get<Group["profile"]>("profiles", stream, "")) as Group["profile"];
  const parts: Partial<Record<Part, Trie<never>>> = {};
  for (const part of GROUP_PARTS) parts[part] = await trieOf(reader, part, stream);
  // The rows of a dissolved group's members stay, because they may be thousands.
  const state = (await reader.get<StateRow>("states", stream, ""))?.state as Pick<Group, "dissolvedBy"> | undefined;
  return { ...(parts as Parts), ...(state?.dissolvedBy !== undefined && { members: emptyTrie }), profile };
}
