import type { EventType } from "../src/domain/events.ts";
import type { Recorded } from "../src/domain/recorded.ts";
import { emptyTrie, type Trie, trieSet } from "../src/domain/trie.ts";
import { put, type Reader, type TableWrite } from "../src/projecting/projection.ts";
import { allOf } from "./wholePartition.ts";

/** The state of a stream after its event at `revision`, the parts with rows of their own apart. */
export type StateRow = { state?: unknown; revision: number; position: string };

export type Placed = Pick<Recorded, "stream" | "id" | "revision" | "position">;
export type Of<T extends EventType> = Recorded<T> & Placed;

/** What is noted for every event: where it is, by its id, and the state of the stream with it. */
export const noted = ({ stream, id, revision, position }: Placed, state: unknown): TableWrite[] => [
  put("states", stream, "", { state, revision, position } satisfies StateRow),
  put("ids", stream, id, revision),
];

/** A map in a stream's state that has a row for each of its entries. */
export async function trieOf(reader: Reader, part: string, stream: string): Promise<Trie<never>> {
  let trie: Trie<unknown> = emptyTrie;
  for (const { sort, value } of await allOf<object>(reader, part, stream)) trie = trieSet(trie, sort, value);
  return trie as Trie<never>;
}
