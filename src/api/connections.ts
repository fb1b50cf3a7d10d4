import { edgeCursor } from "./arguments.ts";

/** Relay's connection. */
export type Connection<Node> = { edges: { cursor: string; node: Node }[]; pageInfo: PageInfo };
export type PageInfo = { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };

/** An item of a list that is sorted by key. Its node is made only if it is on the requested page. */
export type Listed<Node> = { key: readonly string[]; make: () => Node };

export type Page<Node> = { nodes: readonly Listed<Node>[]; hasNext: boolean; hasPrevious: boolean };

/** The first `first` items of a sorted list after a key. */
export function slice<Node>(
  sorted: readonly Listed<Node>[],
  first: number,
  after: readonly string[] | undefined,
  isAfter: (key: readonly string[], other: readonly string[]) => boolean,
): Page<Node> {
  const found = after === undefined ? 0 : sorted.findIndex(({ key }) => isAfter(key, after));
  const from = found < 0 ? sorted.length : found;
  return { nodes: sorted.slice(from, from + first), hasNext: from + first < sorted.length, hasPrevious: from > 0 };
}

export function connection<Node>({ nodes, hasNext, hasPrevious }: Page<Node>): Connection<Node> {
  return edged(
    nodes.map(({ key, make }) => ({ cursor: edgeCursor(...key), node: make() })),
    hasNext,
    hasPrevious,
  );
}

export function edged<Node>(
  edges: { cursor: string; node: Node }[],
  hasNextPage: boolean,
  hasPreviousPage: boolean,
): Connection<Node> {
  const pageInfo = {
    hasNextPage,
    hasPreviousPage,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges[edges.length - 1]?.cursor ?? null,
  };
  return { edges, pageInfo };
}
