import type { Entry, EntryPage, WideList } from "../../projections/inboxEntries.ts";
import type { Views } from "../../projections/views.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Cursors } from "./cursors.ts";

export type InboxServices = Pick<Cursors, "watermark" | "wholeFrom"> & { views: Pick<Views, "inboxes" | "relations"> };

/**
 * A page of a user's inbox. `skipTo`: the page is of what the inbox keeps no more, and this is where it is whole again. Such a
 * page is made of the changes of all the user's conversations, and costs more to read.
 */
export type InboxPage = EntryPage<Entry> & { skipTo?: Position; /** How many conversations were looked at. */ looked?: number };

/**
 * What happened to a user after a position, wherever that is kept, up to the watermark: at most `limit` entries, oldest first.
 * Without a position: from where the inbox is whole. `wide`: the user's wide conversations, if they are known, read after the
 * watermark was at `wide.at`.
 */
export async function inboxPage(
  { watermark, wholeFrom, views: { inboxes, relations } }: InboxServices,
  user: string,
  after: Position | undefined,
  limit: number,
  wide?: WideList,
): Promise<InboxPage> {
  for (;;) {
    const whole = await wholeFrom(user);
    const end = wide?.at ?? watermark.current();
    const from = after ?? whole;
    if (from < whole) {
      const upTo = whole < end ? whole : end;
      const stays = await relations.staysOf(user);
      const page = await inboxes.overflow(user, from, upTo, limit, stays);
      return { ...page, hasMore: page.hasMore || whole < end, skipTo: whole, looked: stays.length };
    }
    const page = await inboxes.entries(user, from, end, limit, wide?.conversations);
    // Some of it may have been deleted while it was read: the place moves before that.
    if (from >= (await wholeFrom(user))) return page;
  }
}
