import { entered, left, stayReads } from "../../projections/stays.ts";
import type { Sight, Stay, Window } from "../../src/domain/visibility.ts";
import { readerOf, type TableWrite } from "../../src/projecting/projection.ts";
import { memoryViews } from "./memoryViews.ts";

const GENERATION = "stays@1#1";

/**
 * One user's stays of a conversation, told as windows, oldest first, in rows as a projection writes them, and the functions that
 * read them.
 */
export async function staysOf(windows: readonly Window[], more: Partial<Sight> = {}) {
  const store = memoryViews();
  let stay: Stay | undefined;
  const writes: TableWrite[] = [];
  for (const { from, fromSeq, to, toSeq } of windows) {
    const next = entered("g:1", "ann", stay, from, fromSeq - 1);
    writes.push(...next.writes);
    stay = to === undefined || toSeq === undefined ? next.stay : left(next.stay, to, toSeq);
  }
  await store.commit(writes.map((write) => ({ ...write, table: `${GENERATION}/${write.table}` })));
  const sight: Sight = { ...(stay && { stay }), historyVisible: false, public: false, ...more };
  return { sight, reads: stayReads(readerOf(store, GENERATION)) };
}

/** What of the seqs 1 to `head` is seen, each asked for by itself. */
export async function seen({ sees }: ReturnType<typeof stayReads>, sight: Sight, head: number): Promise<number[]> {
  const seqs = Array.from({ length: head }, (_, index) => index + 1);
  const answers = await Promise.all(seqs.map(async (seq) => sees(sight, seq)));
  return seqs.filter((_, index) => answers[index]);
}
