import type { MembershipRow } from "../../../projections/relations.ts";
import type { HeadRow } from "../../../projections/timelines.ts";
import { kindOf } from "../../domain/ids.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { Context } from "../context.ts";
import { type ConversationEntity, conversationEntity } from "../entities.ts";
import type { ConversationKind } from "../generated.ts";
import { type Connection, connection, type Listed, slice } from "../connections.ts";

type Conversations = Connection<ConversationEntity> & { cursor: Position };

type ListQuery = { first: number; after: string[] | undefined; kind?: ConversationKind | null; unreadOnly: boolean };

/** The number of parts in the keys by which conversations are sorted. */
export const ACTIVITY_PARTS = 3;
export const JOINING_PARTS = 2;

type Stay = { id: string; membership: MembershipRow };

/**
 * The conversations that the viewer is in now, newest activity first. Memberships, heads and (if asked for) read marks are
 * joined here. Nothing else is read of conversations beyond the page.
 */
export async function byActivity(context: Context, { first, after, kind, unreadOnly }: ListQuery): Promise<Conversations> {
  const { services, caller, loaders } = context;
  // Taken before the rows are read: anything that the rows miss comes after this cursor.
  const cursor = services.watermark.current();
  let stays = (await services.views.relations.conversationsOf(caller.userId)).filter(({ id }) => isOfKind(id, kind));
  if (unreadOnly) stays = await unreadAmong(context, stays);
  const ids = stays.map(({ id }) => id);
  const heads = await services.views.timelines.heads(ids);
  const created = await Promise.all(
    ids.map(async (id, index) => (heads[index] ? undefined : (await loaders.group(id))?.createdAt)),
  );
  const listed = stays.map(({ id, membership }, index): Listed<ConversationEntity> => {
    const head = heads[index];
    const activity = head?.sentAt ?? created[index] ?? membership.joinedAt;
    return { key: [activity, head?.position ?? membership.joinPosition, id], make: () => seeded(id, membership, head) };
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

/** The number of unread messages over all the viewer's conversations. */
export async function unreadTotal({ services, caller }: Context): Promise<number> {
  const unread = await services.views.readMarks.unreadOfMany(
    caller.userId,
    joined(await services.views.relations.conversationsOf(caller.userId)),
  );
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
