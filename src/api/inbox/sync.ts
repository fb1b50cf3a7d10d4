import { viewsAt } from "../../commands/authorise.ts";
import { isForeign, isTrimmed } from "../../delivery/cursors.ts";
import { inboxPage } from "../../delivery/inboxPages.ts";
import { beyond } from "../../projecting/healed.ts";
import type { Position } from "../../ports/eventStore.ts";
import type { Context } from "../context.ts";
import type { EntryEntity } from "../entities.ts";
import type { SyncPage } from "../generated.ts";
import { entryEntities } from "./entries.ts";

/** About how many bytes of rows it costs to look whether a conversation has something for a page of what overflowed. */
const LOOK_BYTES = 256;

/**
 * What came after a cursor, or that the client must load everything again. Without a cursor: from where the viewer's inbox is
 * whole.
 */
export async function syncPage(
  context: Context,
  after: Position | undefined,
  limit: number,
): Promise<Omit<SyncPage, "entries"> & { entries: EntryEntity[] }> {
  const { services, caller } = context;
  const { healed } = services;
  if (after !== undefined && ((await isForeign(services, after)) || healed.hasPassedBy(after))) return reset(context);
  const version = healed.version();
  const page = await inboxPage(services, caller.userId, after, limit);
  context.request.readRows((page.looked ?? 0) * LOOK_BYTES);
  const entries = await entryEntities(context, page.entries);
  if (after !== undefined && (await isTrimmed(services, caller.userId, after))) return reset(context);
  const { next: cursor, hasMore, skipTo = null } = page;
  // What was read may lack what was healed meanwhile.
  if (healed.version() !== version && healed.hasPassedBy(cursor)) return reset(context);
  return { entries, cursor, hasMore, resetRequired: false, overflow: skipTo !== null, skipTo };
}

/**
 * The new cursor is given only when the views hold what was in the log when the server started. Otherwise all of that would
 * come as news. Nor before they are beyond what was healed: that cursor would be of no use either.
 */
async function reset({ services: { watermark, begun, healed } }: Context) {
  await viewsAt(watermark, begun);
  const end = healed.end();
  if (end !== undefined) await viewsAt(watermark, beyond(end));
  const cursor = watermark.current();
  return { entries: [], cursor, hasMore: false, resetRequired: true, overflow: false, skipTo: null };
}
