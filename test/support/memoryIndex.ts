import type { Anchor } from "../../src/ports/eventStore.ts";
import { CheckpointMoved, Unavailable } from "../../src/ports/faults.ts";
import type { IndexDocument, SearchIndex } from "../../src/ports/searchIndex.ts";

type Generation = { documents: Map<string, IndexDocument>; checkpoint: string | null; anchor?: Anchor };

export type MemoryIndex = Pick<SearchIndex, "put" | "get" | "generations" | "activate" | "drop"> & {
  /** While it is away every call fails, and nothing is stored. */
  away(isAway: boolean): void;
  /** Documents that can never be indexed. */
  refuse(is: (document: IndexDocument) => boolean): void;
  /** What goes wrong after the documents of the next put were stored, before its checkpoint is. */
  failBetween(error: Error): void;
  /** The documents of a generation, by id. */
  documents(generation: string): Map<string, IndexDocument>;
  /** The generations that are there. */
  names(): string[];
  /** What is awaited before a generation is made the active one. */
  beforeActivate(wait: () => Promise<void>): void;
  /** What is awaited before documents are put. */
  beforePut(wait: (generation: string) => Promise<void>): void;
};

export const documentId = (document: IndexDocument): string =>
  "entry" in document ? document.id : `${document.conversationId}:${document.seq}`;

/**
 * A search index in memory, as the port describes it, that finds nothing and whose faults are made to measure. Others may share
 * it, as servers do.
 */
export function memoryIndex(): MemoryIndex {
  const generations = new Map<string, Generation>();
  const active = new Map<string, string>();
  let gone = false;
  let refused: (document: IndexDocument) => boolean = () => false;
  let between: Error | undefined;
  let before: () => Promise<void> = async () => {};
  let first: (generation: string) => Promise<void> = async () => {};

  const viewOf = (generation: string): string => generation.slice(0, generation.indexOf("#"));
  const made = (name: string): Generation => {
    const known = generations.get(name) ?? { documents: new Map<string, IndexDocument>(), checkpoint: null };
    generations.set(name, known);
    return known;
  };
  const here = async (): Promise<void> => {
    await Promise.resolve();
    if (gone) throw new Unavailable("the index is away");
  };

  return {
    away: (isAway) => void (gone = isAway),
    refuse: (is) => void (refused = is),
    failBetween: (error) => void (between = error),
    beforeActivate: (wait) => void (before = wait),
    beforePut: (wait) => void (first = wait),
    documents: (generation) => generations.get(generation)?.documents ?? new Map(),
    names: () => [...generations.keys()],
    put: async (name, documents, move) => {
      await first(name);
      await here();
      const generation = made(name);
      if (move && move.from !== generation.checkpoint) throw new CheckpointMoved(`${name} is at ${generation.checkpoint}`);
      const out = documents.filter(refused).map((document) => ({ id: documentId(document), reason: "it has no words" }));
      for (const document of documents) {
        const id = documentId(document);
        const known = generation.documents.get(id);
        if (!refused(document) && (!known || known.version <= document.version)) generation.documents.set(id, document);
      }
      const fault = between;
      between = undefined;
      if (fault) throw fault;
      if (move && out.length === 0) {
        generation.checkpoint = move.to;
        if (move.anchor) generation.anchor = move.anchor;
      }
      return out;
    },
    get: async (name, ids) => {
      await here();
      return ids.map((id) => generations.get(name)?.documents.get(id));
    },
    generations: async (view) => {
      await here();
      return [...generations]
        .filter(([name]) => viewOf(name) === view)
        .map(([name, { checkpoint, anchor }]) => ({
          name,
          checkpoint,
          ...(anchor ? { anchor } : {}),
          active: active.get(view) === name,
        }));
    },
    activate: async (name) => {
      await here();
      await before();
      made(name);
      active.set(viewOf(name), name);
    },
    drop: async (name) => {
      await here();
      generations.delete(name);
      if (active.get(viewOf(name)) === name) active.delete(viewOf(name));
    },
  };
}
