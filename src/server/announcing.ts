import type { News } from "../delivery/news.ts";
import type { Position } from "../ports/eventStore.ts";
import { joinedMoves, type SliceMove } from "../projecting/slicedNews.ts";
import type { Between } from "./signals.ts";

type Tells = Pick<Between, "tell" | "commits">;

/** Where the views are not divided, all of them are one slice. */
const WHOLE = [0];

/** Tells the other servers what the views have committed, after the commit: first the topics, then how far that goes. */
export function announcing({ tell, commits }: Tells): News {
  let last: Position | undefined;
  return (checkpoint, page, sliced) => {
    // Of slices it is told as soon as each has committed.
    if (sliced !== undefined) return;
    if (page) tell(page.items.flatMap((item) => item.topics));
    const from = page?.from ?? last ?? checkpoint;
    commits.tell({ slices: WHOLE, from, to: checkpoint, isAll: page === undefined || page.aged === true });
    last = checkpoint;
  };
}

/** The same of slices. Others look themselves how far all slices are. */
export const announcingMoves =
  ({ tell, commits }: Tells) =>
  (moves: readonly SliceMove[]): void => {
    const alike = new Map<string, { slices: number[]; from: Position; to: Position; isAll: boolean; topics: Set<string> }>();
    for (const { slice, from, to, topics } of joinedMoves(moves)) {
      const isAll = topics === "all";
      const key = `${from} ${to} ${isAll}`;
      const known = alike.get(key) ?? { slices: [], from, to, isAll, topics: new Set() };
      alike.set(key, known);
      known.slices.push(slice);
      if (!isAll) for (const topic of topics) known.topics.add(topic);
    }
    for (const { topics, ...commit } of alike.values()) {
      tell(topics);
      commits.tell(commit);
    }
  };
