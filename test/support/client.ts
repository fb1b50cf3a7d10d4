import { randomUUID } from "node:crypto";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import {
  type Connection,
  type Conversation,
  CONVERSATION,
  type Entry,
  ENTRY,
  type Message,
  MESSAGE,
  type MutationName,
  type Mutations,
  mutationText,
  PAGE_INFO,
  type SyncPage,
} from "./answers.ts";
import { type Awaitable, type CallOptions, type Calls, type Fault, httpCalls, Refused, type Variables } from "./http.ts";
import { until } from "./until.ts";

/* What a client developer writes who has read the contract and nothing else. */

/** What was told on a subscription so far. */
export type Listening = {
  readonly entries: readonly Entry[];
  /** Set once the server ended it with a fault. */
  readonly fault: Refused | undefined;
  /** Waits for an entry that is so, and gives it. */
  until(what: string, wanted: (entry: Entry) => boolean): Promise<Entry>;
  /** Waits until it ended with a fault. */
  ended(): Promise<Refused>;
  close(): Promise<void>;
};

/** A server that is reached over the network, whichever process it is in. */
export type Reachable = {
  /** `http://host:port`; a function waits for a server that is away. */
  readonly address: string | (() => Awaitable<string>);
  token(user: string, more?: { admin?: boolean; device?: string }): Promise<string>;
  /**
   * The place of the newest thing that a client of it did. Where it is there, what a client reads is at least as new, unless a
   * call says otherwise: without a place it may be a moment old.
   */
  readonly newest?: { cursor: string };
};

/** One device of a user. */
export type Client = Calls & {
  id: string;
  token: string;
  /** A mutation with all that its payload holds; `clientMutationId` is made up unless given. */
  act<Name extends MutationName>(name: Name, input: Variables): Promise<Mutations[Name] & { cursor: string }>;
  sync(after?: string | null, more?: { limit?: number; atLeast?: string }): Promise<SyncPage>;
  /** Every entry after a cursor, page by page. */
  syncAll(after?: string | null, more?: { limit?: number; atLeast?: string }): Promise<{ entries: Entry[]; cursor: string }>;
  conversation(id: string, atLeast?: string): Promise<Conversation | null>;
  conversations(variables?: Variables): Promise<Connection<Conversation> & { cursor: string }>;
  messages(id: string, variables?: Variables): Promise<Connection<Message>>;
  inbox(after?: string): Listening;
  listen(id: string, after?: string): Listening;
};

export const SYNC = /* GraphQL */ `
  query ($after: Cursor, $limit: Int, $atLeast: Cursor) {
    viewer {
      sync(after: $after, limit: $limit, atLeast: $atLeast) {
        cursor
        hasMore
        resetRequired
        overflow
        skipTo
        entries {
          ...EntryParts
        }
      }
    }
  }
  ${ENTRY}
`;

const CONVERSATIONS = /* GraphQL */ `
  query ($first: Int, $after: String, $kind: ConversationKind, $unreadOnly: Boolean, $atLeast: Cursor) {
    viewer {
      conversations(first: $first, after: $after, kind: $kind, unreadOnly: $unreadOnly, atLeast: $atLeast) {
        cursor
        edges {
          cursor
          node {
            ...ConversationParts
          }
        }
        pageInfo {
          ...PageParts
        }
      }
    }
  }
  ${CONVERSATION}
  ${PAGE_INFO}
`;

const MESSAGES = /* GraphQL */ `
  query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $atLeast: Cursor) {
    conversation(id: $id, atLeast: $atLeast) {
      messages(first: $first, after: $after, last: $last, before: $before) {
        edges {
          cursor
          node {
            ...MessageParts
          }
        }
        pageInfo {
          ...PageParts
        }
      }
    }
  }
  ${MESSAGE}
  ${PAGE_INFO}
`;

export type ClientOptions = {
  admin?: boolean;
  device?: string;
  /** `ask` repeats a call until it is answered with more than "not now", and tells of each try. */
  patient?: Pick<CallOptions, "retried" | "patienceMs">;
};

const addressOf = async ({ address }: Reachable): Promise<string> => (typeof address === "string" ? address : address());

/** A client of a user with a token of their own. Nothing is registered by that. */
export async function clientOf(server: Reachable, user: string, { patient, ...more }: ClientOptions = {}): Promise<Client> {
  const token = await server.token(user, more);
  const calls = httpCalls({ address: () => addressOf(server), token, ...patient });
  const { post } = calls;
  const { newest } = server;
  const atLeastOr = (given: string | undefined): { atLeast?: string } => {
    const atLeast = given ?? newest?.cursor ?? "";
    return atLeast === "" ? {} : { atLeast };
  };
  /** One try, unless it is to be patient. A read that is to show what has just happened is waited for on a slow machine. */
  const once = async <T>(query: string, variables?: Variables): Promise<T> => {
    const { status, data, errors } = await post<T>(query, variables);
    if (variables?.["atLeast"] && errors?.[0]?.message.includes("caught up with the log yet")) return calls.ask(query, variables);
    if (errors) throw new Refused(errors);
    if (data == null) throw new Error(`neither data nor errors: ${status}`);
    return data;
  };
  const ask = patient ? calls.ask : once;
  const sync: Client["sync"] = async (after = null, { limit = 100, atLeast } = {}) =>
    (await ask<{ viewer: { sync: SyncPage } }>(SYNC, { after, limit, ...atLeastOr(atLeast) })).viewer.sync;
  return {
    id: user,
    token,
    post,
    ask,
    act: async <Name extends MutationName>(name: Name, input: Variables) => {
      const answer = await ask<Record<Name, Mutations[Name] & { cursor: string }>>(mutationText(name), {
        input: { clientMutationId: randomUUID(), ...input },
      });
      const done = answer[name];
      if (newest && done.cursor > newest.cursor) newest.cursor = done.cursor;
      return done;
    },
    sync,
    syncAll: async (after = null, more = {}) => {
      const entries: Entry[] = [];
      for (let from = after; ;) {
        const page = await sync(from, more);
        if (page.resetRequired) throw new Error(`a reset is required after ${from}`);
        entries.push(...page.entries);
        if (!page.hasMore) return { entries, cursor: page.cursor };
        from = page.cursor;
      }
    },
    conversation: async (id, atLeast) =>
      (
        await ask<{ conversation: Conversation | null }>(
          `query ($id: ID!, $atLeast: Cursor) { conversation(id: $id, atLeast: $atLeast) { ...ConversationParts } } ${CONVERSATION}`,
          { id, ...atLeastOr(atLeast) },
        )
      ).conversation,
    conversations: async (variables = {}) =>
      (
        await ask<{ viewer: { conversations: Connection<Conversation> & { cursor: string } } }>(CONVERSATIONS, {
          ...atLeastOr(undefined),
          ...variables,
        })
      ).viewer.conversations,
    messages: async (id, variables = {}) => {
      const { conversation } = await ask<{ conversation: { messages: Connection<Message> } | null }>(MESSAGES, {
        id,
        ...atLeastOr(undefined),
        ...variables,
      });
      if (!conversation) throw new Error(`${user} sees no conversation ${id}`);
      return conversation.messages;
    },
    inbox: (after) =>
      listening(server, token, `subscription ($after: Cursor) { inbox(after: $after) { ...EntryParts } } ${ENTRY}`, { after }),
    listen: (id, after) =>
      listening(
        server,
        token,
        `subscription ($id: ID!, $after: Cursor) { conversation(id: $id, after: $after) { ...EntryParts } } ${ENTRY}`,
        { id, after },
      ),
  };
}

/** A user of this id (which is their handle and, with a capital, their name) who has registered, with a client. */
export async function registered(server: Reachable, user: string, more: ClientOptions = {}): Promise<Client> {
  const client = await clientOf(server, user, more);
  await client.act("register", { handle: user, name: user });
  return client;
}

/** Several of them. */
export const registeredAll = async <Names extends string[]>(server: Reachable, ...users: Names) =>
  (await Promise.all(users.map((user) => registered(server, user)))) as { [Place in keyof Names]: Client };

function listening(server: Reachable, token: string, query: string, variables: Variables): Listening {
  const client = createClient({
    url: async () => `${(await addressOf(server)).replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    lazyCloseTimeout: 0,
  });
  const entries: Entry[] = [];
  let fault: Refused | undefined;
  let broken: unknown;
  client.subscribe<Record<string, Entry>>(
    { query, variables },
    {
      next: ({ data, errors }) => {
        if (errors) fault = new Refused(errors as unknown as Fault[]);
        else if (data) entries.push(...Object.values(data));
      },
      error: (error) => {
        if (Array.isArray(error)) fault = new Refused(error as Fault[]);
        else broken = error;
      },
      complete: () => undefined,
    },
  );
  const check = () => {
    if (broken !== undefined) throw new Error("the socket failed", { cause: broken });
  };
  return {
    get entries() {
      return entries;
    },
    get fault() {
      return fault;
    },
    until: (what, wanted) =>
      until(what, () => {
        const found = entries.find(wanted);
        if (found) return found;
        check();
        if (fault) throw fault;
        return undefined;
      }),
    ended: () =>
      until("the subscription ends", () => {
        check();
        return fault;
      }),
    close: async () => client.dispose(),
  };
}

/** An entry as a short text without cursors and times: what it tells, and of what. */
export function told(entry: Entry): string {
  switch (entry.__typename) {
    case "InboxCaughtUp":
    case "InboxReset":
      return entry.__typename;
    case "MessageReceived":
      return `received ${entry.message.id} ${entry.message.text}`;
    case "MessageChanged":
      return `${entry.messageChange} ${entry.message.id} ${entry.message.text}`;
    case "JoinRequestChanged":
      return `${entry.request.status} ${entry.request.id}`;
    case "ConversationChanged":
      return `changed ${entry.conversation.id} ${entry.conversation.title}`;
    case "ReadMoved":
      return `read ${entry.conversation.id} ${entry.readSeq}`;
    case "MembershipChanged":
      return `${entry.membershipChange} ${entry.conversation.id} ${entry.user.id} by ${entry.actor.id}`;
    default:
      return (entry as { __typename: string }).__typename;
  }
}

/** What a refused call was refused with. Throws where it was not. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; field?: string }> {
  const fault = await call.then(
    (value) => {
      throw new Error(`it was not refused: ${JSON.stringify(value).slice(0, 300)}`);
    },
    (error: unknown) => error,
  );
  const [first] = fault instanceof Refused ? fault.faults : [];
  if (!first) throw fault;
  const { code, field } = first.extensions;
  return { code, ...(field === undefined ? {} : { field }) };
}

/** Every page of a connection, one after the other. */
export async function pages<Node>(read: (after: string | null) => Promise<Connection<Node>>): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = null; ;) {
    const { edges, pageInfo }: Connection<Node> = await read(after);
    nodes.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage) return nodes;
    after = pageInfo.endCursor;
  }
}
