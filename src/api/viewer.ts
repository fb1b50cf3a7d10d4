import { viewsAt } from "../commands/authorise.ts";
import type { SyncPage, ViewerResolvers } from "./generated.ts";
import type { Context } from "./context.ts";
import { type EntryEntity, userEntity } from "./entities.ts";
import type { Position } from "../ports/eventStore.ts";
import { edgeKey, pageSize, position, syncLimit, viewsAtLeast } from "./arguments.ts";
import { ACTIVITY_PARTS, byActivity, byJoining, JOINING_PARTS, unreadTotal } from "./conversationList.ts";
import { entryEntities } from "./entries.ts";
import { isForeign, isTrimmed } from "../delivery/cursors.ts";

const USUAL_PAGE = 50;

export const Viewer: ViewerResolvers = {
  user: ({ userId }) => userEntity(userId),

  conversations: async (_, { first, after, kind, unreadOnly, atLeast }, context) => {
    const query = { first: pageSize(first, USUAL_PAGE), after: edgeKey(after, ACTIVITY_PARTS), unreadOnly: unreadOnly ?? false };
    await viewsAtLeast(context, atLeast);
    return byActivity(context, { ...query, ...(kind == null ? {} : { kind }) });
  },

  // Nothing can be muted yet: both count the same.
  unreadTotal: (_viewer, _, context) => unreadTotal(context),

  sync: async (_, { after, limit, atLeast }, context) => {
    const from = position(after, "after");
    const most = syncLimit(limit);
    await viewsAtLeast(context, atLeast);
    return sync(context, from, most);
  },

  groups: (_, { first, after }, context) => byJoining(context, pageSize(first, USUAL_PAGE), edgeKey(after, JOINING_PARTS)),
};

async function sync(
  context: Context,
  after: Position | undefined,
  limit: number,
): Promise<Omit<SyncPage, "entries"> & { entries: EntryEntity[] }> {
  const { services, caller } = context;
  if (after !== undefined && (await isForeign(services, after))) return reset(context);
  const from = after ?? (await services.horizonOf(caller.userId));
  const page = await services.views.inboxes.entries(caller.userId, from, services.watermark.current(), limit);
  const entries = await entryEntities(context, page.entries);
  if (after !== undefined && (await isTrimmed(services, caller.userId, after))) return reset(context);
  return { entries, cursor: page.next, hasMore: page.hasMore, resetRequired: false };
}

/** Where to go on from is told once the views hold what there was when the server started: before that, all of it would come as news. */
async function reset({ services: { watermark, begun } }: Context) {
  await viewsAt(watermark, begun);
  return { entries: [], cursor: watermark.current(), hasMore: false, resetRequired: true };
}
