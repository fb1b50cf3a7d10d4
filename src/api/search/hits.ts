import { FRESH_TIMEOUT_MS } from "../../commands/authorise.ts";
import type { Context } from "../context.ts";
import { edgeCursor } from "../arguments.ts";
import type { Connection, PageInfo } from "../connections.ts";

/** How to search the index, and how to show what it finds. */
export type Finding<Place, Node, Hit extends Place = Place> = {
  /** At most `limit` places after one, in order. */
  ask(after: Place | undefined, limit: number): Promise<{ hits: readonly Hit[]; hasMore: boolean }>;
  /**
   * What to show for each place, by the rows as they are now. Null if the viewer may not see it, or if it no longer matches
   * the search.
   */
  shown(places: readonly Hit[]): Promise<readonly (Node | null)[]>;
  /** The parts of the cursor for a place. */
  key(place: Place): string[];
};

/** How often the index is asked for one page, if hits are dropped. */
const TRIES = 5;
/** The least number of places that are asked for in a further try. */
const REFILL = 100;

/**
 * A page of results. The index may be behind the views, or slightly ahead of them. So a result is shown only if current rows
 * confirm it. Dropped results are replaced by the next ones.
 */
export async function foundPage<Place, Node, Hit extends Place = Place>(
  context: Context,
  { ask, shown, key }: Finding<Place, Node, Hit>,
  first: number,
  after: Place | undefined,
): Promise<Connection<Node>> {
  const checked = checking(context, shown);
  const edges: Edge<Node>[] = [];
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
      if (node != null) edges.push(edgeOf(key, place, node));
    }
  }
  // The next page starts after all that was checked, even if all of it was dropped.
  return { edges, pageInfo: pageInfoOf(key, edges, after !== undefined, hasNext, hasNext ? at : undefined) };
}

type Edge<Node> = { readonly cursor: string; readonly node: Node };
type Key<Place> = Finding<Place, unknown>["key"];

/**
 * Few ask for cursors, and to make one takes a microsecond. So they are made by what all edges and pages share. V8 would allocate
 * a getter of each object's own among the old objects, and there it keeps alive all that the search has made.
 */
const edgeMembers = {
  get cursor(): string {
    const { key, place } = this as unknown as { key: Key<unknown>; place: unknown };
    return edgeCursor(...key(place));
  },
};

function edgeOf<Place, Node>(key: Key<Place>, place: Place, node: Node): Edge<Node> {
  const edge = Object.create(edgeMembers) as Edge<Node> & { key: Key<Place>; place: Place; node: Node };
  edge.key = key;
  edge.place = place;
  edge.node = node;
  return edge;
}

/** `end`: the last place that was checked, if another page may follow. */
type OwnPageInfo<Place> = Pick<PageInfo, "hasNextPage" | "hasPreviousPage"> & {
  key: Key<Place>;
  edges: readonly Edge<unknown>[];
  end: Place | undefined;
};

const pageInfoMembers = {
  get startCursor(): string | null {
    const { edges } = this as unknown as OwnPageInfo<unknown>;
    return edges[0]?.cursor ?? null;
  },
  get endCursor(): string | null {
    const { key, edges, end } = this as unknown as OwnPageInfo<unknown>;
    return end === undefined ? (edges.at(-1)?.cursor ?? null) : edgeCursor(...key(end));
  },
};

function pageInfoOf<Place>(
  key: Key<Place>,
  edges: readonly Edge<unknown>[],
  hasPreviousPage: boolean,
  hasNextPage: boolean,
  end: Place | undefined,
): PageInfo {
  const own: OwnPageInfo<Place> = { hasNextPage, hasPreviousPage, key, edges, end };
  return Object.assign(Object.create(pageInfoMembers) as PageInfo, own);
}

/** If a result is dropped and the views may not have its rows yet, waits for them and checks again: once for each page. */
function checking<Hit, Node>({ services: { log, watermark } }: Context, shown: Finding<Hit, Node>["shown"]) {
  let isFresh = false;
  return async (places: readonly Hit[]): Promise<readonly (Node | null)[]> => {
    const seen = watermark.current();
    const nodes = await shown(places);
    if (isFresh || !nodes.includes(null)) return nodes;
    isFresh = true;
    const end = await log.end();
    if (seen >= end) return nodes;
    // If the views do not get there in time, their rows decide as they are.
    await watermark.reached(end, FRESH_TIMEOUT_MS);
    return shown(places);
  };
}
