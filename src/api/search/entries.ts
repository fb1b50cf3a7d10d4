import { normalise } from "../../domain/folding.ts";
import { isGroup } from "../../domain/ids.ts";
import { mayOpen, seesLive } from "../../domain/visibility.ts";
import { holds } from "../../domain/words.ts";
import type { EntryPlace, EntryQuery } from "../../ports/searchIndex.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, conversationEntity, groupOf, sightOf, type UserEntity, userEntity } from "../entities.ts";
import { entryKey, type EntrySearch, rounded } from "./entryInputs.ts";
import { type Connection, edged } from "../connections.ts";
import { foundPage } from "./hits.ts";

type UserHit = { user: UserEntity; score: number | null; distance: number | null };
type ConversationHit = { conversation: ConversationEntity; score: number | null };

/** A page of the people that a search finds. */
export async function foundUsers(context: Context, search: EntrySearch): Promise<Connection<UserHit>> {
  const shown = (place: EntryPlace) => userHit(context, search, place);
  const query = { ...search.query, entry: "USER" } as const;
  if (!search.friendsOnly) return foundEntries(context, search, query, shown);
  const { views, friendCap } = context.services;
  const friends = await views.friends.friendsOf(context.caller.userId, friendCap);
  const onlyIds = friends.map(({ user }) => user);
  return onlyIds.length === 0
    ? edged([], false, search.after !== undefined)
    : foundEntries(context, search, { ...query, onlyIds }, shown);
}

async function userHit(
  context: Context,
  { query, friendsOnly }: EntrySearch,
  { id, score, distance }: EntryPlace,
): Promise<UserHit | null> {
  const profile = await context.loaders.user(id);
  // A friend is listed as long as they are one.
  if (!profile || (profile.deactivated && !friendsOnly) || !isMeant(query, id, { ...profile, category: null })) return null;
  return {
    user: { ...userEntity(id), profile },
    score: score ?? null,
    distance: distance === undefined ? null : rounded(distance),
  };
}

/** A page of the groups that a search finds and the viewer may open. */
export async function foundConversations(context: Context, search: EntrySearch): Promise<Connection<ConversationHit>> {
  const visibleIds = await findableGroups(context);
  const shown = (place: EntryPlace) => conversationHit(context, search.query, place);
  return foundEntries(context, search, { ...search.query, entry: "GROUP", visibleIds }, shown);
}

/**
 * The groups that the viewer is or was in and may find. The index knows groups as they are now. So one that is found otherwise
 * since the viewer left it is not asked for: even a hit that is not shown would tell that it is there, and its score what it is.
 */
async function findableGroups({ services: { views }, caller }: Context): Promise<string[]> {
  const known = (await views.relations.sightsOf(caller.userId)).filter(({ id }) => isGroup(id));
  const former = known.filter(({ sight }) => !seesLive(sight));
  const described = await views.directory.describedAt(former.map(({ id }) => id));
  const changed = new Set(
    former.filter(({ sight }, index) => (described[index] ?? "") > (sight.stay?.to ?? "")).map(({ id }) => id),
  );
  return known.flatMap(({ id }) => (changed.has(id) ? [] : [id]));
}

async function conversationHit(
  context: Context,
  query: EntrySearch["query"],
  { id, score }: EntryPlace,
): Promise<ConversationHit | null> {
  const conversation = conversationEntity(id);
  const [sight, group] = await Promise.all([sightOf(context, conversation), groupOf(context, conversation)]);
  if (!group || !mayOpen(sight) || !isMeant(query, id, { ...group, name: group.title, handle: null })) return null;
  return { conversation: { ...conversation, group }, score: score ?? null };
}

async function foundEntries<Hit>(
  context: Context,
  { order, first, after }: EntrySearch,
  query: Omit<EntryQuery, "after" | "limit">,
  shown: (place: EntryPlace) => Promise<Hit | null>,
): Promise<Connection<Hit>> {
  const { entries } = context.services.search;
  const ask = (from: EntryPlace | undefined, limit: number) =>
    entries({ ...query, ...(from && { after: from }), limit }, context.caller.userId);
  return foundPage(
    context,
    {
      ask,
      shown: (places) => Promise.all(places.map(shown)),
      key: (place) => entryKey(place, order),
    },
    first,
    after && order === "distance" ? await placeOf(after, ask) : after,
  );
}

/** The number of entries that are read at a time to find a cursor's place again. */
const SCAN = 1_000;

/**
 * Finds the place of a cursor again. A cursor holds only what clients may know, which is a rounded distance. So the entry is
 * searched among all entries with the same rounded distance. If it is no longer there, the page begins with all of these: an
 * entry may come twice, but none is left out.
 */
async function placeOf(
  { id, distance = 0 }: EntryPlace,
  ask: (from: EntryPlace, limit: number) => Promise<{ hits: readonly EntryPlace[]; hasMore: boolean }>,
): Promise<EntryPlace> {
  const nearest: EntryPlace = { id: "", distance: distance - 50 };
  for (let from = nearest; ;) {
    const { hits, hasMore } = await ask(from, SCAN);
    const found = hits.find((hit) => hit.id === id && rounded(hit.distance ?? 0) === distance);
    if (found) return found;
    const last = hits[hits.length - 1];
    if (!hasMore || last === undefined || rounded(last.distance ?? 0) > distance) return nearest;
    from = last;
  }
}

type Described = { name: string; handle: string | null; tags: readonly { name: string }[]; category: string | null };

/**
 * Whether a user or group still matches the query, by its current description. Places are not checked: only the index has
 * them.
 */
function isMeant({ name, tags = [], category }: EntrySearch["query"], id: string, of: Described): boolean {
  const isNamed =
    !name || name.ids.includes(id) || (of.handle !== null && of.handle === name.handle) || holds(of.name, name.units);
  const has = new Set(of.tags.map((tag) => normalise(tag.name)));
  return (
    isNamed &&
    tags.every((tag) => has.has(normalise(tag))) &&
    (category === undefined || (of.category !== null && normalise(of.category) === normalise(category)))
  );
}
