import type { EventType } from "../src/domain/events.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { emptyTrie, type Trie, trieSet } from "../src/domain/trie.ts";
import { put, type Reader, type TableWrite } from "../src/projecting/projection.ts";

/** The state of a stream after its event at `revision`, the parts with rows of their own apart. */
export type StateRow = { state?: unknown; revision: number; position: string };

export type Placed = Pick<Recorded, "stream" | "id" | "revision" | "position">;
export type Of<T extends EventType> = Recorded<T> & Placed;

/** What is noted for every event: where it is, by its id, and the state of the stream with it. */
export const noted = ({ stream, id, revision, position }: Placed, state: unknown): TableWrite[] => [
  put("states", stream, "", { state, revision, position } satisfies StateRow),
  put("ids", stream, id, revision),
];

/** How many rows are read at a time. */
const PAGE = 1_000;

/** A map in a stream's state that has a row for each of its entries. */
export async function trieOf(reader: Reader, part: string, stream: string): Promise<Trie<never>> {
  let trie: Trie<unknown> = emptyTrie;
  for (let after: string | undefined; ;) {
    const page = await reader.range<object>(part, stream, { ...(after === undefined ? {} : { after }), limit: PAGE });
    for (const { sort, value } of page) trie = trieSet(trie, sort, value);
    after = page[page.length - 1]?.sort;
    if (page.length < PAGE) return trie as Trie<never>;
  }
}
