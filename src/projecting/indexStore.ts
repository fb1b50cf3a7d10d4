import { messageIdOf } from "../domain/ids.ts";
import { CheckpointMoved } from "../ports/faults.ts";
import type { IndexDocument, IndexMove, RefusedDocument, SearchIndex } from "../ports/searchIndex.ts";
import type { CheckpointMove, RowKey, ViewStore, Write } from "../ports/viewStore.ts";
import { type FoldedStore, seqOfKey } from "./projection.ts";
import { RefusedRows } from "./parking.ts";

/** The calls of an index that a runner needs. */
type Written = Pick<SearchIndex, "put" | "get" | "generations">;

export type IndexStoreOptions = {
  index: Written;
  /** The store of parked events. The index itself has no place for what it cannot index. */
  parked: Pick<ViewStore, "range" | "commit">;
  /** The generation that is folded, such as `search@1#2`. */
  generation: string;
  /**
   * Whether to stop once the generation is not the active one of its view: another server may have replaced it, or an operator
   * may have removed it.
   */
  whileActive?: boolean;
};

/**
 * One generation of a search index, in the form of the store that a runner folds the projection `search` into. Its rows are the
 * documents, in the tables `messages` and `entries`. Documents and checkpoint are not written in one step. After a fault in
 * between, the same documents are written again with the same versions. Rejects with `RefusedRows` if a document can never be
 * indexed, and with `CheckpointMoved` if the generation is no longer the active one.
 */
export function indexStore({ index, parked, generation, whileActive = false }: IndexStoreOptions): FoldedStore {
  const view = generation.slice(0, generation.indexOf("#"));
  const tables = { messages: `${generation}/messages`, entries: `${generation}/entries`, parked: `${generation}/parked` };

  const idOf = ({ table, partition, sort }: RowKey): string => {
    if (table === tables.messages) return messageIdOf(partition, seqOfKey(sort));
    if (table === tables.entries) return partition;
    throw new TypeError(`a search index has no table ${table}`);
  };

  const getMany = async (keys: readonly RowKey[]) => index.get(generation, keys.map(idOf));

  const none = (): never => {
    throw new TypeError("a search index is read only row by row");
  };

  return {
    get: async (table, partition, sort) => (await getMany([{ table, partition, sort }]))[0],
    getMany,
    checkpoint: async () => {
      const found = (await index.generations(view)).find(({ name }) => name === generation);
      if (whileActive && found?.active !== true) throw new CheckpointMoved(`${generation} is no longer the active index`);
      const { checkpoint, anchor } = found ?? {};
      return checkpoint == null ? undefined : { position: checkpoint, ...(anchor ? { anchor } : {}) };
    },
    range: (table, partition, query) => (table === tables.parked ? parked.range(table, partition, query) : none()),
    async commit(writes, moves = []) {
      const documents: IndexDocument[] = [];
      const rows: Write[] = [];
      const ends: Write[] = [];
      for (const write of writes) {
        if (write.table === tables.parked) (write.op === "del" ? ends : rows).push(write);
        else if (write.op === "put") documents.push(write.value as IndexDocument);
        else throw new TypeError("documents of a search index are put, and never deleted");
      }
      // Parked events go first. If they are parked twice, the row is the same again; if they were not parked, they would be lost.
      if (rows.length > 0) await parked.commit(rows);
      const [move] = moves;
      const refused = await index.put(generation, documents, move && moveOf(move));
      if (refused.length > 0) throw refusedRows(documents, refused);
      // What was healed goes last, for the same reason: if it is still there, it is handled once more.
      if (ends.length > 0) await parked.commit(ends);
    },
  };
}

const moveOf = ({ from, to, anchor }: CheckpointMove): IndexMove => ({ from, to, ...(anchor ? { anchor } : {}) });

/** Gives the refused rows by the positions of the events that made them. */
function refusedRows(documents: readonly IndexDocument[], refused: readonly RefusedDocument[]): RefusedRows {
  const reasons = new Map(refused.map(({ id, reason }) => [id, reason]));
  const rows = documents.flatMap((document) => {
    const id = "entry" in document ? document.id : messageIdOf(document.conversationId, document.seq);
    const reason = reasons.get(id);
    return reason === undefined ? [] : [[document.version, reason] as const];
  });
  return new RefusedRows(new Map(rows));
}
