import { PAGE_INFO, type PageInfo } from "../../support/answers.ts";
import { type Client } from "../../support/client.ts";

/** What a client asks `searchMessages` for. */
export type MessageQuery = {
  text?: string;
  conversationId?: string;
  senderId?: string;
  kind?: string;
  topic?: string;
  sentAfter?: string;
  sentBefore?: string;
  includePublic?: boolean;
  orderBy?: "NEWEST" | "RELEVANCE";
};

export type Hit = { message: { id: string; text: string | null }; highlights: { text: string; hit: boolean }[] };
export type Facet = { key: string; count: number };
export type Counts = { totalCount: number; bySender: Facet[]; byConversation: Facet[]; byMonth: Facet[] };
type Page = { edges: { cursor: string; node: Hit }[]; pageInfo: PageInfo };

const FOUND = /* GraphQL */ `
  query ($query: MessageQuery!, $first: Int, $after: String, $atLeast: Cursor, $counts: Boolean!) {
    searchMessages(query: $query, first: $first, after: $after, atLeast: $atLeast) {
      edges {
        cursor
        node {
          message {
            id
            text
          }
          highlights {
            text
            hit
          }
        }
      }
      pageInfo {
        ...PageParts
      }
      totalCount @include(if: $counts)
      bySender @include(if: $counts) {
        key
        count
      }
      byConversation @include(if: $counts) {
        key
        count
      }
      byMonth @include(if: $counts) {
        key
        count
      }
    }
  }
  ${PAGE_INFO}
`;

export type Asking = { first?: number; atLeast?: string; pages?: number };

/**
 * The hits of so many pages (all, unless said otherwise) one after the other, whether more follow, and what was counted over all
 * of them. Every page's own promises are seen to: its size, its cursors, whether one comes before it.
 */
export async function found(
  client: Client,
  query: MessageQuery,
  { first = 100, atLeast, pages = Number.POSITIVE_INFINITY }: Asking = {},
): Promise<{ hits: Hit[]; hasMore: boolean; counts: Counts }> {
  const hits: Hit[] = [];
  let counts: Counts | undefined;
  let after: string | null = null;
  for (let page = 1; ; page++) {
    const answer: { searchMessages: Page & Counts } = await client.ask(FOUND, {
      query,
      first,
      after,
      atLeast,
      counts: page === 1,
    });
    const { edges, pageInfo, ...counted } = answer.searchMessages;
    if (page === 1) counts = counted;
    hits.push(...edges.map(({ node }) => node));
    if (edges.length > first || (pageInfo.hasNextPage && edges.length < first))
      throw new Error(`a page of ${edges.length} where ${first} were asked for: ${JSON.stringify(query)}`);
    if (pageInfo.hasPreviousPage !== (after !== null) || pageInfo.endCursor !== (edges.at(-1)?.cursor ?? null))
      throw new Error(`page ${page} says of itself ${JSON.stringify(pageInfo)}: ${JSON.stringify(query)}`);
    if (!pageInfo.hasNextPage || page === pages) return { hits, hasMore: pageInfo.hasNextPage, counts: counts as Counts };
    after = pageInfo.endCursor;
  }
}
