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
  const { services, caller, loaders } = context;
  // Taken before the rows are read: anything that the rows miss comes after this cursor.
  const cursor = services.watermark.current();
  const preferences = await services.views.preferences.allOf(caller.userId);
  let stays = (await services.views.relations.conversationsOf(caller.userId)).filter(({ id }) => isOfKind(id, kind));
  if (unreadOnly) stays = await unreadAmong(context, stays);
  const ids = stays.map(({ id }) => id);
  const heads = await services.views.timelines.heads(ids);
  const created = await Promise.all(
    ids.map(async (id, index) => (heads[index] ? undefined : (await loaders.group(id))?.createdAt)),
  );
  const hidden = includeHidden ? new Set<string>() : await hiddenAmong(context, stays, heads, preferences);
  const listed = stays.flatMap(({ id, membership }, index): Listed<ConversationEntity>[] => {
    if (hidden.has(id)) return [];
    const head = heads[index];
    const activity = head?.sentAt ?? created[index] ?? membership.joinedAt;
    const half = pinnedFirst && preferences.get(id)?.pinned ? PINNED : NOT_PINNED;
    const key = [half, activity, head?.position ?? membership.joinPosition, id];
    return [{ key, make: () => seeded(id, membership, head) }];
  });
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

/** The order of both lists: keys are compared part by part, and greater ones come first. */
function isBelow(one: readonly string[], other: readonly string[]): boolean {
  for (const [index, part] of one.entries()) {
    const of = other[index] ?? "";
    if (part !== of) return part < of;
  }
  return false;
}

const newestFirst = ({ key: one }: Listed<unknown>, { key: other }: Listed<unknown>): number => (isBelow(one, other) ? 1 : -1);
