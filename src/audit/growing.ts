import type { EventStore, Position } from "../ports/eventStore.ts";
import type { Awaitable } from "../ports/awaitable.ts";
import { TILE, type TreeExtent, type TreeMark, type TreeStore } from "../ports/auditTree.ts";
import type { StoredEvents } from "../ports/storedEvents.ts";
import { leafOf } from "./leaf.ts";
import { tilesWith } from "./tree.ts";

/** Events that become leaves in one commit of the tree. */
const PAGE = 2_048;

export type Grown = { extent: TreeExtent; isTail: boolean };

/**
 * Lets a tree take in what the log has beyond it, page by page, for as long as `goOn` says so. Resolves with how far it is, and
 * whether that was the log's end. Several processes may do so at once: a page is taken in once. Rejects with `Unavailable`, and
 * with `Damaged` where an event is not what was stored: what is wrong is never sealed.
 */
export async function grow(
  log: Pick<EventStore, "origin"> & StoredEvents,
  store: TreeStore,
  goOn: () => Awaitable<boolean>,
): Promise<Grown> {
  for (;;) {
    const from = await store.extent();
    const extent = from ?? { size: 0, position: log.origin };
    if (!(await goOn())) return { extent, isTail: false };
    const page = await log.readStored(extent.position, PAGE, true);
    if (page.events.length === 0 && page.next === extent.position) return { extent, isTail: true };
    const to = { size: extent.size + page.events.length, position: page.next };
    const tiles = await tilesWith(extent.size, page.events.map(leafOf), store.tile);
    // If another process was faster, its page is gone on from.
    if (!(await store.grow(from, to, tiles, marksIn(extent, page.events)))) continue;
    if (page.isTail) return { extent: to, isTail: true };
  }
}

/** Where the tiles of leaves begin that a page begins. */
function marksIn({ size, position }: TreeExtent, events: readonly { position: Position }[]): TreeMark[] {
  const marks: TreeMark[] = [];
  for (let index = Math.ceil(size / TILE) * TILE; index < size + events.length; index += TILE) {
    const before = events[index - size - 1];
    marks.push({ index, after: before?.position ?? position });
  }
  return marks;
}
