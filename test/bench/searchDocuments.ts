import { search } from "../../projections/search/search.ts";
import { sqliteLogReader } from "../../src/adapters/eventStore/sqlite/sqliteLogReader.ts";
import { parseEvent } from "../../src/domain/recorded.ts";
import type { Rows } from "../../src/projecting/projection.ts";
import type { SearchDocument } from "../../src/ports/searchIndex.ts";

/** A message as it is indexed that was not recalled. */
export type LiveDocument = Extract<SearchDocument, { text: string }>;

const none: Rows = {
  get: () => undefined,
  floor: async () => undefined,
  all: () => new Map(),
};

/** What the messages of a log become in a search index, in pages of so many events. Nobody edited or recalled any. */
export async function* searchDocuments(dataDir: string, pageEvents: number): AsyncIterable<LiveDocument[]> {
  const log = sqliteLogReader(dataDir);
  try {
    for (let at = log.origin; ;) {
      const page = await log.readAll(at, pageEvents);
      const documents: LiveDocument[] = [];
      for (const stored of page.events) {
        const event = parseEvent(stored);
        if (event?.type !== "MessageSent") continue;
        const writes = (await search.handlers.MessageSent?.(event, none)) ?? [];
        documents.push(...writes.flatMap((write) => (write.op === "put" ? [write.value as LiveDocument] : [])));
      }
      yield documents;
      at = page.next;
      if (page.isTail) return;
    }
  } finally {
    await log.close();
  }
}
