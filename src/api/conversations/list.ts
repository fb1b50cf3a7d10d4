import type { MembershipRow } from "../../../projections/relationRows.ts";
import type { PreferencesRow } from "../../../projections/preferences.ts";
import type { HeadRow } from "../../../projections/timelines.ts";
import { kindOf } from "../../domain/ids.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, conversationEntity } from "../entities.ts";
import { stillHidden } from "../hidden.ts";
import type { ConversationKind } from "../generated.ts";
import { type Connection, connection, type Listed, slice } from "../connections.ts";

type Conversations = Connection<ConversationEntity> & { cursor: Position };

type ListQuery = {
  first: number;
  after: string[] | undefined;
  kind?: ConversationKind | null;
  unreadOnly: boolean;
  includeHidden: boolean;
  pinnedFirst: boolean;
};

/** The number of parts in the keys by which conversations are sorted. */
export const ACTIVITY_PARTS = 4;
export const JOINING_PARTS = 2;

type Stay = { id: string; membership: MembershipRow };

/** In the keys of conversations. The greater one comes first. */
const PINNED = "1";
const NOT_PINNED = "0";

/**
 * The conversations that the viewer is in now, newest activity first. With `pinnedFirst` the pinned ones are on the first page,
 * wherever their last message is. Memberships, heads, preferences and (if asked for) read marks are joined here. Nothing else is
 * read of conversations beyond the page.
 */
export async function byActivity(context: Context, query: ListQuery): Promise<Conversations> {
  const { first, after, kind, unreadOnly, includeHidden, pinnedFirst } = query;
  const { services, caller } = context;
  // Taken before the rows are read: anything that the rows miss comes after this cursor.
  const cursor = services.watermark.current();
  const preferences = await services.views.preferences.allOf(caller.userId);
  let stays = (await services.views.relations.conversationsOf(caller.userId)).filter(({ id }) => isOfKind(id, kind));
  if (unreadOnly) stays = await unreadAmong(context, stays);
  const ids = stays.map(({ id }) => id);
  const heads = await services.views.timelines.heads(ids);
  const created = await createdAmong(
    context,
    ids.filter((_, index) => heads[index] === undefined),
  );
  const hidden = includeHidden ? new Set<string>() : await hiddenAmong(context, stays, heads, preferences);
  const listed: Listed<ConversationEntity>[] = [];
  for (const [index, { id, membership }] of stays.entries()) {
    if (hidden.has(id)) continue;
    const head = heads[index];
    const activity = head?.sentAt ?? created.get(id) ?? membership.joinedAt;
    const half = pinnedFirst && preferences.get(id)?.pinned ? PINNED : NOT_PINNED;
    const key = [half, activity, head?.position ?? membership.joinPosition, id];
    listed.push({ key, make: () => seeded(id, membership, head) });
  }
  return { ...connection(slice(listed.sort(newestFirst), first, after, isBelow)), cursor };
}

/** The groups that the viewer is in now, most recently joined first. */
export async function byJoining(
  { services, caller }: Context,
  first: number,
  after: string[] | undefined,
): Promise<Conversations> {
  const cursor = services.watermark.current();
  const stays = (await services.views.relations.conversationsOf(caller.userId)).filter(({ id }) => kindOf(id) === "GROUP");
  const listed = stays.map(({ id, membership }): Listed<ConversationEntity> => ({
    key: [membership.joinPosition, id],
    make: () => seeded(id, membership, undefined),
  }));
  return { ...connection(slice(listed.sort(newestFirst), first, after, isBelow)), cursor };
}

/** When groups were made, by id. */
async function createdAmong({ loaders }: Context, ids: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
  const groups = await Promise.all(ids.map(async (id) => loaders.group(id)));
  return new Map(ids.map((id, index) => [id, groups[index]?.createdAt]));
}

async function hiddenAmong(
  context: Context,
  stays: readonly Stay[],
  heads: readonly (HeadRow | undefined)[],
  preferences: ReadonlyMap<string, PreferencesRow>,
): Promise<ReadonlySet<string>> {
  const asked = stays.flatMap(({ id, membership }, index) => {
    const hiddenAt = preferences.get(id)?.hiddenAt ?? null;
    return hiddenAt === null ? [] : [{ id, hiddenAt, membership, head: heads[index] }];
  });
  return stillHidden(context, asked);
}

/** The number of unread messages over the viewer's conversations: over those that are not muted, or over all. */
export async function unreadTotal({ services, caller }: Context, includeMuted: boolean): Promise<number> {
  const { relations, preferences, readMarks } = services.views;
  const stays = await relations.conversationsOf(caller.userId);
  const wanted = includeMuted ? undefined : await preferences.allOf(caller.userId);
  const counted = stays.filter(({ id }) => wanted?.get(id)?.muted !== true);
  const unread = await readMarks.unreadOfMany(caller.userId, joined(counted));
  return unread.reduce((total, { unreadCount }) => total + unreadCount, 0);
}

async function unreadAmong({ services, caller }: Context, stays: readonly Stay[]): Promise<Stay[]> {
  const unread = await services.views.readMarks.unreadOfMany(caller.userId, joined(stays));
  return stays.filter((_, index) => (unread[index]?.unreadCount ?? 0) > 0);
}

const joined = (stays: readonly Stay[]) => stays.map(({ id, membership: { joinedSeq } }) => ({ id, joinedSeq }));

function isOfKind(id: string, kind: ConversationKind | null | undefined): boolean {
  return kind == null || kindOf(id) === kind;
}

function seeded(id: string, membership: MembershipRow, head: HeadRow | undefined): ConversationEntity {
  return { ...conversationEntity(id), membership, ...(head ? { head } : {}) };
}

/**
 * The order of both lists: keys are compared part by part, and greater ones come first. By index: an iterator for each of
 * thousands of comparisons was an eighth of all that a list allocated.
 */
function isBelow(one: readonly string[], other: readonly string[]): boolean {
  for (let index = 0; index < one.length; index++) {
    const [part, of] = [one[index] ?? "", other[index] ?? ""];
    if (part !== of) return part < of;
  }
  return false;
}

const newestFirst = ({ key: one }: Listed<unknown>, { key: other }: Listed<unknown>): number => (isBelow(one, other) ? 1 : -1);
