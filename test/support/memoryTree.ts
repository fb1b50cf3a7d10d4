import { generateKeyPairSync } from "node:crypto";
import { auditor } from "../../src/audit/auditor.ts";
import type { Auditor } from "../../src/ports/auditor.ts";
import type { TreeExtent, TreeHead, TreeMark, TreeStore } from "../../src/ports/auditTree.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import type { StoredEvents } from "../../src/ports/storedEvents.ts";

/** A tree in memory, as the port describes it. */
export function memoryTree(): TreeStore {
  let extent: TreeExtent | undefined;
  const tiles = new Map<string, Buffer>();
  const marks: TreeMark[] = [];
  const heads = new Map<number, TreeHead>();
  const bySize = (): TreeHead[] => [...heads.values()].sort((one, other) => one.size - other.size);
  return {
    extent: () => extent,
    tile: (level, index) => tiles.get(`${level}/${index}`),
    markBefore: (position) => marks.findLast(({ after }) => after < position),
    grow(from, to, made, begun) {
      if (from?.size !== extent?.size || from?.position !== extent?.position) return false;
      extent = to;
      for (const { level, index, hashes } of made) tiles.set(`${level}/${index}`, hashes);
      marks.push(...begun);
      return true;
    },
    keep(head) {
      const kept = heads.get(head.size) ?? head;
      heads.set(head.size, kept);
      return kept;
    },
    newestHead: () => bySize().at(-1),
    heads: (size, limit) =>
      bySize()
        .filter((head) => head.size > size)
        .slice(0, limit),
  };
}

/** A log that does not keep its events as text, as one that does: each is written as it would be stored. */
export const asStored = (log: Pick<EventStore, "readAll">): StoredEvents => ({
  async readStored(after, limit) {
    const { events, next, isTail } = await log.readAll(after, limit);
    const stored = events.map(({ data, metadata, ...event }) => ({
      ...event,
      data: JSON.stringify(data),
      metadata: JSON.stringify(metadata),
    }));
    return { events: stored, next, isTail };
  },
});

/** Keeps a tree over a log in memory. */
export const memoryAuditor = (log: Pick<EventStore, "id" | "origin" | "end" | "readAll">, now: () => Date): Auditor =>
  auditor({
    log: { id: log.id, origin: log.origin, end: log.end, ...asStored(log) },
    store: memoryTree(),
    key: generateKeyPairSync("ed25519").privateKey,
    now,
    waitMs: 10_000,
    signal: new AbortController().signal,
  });
