import { FRESH_TIMEOUT_MS } from "../../commands/authorise.ts";
import type { Context } from "../context.ts";
import { edgeCursor } from "../arguments.ts";
import { type Connection, edged } from "../connections.ts";

/** What is looked for in the index, and what becomes of what it finds. */
export type Finding<Place, Node> = {
  /** At most `limit` places after one, in their order. */
  ask(after: Place | undefined, limit: number): Promise<{ hits: readonly Place[]; hasMore: boolean }>;
  /** By rows as they are now: what is shown of each, null where the viewer may not see it, or it is not what was looked for. */
  shown(places: readonly Place[]): Promise<readonly (Node | null)[]>;
  /** The parts of the cursor that stands for a place. */
  key(place: Place): string[];
};

/** How often the index is asked for one page, where hits fall away. */
const TRIES = 5;
/** What is asked for where they did. */
const REFILL = 100;

/**
 * A page of what was found. The index may be behind the views, or a moment ahead of them: so nothing of it is shown before
 * rows of now say that it is so, and what fell away is filled up from what follows.
 */
export async function foundPage<Place, Node>(
  context: Context,
  { ask, shown, key }: Finding<Place, Node>,
  first: number,
  after: Place | undefined,
): Promise<Connection<Node>> {
  const checked = checking(context, shown);
  const edges: { cursor: string; node: Node }[] = [];
  let at = after;
  let hasNext = true;
  for (let attempt = 0; hasNext && edges.length < first && attempt < TRIES; attempt++) {
    const { hits, hasMore } = await ask(at, attempt === 0 ? first : Math.max(first, REFILL));
    const nodes = await checked(hits);
    hasNext = hasMore;
    for (const [index, place] of hits.entries()) {
      const node = nodes[index];
      if (edges.length === first) {
        hasNext ||= node != null;
        continue;
      }
      at = place;
      if (node != null) edges.push({ cursor: edgeCursor(...key(place)), node });
    }
  }
  const page = edged(edges, hasNext, after !== undefined);
  // Also where nothing was left of all that was looked at, the next page goes on after it.
  return hasNext && at !== undefined ? { ...page, pageInfo: { ...page.pageInfo, endCursor: edgeCursor(...key(at)) } } : page;
}

/** Looks once more, once a page, where something falls away and the views may not have it yet. */
function checking<Place, Node>({ services: { log, watermark } }: Context, shown: Finding<Place, Node>["shown"]) {
  let isFresh = false;
  return async (places: readonly Place[]): Promise<readonly (Node | null)[]> => {
    const seen = watermark.current();
    const nodes = await shown(places);
    if (isFresh || !nodes.includes(null)) return nodes;
    isFresh = true;
    const end = await log.end();
    if (seen >= end) return nodes;
    // Where they don't get there, what they have is what there is.
    await watermark.reached(end, FRESH_TIMEOUT_MS);
    return shown(places);
  };
}
