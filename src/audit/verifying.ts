import { TILE, type TreeHead, type TreeStore } from "../ports/auditTree.ts";
import type { EventStore, Position } from "../ports/eventStore.ts";
import type { StoredEvent, StoredEvents } from "../ports/storedEvents.ts";
import { hashIn, isSigned } from "./heads.ts";
import { leafOf } from "./leaf.ts";
import { EMPTY_ROOT, type Hash, HASH_BYTES, innerHash, joined } from "./merkle.ts";

/** Events that are read at a time, and heads. */
const PAGE = 1_024;

/** The roots over a list of hashes that grows, of which only the largest whole subtrees are held. */
export function frontier(): { size(): number; add(leaf: Hash): void; root(): Hash } {
  const whole: { level: number; hash: Hash }[] = [];
  let size = 0;
  return {
    size: () => size,
    add(leaf) {
      let node = { level: 0, hash: leaf };
      for (let last = whole[whole.length - 1]; last?.level === node.level; last = whole[whole.length - 1]) {
        whole.pop();
        node = { level: node.level + 1, hash: innerHash(last.hash, node.hash) };
      }
      whole.push(node);
      size++;
    },
    root: () => (whole.length === 0 ? EMPTY_ROOT : joined(whole.map(({ hash }) => hash))),
  };
}

/** What is told of a log that is compared with its tree and with heads. */
export type VerifyingTerms = {
  /** A sentence that says what is not as it was. */
  fault(what: string): void;
  /** How far it is. */
  at(position: Position): void;
};

export type Verified = { events: number; heads: number; faults: number };

/**
 * Reads every event of a log and compares all of them with the leaves of its tree, if there is one, and with each head: those
 * that the tree keeps, and those in `given`, from wherever they were kept. `key`: who must have signed them. Anything that was
 * changed, taken out, put in or moved since a head was signed is a fault. Rejects with `Unavailable`.
 */
export async function verifyTree(
  log: Pick<EventStore, "origin"> & StoredEvents,
  store: TreeStore | undefined,
  given: readonly TreeHead[],
  key: string | undefined,
  { fault, at }: VerifyingTerms,
): Promise<Verified> {
  let faults = 0;
  const found = (what: string): void => {
    faults++;
    fault(what);
  };
  const tree = frontier();
  const heads = headsBySize(store, given);
  let compared = 0;
  const checkHeads = async (): Promise<void> => {
    for (const head of await heads.upTo(tree.size())) {
      compared++;
      const what = headFault(head, key, tree.size() === head.size ? tree.root() : undefined);
      if (what !== undefined) found(what);
    }
  };

  const differing = differences(store, found);
  let last = log.origin;
  for (let after = log.origin; ;) {
    await checkHeads();
    const page = await log.readStored(after, PAGE, false);
    for (const event of page.events) {
      // Leaves say nothing of positions, but those who read on from one rely on their order.
      if (event.position <= last) found(`${event.position}: the event there stands behind ${last}`);
      last = event.position;
      const leaf = leafOf(event);
      await differing.compare(tree.size(), leaf, event);
      tree.add(leaf);
      if (heads.isNext(tree.size())) await checkHeads();
    }
    at(page.next);
    after = page.next;
    if (page.isTail) break;
  }
  await differing.end(tree.size());
  for (const head of await heads.upTo(Infinity)) {
    compared++;
    found(headFault(head, key, undefined) as string);
  }
  return { events: tree.size(), heads: compared, faults };
}

function headFault(head: TreeHead, key: string | undefined, root: Hash | undefined): string | undefined {
  const name = `the head of ${head.size} events signed at ${head.signedAt}`;
  if (!isSigned(head)) return `${name}: its signature is wrong`;
  if (key !== undefined && head.key !== key) return `${name}: another key signed it: ${head.key}`;
  if (root === undefined) return `${name}: the log has fewer events`;
  return hashIn(head.root)?.equals(root) ? undefined : `${name}: the log's first ${head.size} events are others`;
}

/** All heads in the order of their sizes; those in the store are read as they are needed. */
function headsBySize(store: TreeStore | undefined, given: readonly TreeHead[]) {
  const others = [...given].sort((one, other) => one.size - other.size);
  const kept: TreeHead[] = [];
  let read = -1;
  let isAll = store === undefined;
  /** Takes what is due out of a list, the smallest first. */
  const takeUpTo = (list: TreeHead[], size: number): TreeHead[] => {
    const end = list.findIndex((head) => head.size > size);
    return list.splice(0, end < 0 ? list.length : end);
  };
  return {
    /** Whether a head has this size: of those that were read, which are all up to the next larger one. */
    isNext: (size: number): boolean => others[0]?.size === size || kept[0]?.size === size,
    /** Those of at most this size that were not given out before. */
    upTo: async (size: number): Promise<TreeHead[]> => {
      const due = [...takeUpTo(others, size), ...takeUpTo(kept, size)];
      while (kept.length === 0 && !isAll) {
        const page = (await store?.heads(read, PAGE)) ?? [];
        isAll = page.length < PAGE;
        read = page[page.length - 1]?.size ?? read;
        kept.push(...page);
        due.push(...takeUpTo(kept, size));
      }
      return due;
    },
  };
}

/** Compares leaves with those of a store. Where one differs, and the next ones do, too, only the first one is told. */
function differences(store: TreeStore | undefined, found: (what: string) => void) {
  let tile: { index: number; hashes: Buffer | undefined } | undefined;
  let size: number | undefined;
  let run = 0;
  const endRun = (): void => {
    if (run > 1) found(`and the ${run - 1} events behind it, too`);
    run = 0;
  };
  return {
    async compare(index: number, leaf: Hash, event: StoredEvent): Promise<void> {
      if (store === undefined) return;
      size ??= (await store.extent())?.size ?? 0;
      // The tree takes in new events while this reads.
      if (index >= size) return;
      const place = Math.floor(index / TILE);
      if (tile?.index !== place) tile = { index: place, hashes: await store.tile(0, place) };
      const start = (index % TILE) * HASH_BYTES;
      const kept = tile.hashes?.subarray(start, start + HASH_BYTES);
      if (kept?.equals(leaf)) return endRun();
      if (run++ === 0)
        found(
          `${event.position}: event ${index} of the log is not the one that was there ` +
            `(now the ${event.type}, revision ${event.revision} of ${event.stream})`,
        );
    },
    async end(events: number): Promise<void> {
      endRun();
      if (store === undefined) return;
      size ??= (await store.extent())?.size ?? 0;
      if (events < size) found(`the log has ${events} events, and had ${size}`);
    },
  };
}
