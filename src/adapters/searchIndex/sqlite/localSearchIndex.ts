import { explained, Unavailable } from "../../../ports/faults.ts";
import type { Open } from "../../../ports/awaitable.ts";
import type { SearchIndex } from "../../../ports/searchIndex.ts";
import { errorOf, faultOf } from "./faults.ts";
import { openIndex } from "./openIndex.ts";

/**
 * The index in `dataDir`, which is created if it is missing. It runs in the calling thread, and every call blocks that thread: it
 * is for a thread that does nothing else. Another thread of the process may have it open too (`sqliteSearchIndex`). One of them
 * writes, and the other finds what was written. Rejects with `Unavailable` if it cannot be opened; the cause says what to do.
 */
export async function localSearchIndex(dataDir: string): Promise<Open<SearchIndex>> {
  const own = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw errorOf(faultOf(error));
    }
  };
  const index = own(() => openIndex(dataDir));
  let isClosed = false;
  const call =
    <Args extends unknown[], T>(run: (...args: Args) => T) =>
    async (...args: Args): Promise<T> => {
      if (isClosed) throw new Unavailable("the search index is closed");
      return own(() => run(...args));
    };
  const status = call(index.status);
  return {
    put: call(index.put),
    get: call(index.get),
    search: call(index.search),
    find: call(index.find),
    messages: call(index.messages),
    entries: call(index.entries),
    generations: call(index.generations),
    activate: call(index.activate),
    drop: call(index.drop),
    status: () => status().catch((error: unknown) => ({ kind: "sqlite", reachable: false, detail: explained(error) })),
    async close() {
      if (!isClosed) index.close();
      isClosed = true;
    },
  };
}
