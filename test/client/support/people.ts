import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { WebSocket } from "ws";
import {
  createClient,
  type Client,
  type ClientOptions,
  type ConversationState,
  type KnownPerson,
} from "../../../src/client/index.ts";
import { ConversationPage, MessagePage, People, Register, UnreadTotal } from "../../../src/client/operations.ts";
import type { ApiServer } from "../../support/apiServer.ts";
import { posted } from "../../support/http.ts";
import { until } from "../../support/until.ts";

/** Somebody who asks the server over HTTP, with nothing between: what the client's state is compared with, and what others do. */
export type Someone = {
  id: string;
  ask: <Result>(query: string, variables?: object) => Promise<Result>;
  /** A mutation with one `input`; gives its payload. */
  do: (name: string, input: object, fields?: string) => Promise<{ cursor: string } & Record<string, unknown>>;
};

export async function someone(server: ApiServer, id: string): Promise<Someone> {
  const token = await server.token(id);
  const ask: Someone["ask"] = async (query, variables = {}) => {
    const { text } = await posted({
      url: `${server.address}/graphql`,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = JSON.parse(text) as {
      data: never;
      errors?: { message: string; extensions?: { code?: string } }[];
    };
    if (errors?.[0]) throw Object.assign(new Error(errors[0].message), { code: errors[0].extensions?.code });
    return data;
  };
  return {
    id,
    ask,
    do: async (name, input, fields = "") => {
      const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
      const inputs: Record<string, string> = {
        leave: "NodeInput",
        dissolve: "NodeInput",
        withdrawFriendRequest: "NodeInput",
        answerFriendRequest: "AnswerInput",
        answerJoinRequest: "AnswerInput",
        recallMessage: "MessageInput",
        addMembers: "MembersInput",
        removeMembers: "MembersInput",
        endFriendship: "UserInput",
      };
      const query = `mutation ($input: ${inputs[name] ?? type}!) { done: ${name}(input: $input) { cursor ${fields} } }`;
      const { done } = await ask<{ done: never }>(query, { input: { clientMutationId: randomUUID(), ...input } });
      return done;
    },
  };
}

/** Somebody who has registered under their id. */
export async function registered(server: ApiServer, id: string): Promise<Someone> {
  const one = await someone(server, id);
  await one.ask(Register, { input: { clientMutationId: "register", handle: id, name: `${id}'s name` } });
  return one;
}

/** A client of this user, over this address. */
export const clientOf = (
  server: ApiServer,
  user: string,
  { address = server.address, ...options }: Partial<ClientOptions> & { address?: string } = {},
): Client =>
  createClient({
    url: `${address}/graphql`,
    token: () => server.token(user),
    webSocket: WebSocket,
    ...options,
  });

export const live = (client: Client): Promise<unknown> =>
  until("the client is live", () => client.connection.get().state === "live");

/** What a client shows, and what a fresh fetch gives, in the same form. */
export type Shown = {
  conversations: readonly unknown[];
  unread: number;
  /** Undefined where not all conversations are loaded. */
  mentions: number | undefined;
  people?: unknown;
  messages: readonly unknown[];
  /** The seqs of the first and the newest message, where they are said to be shown. */
  ends: readonly unknown[];
};

/** All that a fresh fetch gives of what the client shows now: as of this place of the log (`atLeast`), or later. */
export async function fetched(
  of: Someone,
  client: Client,
  opened: readonly string[],
  atLeast: string | null = null,
): Promise<Shown> {
  const conversations: ConversationState[] = [];
  for (let after: string | null = null; ;) {
    const {
      viewer,
    }: {
      viewer: {
        conversations: { edges: { node: ConversationState }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
      };
    } = await of.ask(ConversationPage, { first: 50, after, atLeast });
    conversations.push(...viewer.conversations.edges.map(({ node }) => node));
    after = viewer.conversations.pageInfo.endCursor;
    if (!viewer.conversations.pageInfo.hasNextPage) break;
  }
  const { viewer } = await of.ask<{ viewer: { unreadTotal: number } }>(UnreadTotal, { atLeast });
  const messages = await Promise.all(
    opened.map(async (id) => {
      const handle = client.conversation(id);
      const { items } = handle.messages.get();
      handle.release();
      return Promise.all(
        spans(items).map(async ({ from, to }) => {
          const { conversation } = await of.ask<{ conversation: { messages: { edges: { node: object }[] } } | null }>(
            MessagePage,
            {
              id,
              first: Math.min(100, to - from + 1),
              after: String(from - 1),
              atLeast,
            },
          );
          return conversation?.messages.edges.map(({ node }) => node) ?? [];
        }),
      );
    }),
  );
  const { items, complete } = client.conversations.get();
  const listed = conversations.filter(({ membership }) => membership?.hidden === false);
  return {
    // Of a list that is not all loaded the first ones.
    conversations: complete ? listed : listed.slice(0, items.length),
    unread: viewer.unreadTotal,
    mentions: complete ? conversations.reduce((sum, { unreadMentions }) => sum + unreadMentions, 0) : undefined,
    ...(client.people.get().loaded ? { people: await peopleOf(of, atLeast) } : {}),
    messages,
    ends: await Promise.all(
      opened.map(async (id) => {
        const handle = client.conversation(id);
        const { reachedStart, reachedEnd } = handle.messages.get();
        handle.release();
        const end = async (which: object): Promise<number | undefined> => {
          const { conversation } = await of.ask<{
            conversation: { messages: { edges: { node: { seq: number } }[] } } | null;
          }>(MessagePage, { id, ...which, atLeast });
          return conversation?.messages.edges[0]?.node.seq;
        };
        return [reachedStart ? await end({ first: 1 }) : undefined, reachedEnd ? await end({ last: 1 }) : undefined];
      }),
    ),
  };
}

/** What it shows. */
export function shown(client: Client, opened: readonly string[]): Shown {
  const { total, mentions } = client.unread.get();
  const { items, complete } = client.conversations.get();
  const people = client.people.get();
  return {
    conversations: items,
    unread: total,
    mentions: complete ? mentions : undefined,
    ...(people.loaded ? { people: { ...people, friends: people.friends.map(told), blocked: people.blocked.map(told) } } : {}),
    messages: opened.map((id) => {
      const handle = client.conversation(id);
      const { items } = handle.messages.get();
      handle.release();
      return runs(items);
    }),
    ends: opened.map((id) => {
      const handle = client.conversation(id);
      const { items, reachedStart, reachedEnd } = handle.messages.get();
      handle.release();
      const seqs = items.flatMap((item) => (item.type === "message" ? [item.seq] : []));
      return [reachedStart ? seqs[0] : undefined, reachedEnd ? seqs.at(-1) : undefined];
    }),
  };
}

type Items = ReturnType<ReturnType<Client["conversation"]>["messages"]["get"]>["items"];

/** The messages between gaps, as the server gives them. */
function runs(items: Items): object[][] {
  const made: object[][] = [[]];
  for (const item of items) {
    if (item.type === "gap") made.push([]);
    if (item.type !== "message") continue;
    const { type: _type, conversationId: _id, ...message } = item;
    made.at(-1)?.push(message);
  }
  return made.filter((run) => run.length > 0);
}

function spans(items: Items): { from: number; to: number }[] {
  return runs(items).map((run) => {
    const [first, last] = [run[0], run.at(-1)] as { seq: number }[];
    return { from: first?.seq ?? 1, to: last?.seq ?? 0 };
  });
}

/** Without what no entry tells of: whether they are online. */
function told({ presence: _presence, ...person }: KnownPerson): object {
  return person;
}

async function peopleOf(of: Someone, atLeast: string | null): Promise<unknown> {
  type Edges = { edges: { node: never }[] };
  const { viewer } = await of.ask<{ viewer: Record<string, Edges> }>(People, { first: 100, atLeast });
  const nodes = (name: string): never[] => (viewer[name] as Edges).edges.map(({ node }) => node);
  return {
    loaded: true,
    friends: nodes("friends").map(({ user }) => told(user)),
    incomingRequests: nodes("incoming"),
    outgoingRequests: nodes("outgoing"),
    incomingJoinRequests: nodes("incomingJoins"),
    outgoingJoinRequests: nodes("outgoingJoins"),
    blocked: nodes("blocked").map(told),
  };
}

/** Waits until what a client shows is what a fresh fetch gives; throws the difference where it does not come to that. */
export async function agrees(of: Someone, client: Client, opened: readonly string[]): Promise<void> {
  let difference: unknown;
  const isSame = async (): Promise<boolean> => {
    try {
      expect(shown(client, opened)).toEqual(await fetched(of, client, opened));
      return true;
    } catch (error) {
      difference = error;
      return false;
    }
  };
  await until("what is shown is what a fresh fetch gives", isSame, 10_000).catch(() => {
    throw difference;
  });
}
