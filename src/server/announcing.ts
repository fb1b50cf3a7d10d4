import type { News } from "../delivery/news.ts";
import type { Position } from "../ports/eventStore.ts";
import type { Between } from "./signals.ts";

/** Where the views are not divided, all of them are one slice. */
const WHOLE = [0];

/** Tells the other servers what the views have committed, after the commit: first the topics, then how far that goes. */
export function announcing({ tell, commits }: Pick<Between, "tell" | "commits">): News {
  let last: Position | undefined;
  return (checkpoint, page, sliced) => {
    const topics = page ? page.items.flatMap((item) => item.topics) : sliced === undefined ? "all" : sliced.topics;
    if (topics !== "all") tell(topics);
    const from = page?.from ?? last ?? checkpoint;
    commits.tell({ slices: sliced?.held ?? WHOLE, from, to: checkpoint, isAll: topics === "all" || page?.aged === true });
    last = checkpoint;
  };
}
