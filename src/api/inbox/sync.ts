import { viewsAt } from "../../commands/authorise.ts";
import { isForeign, isTrimmed } from "../../delivery/cursors.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { Context } from "../context.ts";
import type { EntryEntity } from "../entities.ts";
import type { SyncPage } from "../generated.ts";
import { entryEntities } from "./entries.ts";

/** What came after a cursor, or that the client must load everything again. Without a cursor: from the viewer's horizon on. */
export async function syncPage(
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

/**
 * The new cursor is given only when the views hold what was in the log when the server started. Otherwise all of that would
 * come as news.
 */
async function reset({ services: { watermark, begun } }: Context) {
  await viewsAt(watermark, begun);
  return { entries: [], cursor: watermark.current(), hasMore: false, resetRequired: true };
}
