import { expect } from "vitest";
import type { Random } from "../../support/random.ts";
import { followInbox } from "../../support/followedInbox.ts";
import type { Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import type { Client } from "../../support/client.ts";

/* Whole views, read page by page in pages of any size. `atLeast`: a cursor that the views have to have got to. */

export type Message = {
  id: string;
  seq: number;
  cursor: string;
  clientMutationId: string;
  text: string | null;
  sender: { id: string };
  sentAt: string;
  editedAt: string | null;
  recalledAt: string | null;
};

export type Entry = {
  __typename: string;
  cursor: string;
  message?: { id: string; seq: number; clientMutationId: string; cursor: string; conversation: { id: string } };
  conversation?: { id: string };
  user?: { id: string };
  messageChange?: string;
  membershipChange?: string;
  readSeq?: number;
};

export type Conversation = { id: string; lastSeq: number; readSeq: number; unreadCount: number };

/** What is asked of an entry, beside its type and cursor. */
export const ENTRY = /* GraphQL */ `
  ... on MessageReceived {
    message {
      ...Told
    }
  }
  ... on MessageChanged {
    messageChange
    message {
      ...Told
    }
  }
  ... on ReadMoved {
    readSeq
    conversation {
      id
    }
  }
  ... on MembershipChanged {
    membershipChange
    conversation {
      id
    }
    user {
      id
    }
  }
`.replaceAll("...Told", "id seq clientMutationId cursor conversation { id }");

const TIMELINE = /* GraphQL */ `
  query Timeline($id: ID!, $before: String, $last: Int, $atLeast: Cursor) {
    conversation(id: $id, atLeast: $atLeast) {
      messages(last: $last, before: $before) {
        edges {
          cursor
          node {
            id
            seq
            cursor
            clientMutationId
            text
            sentAt
            editedAt
            recalledAt
            sender {
              id
            }
          }
        }
        pageInfo {
          hasPreviousPage
          startCursor
        }
      }
    }
  }
`;

/** All of a conversation that the reader may see, oldest first. */
export async function timeline(reader: Client, id: string, atLeast: string, rng: Random): Promise<Message[]> {
  type Page = {
    edges: { cursor: string; node: Message }[];
    pageInfo: { hasPreviousPage: boolean; startCursor: string | null };
  };
  const newestFirst: Message[][] = [];
  for (let before: string | null = null; ;) {
    const answer: { conversation: { messages: Page } | null } = await reader.ask(TIMELINE, {
      id,
      before,
      last: rng.int(90, 100),
      atLeast,
    });
    if (!answer.conversation) throw new Error(`${reader.id} sees no conversation ${id}`);
    const { edges, pageInfo } = answer.conversation.messages;
    expect(edges.map(({ cursor }) => cursor)).toEqual(edges.map(({ node }) => String(node.seq)));
    newestFirst.push(edges.map(({ node }) => node));
    if (!pageInfo.hasPreviousPage) return newestFirst.reverse().flat();
    before = pageInfo.startCursor;
  }
}

const SYNC = `query Sync($after: Cursor, $limit: Int, $atLeast: Cursor) {
  viewer { sync(after: $after, limit: $limit, atLeast: $atLeast) { entries { __typename cursor ${ENTRY} } cursor hasMore resetRequired } }
}`;

/** Every entry of someone's after a cursor. */
export async function sync(client: Client, from: string, atLeast: string, rng: Random): Promise<Entry[]> {
  type Page = { entries: Entry[]; cursor: string; hasMore: boolean; resetRequired: boolean };
  const all: Entry[] = [];
  for (let after = from; ;) {
    const { viewer } = await client.ask<{ viewer: { sync: Page } }>(SYNC, { after, limit: rng.int(100, 500), atLeast });
    expect(viewer.sync.resetRequired).toBe(false);
    all.push(...viewer.sync.entries);
    after = viewer.sync.cursor;
    if (!viewer.sync.hasMore) return all;
  }
}

/**
 * The same, as a new subscription tells it. A page of `sync` that ends where something was told late cannot be gone on from: so
 * this reads also what is beyond.
 */
export async function toldAnew(server: Pick<Server, "address">, client: Client, from: string, atLeast: string): Promise<Entry[]> {
  await client.ask("query ($atLeast: Cursor) { viewer(atLeast: $atLeast) { user { id } } }", { atLeast });
  const reader = followInbox<Entry>({ address: server.address, token: client.token, after: from, selection: ENTRY });
  await until(`${client.id} is told everything`, () => reader.fault !== undefined || reader.counts.caughtUp > 0);
  expect(reader.fault).toBeUndefined();
  await reader.close();
  return [...reader.entries];
}

const CONVERSATIONS = /* GraphQL */ `
  query List($after: String, $atLeast: Cursor) {
    viewer {
      conversations(first: 50, after: $after, atLeast: $atLeast) {
        edges {
          node {
            id
            lastSeq
            readSeq
            unreadCount
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

/** Every conversation of someone's. */
export async function conversations(client: Client, atLeast: string): Promise<Conversation[]> {
  type Page = { edges: { node: Conversation }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  const all: Conversation[] = [];
  for (let after: string | null = null; ;) {
    const answer: { viewer: { conversations: Page } } = await client.ask(CONVERSATIONS, { after, atLeast });
    const { edges, pageInfo } = answer.viewer.conversations;
    all.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}
