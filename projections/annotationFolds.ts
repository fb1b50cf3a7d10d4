import { decider as annotation, type Event, type State } from "../src/domain/annotation.ts";
import { emptyTrie, type Trie, trieGet, trieSet } from "../src/domain/trie.ts";
import { del, put, type Reader, type Rows, type TableWrite } from "../src/projecting/projection.ts";
import { noted, type Of, type StateRow, trieOf } from "./folded.ts";

/* A message may have thousands of reactions. Each user's are a row of their own; the state beside them only counts. */

type OwnRows = Rows<"states" | "reactions">;
type Reactions = Trie<readonly string[]>;

/** The handler for what happens to a message. `reacting`: the user whose reactions the event changes. */
export const annotated =
  <T extends Event["type"]>(reacting?: (event: Of<T>) => string) =>
  async (event: Of<T>, rows: OwnRows): Promise<TableWrite[]> => {
    const { stream } = event;
    const before = ((await rows.get<StateRow>("states", stream, ""))?.state as State | undefined) ?? annotation.initial;
    const user = reacting?.(event);
    const own = user === undefined ? undefined : await rows.get<readonly string[]>("reactions", stream, user);
    const none: Reactions = emptyTrie;
    const known = user === undefined || own === undefined ? none : trieSet(none, user, own);
    const { reactions = none, ...state } = annotation.evolve({ ...before, reactions: known }, event as unknown as Event);
    const writes = noted(event, state);
    if (user === undefined) return writes;
    const left = trieGet(reactions, user);
    return [...writes, left === undefined ? del("reactions", stream, user) : put("reactions", stream, user, left)];
  };

export const ofReacting = ({ data }: { data: { userId: string } }): string => data.userId;

/** The part of a message's state that has rows of its own. Those that a recall left behind are no part of it. */
export const annotationPartsOf = async (reader: Reader, stream: string, state: unknown): Promise<{ reactions?: Reactions }> =>
  (state as State | undefined)?.counts === undefined ? {} : { reactions: await trieOf(reader, "reactions", stream) };
