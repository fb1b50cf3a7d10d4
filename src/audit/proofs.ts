import type { InclusionProof, Unproven } from "../ports/auditor.ts";
import { TILE, type TreeStore } from "../ports/auditTree.ts";
import { type EventStore, isOfLog, type Position } from "../ports/eventStore.ts";
import type { StoredEvent, StoredEvents } from "../ports/storedEvents.ts";
import { leafOf } from "./leaf.ts";
import { consistencyRanges, type Hash, hashesOf, inclusionRanges, rootOf } from "./merkle.ts";
import { nodesIn } from "./tree.ts";

const text = (hash: Hash): string => hash.toString("base64");

/** The root over the first `size` leaves of a tree that has them. */
export const rootIn = async (store: TreeStore, size: number): Promise<Hash> => rootOf(size, nodesIn(store));

/** An event of the log, and which leaf of the tree is its. Undefined if there is no event at that position, or no leaf yet. */
export async function placeIn(
  log: Pick<EventStore, "id"> & StoredEvents,
  store: TreeStore,
  position: Position,
): Promise<{ index: number; event: StoredEvent } | undefined> {
  if (!isOfLog(position, log.id)) return undefined;
  const mark = await store.markBefore(position);
  if (mark === undefined) return undefined;
  const { events } = await log.readStored(mark.after, TILE, false);
  const at = events.findIndex((event) => event.position === position);
  const event = events[at];
  return event && { index: mark.index + at, event };
}

/** Proves that an event is in the tree of the first `treeSize` leaves. */
export async function proveInclusion(
  log: Pick<EventStore, "id"> & StoredEvents,
  store: TreeStore,
  position: Position,
  treeSize: number,
): Promise<InclusionProof | Unproven> {
  const size = (await store.extent())?.size ?? 0;
  if (treeSize > size) return { fault: "beyond", size };
  const found = await placeIn(log, store, position);
  if (found === undefined) return { fault: "absent", size };
  const { index, event } = found;
  if (index >= treeSize) return { fault: "later", size };
  const path = await hashesOf(inclusionRanges(index, treeSize), nodesIn(store));
  return { index, treeSize, leaf: text(leafOf(event)), path: path.map(text) };
}

/** Proves that the tree of the first `from` leaves is the beginning of that of `to` leaves. `from` <= `to`. */
export async function proveConsistency(store: TreeStore, from: number, to: number): Promise<string[] | Unproven> {
  const size = (await store.extent())?.size ?? 0;
  if (to > size) return { fault: "beyond", size };
  if (from === 0) return [];
  return (await hashesOf(consistencyRanges(from, to), nodesIn(store))).map(text);
}
