import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client as UrqlClient, fetchExchange, subscriptionExchange } from "@urql/core";
import { OperationTypeNode } from "graphql";
import { createClient, type Client as SocketClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Client, clientOf, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Fault, Refused } from "../../support/http.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
let ann: Client;
let bob: Client;
beforeAll(async () => {
  server = await apiServer();
  [ann, bob] = await registeredAll(server, "ann", "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

const SEND = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { id seq text sender { id name } } } }`;
const READ = `query Read($id: ID!, $at: Cursor) { conversation(id: $id, atLeast: $at) { id title lastSeq messages(last: 1) { edges { cursor node { id text } } } } }`;
const INBOX = `subscription Inbox($after: Cursor) { inbox(after: $after) { __typename cursor ... on MessageReceived { message { id text sender { id name } } } } }`;

type Sent = {
  sendMessage: { cursor: string; message: { id: string; seq: number; text: string; sender: { id: string; name: string } } };
};
type Read = { conversation: { id: string; lastSeq: number; messages: { edges: { node: { id: string; text: string } }[] } } };
type Told = { inbox: { __typename: string; cursor: string; message?: { id: string; text: string } } };

let keys = 0;
const input = (text: string, more: object = {}) => ({ clientMutationId: `clients ${++keys}`, userId: "bob", text, ...more });

const socket = (client: Client): SocketClient =>
  createClient({
    url: `${server.address.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${client.token}` },
    retryAttempts: 0,
  });

/**
 * What a client library must be able to do with this API: its three kinds of operation, and refusals that cannot be overlooked.
 */
type Library = {
  mutate(variables: object): Promise<Sent>;
  query(variables: object): Promise<Read>;
  subscribe(variables: object, next: (told: Told["inbox"]) => void): () => void;
  /** The codes of the errors that the library tells of. */
  refused(variables: object): Promise<unknown[]>;
  close(): Promise<void>;
};

function apollo(client: Client): Library {
  const ws = socket(client);
  const http = new HttpLink({ uri: `${server.address}/graphql`, headers: { authorization: `Bearer ${client.token}` } });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(ws),
    http,
  );
  const library = new ApolloClient({ link, cache: new InMemoryCache() });
  return {
    mutate: async (variables) => {
      const { data } = await library.mutate<Sent>({ mutation: gql(SEND), variables });
      return data as Sent;
    },
    query: async (variables) => {
      const { data } = await library.query<Read>({ query: gql(READ), variables, fetchPolicy: "network-only" });
      return data as Read;
    },
    subscribe: (variables, next) => {
      // An entry is no object that could be asked for again: it does not go into the cache.
      const entries = library.subscribe<Told>({ query: gql(INBOX), variables, fetchPolicy: "no-cache" });
      const subscription = entries.subscribe(({ data }) => {
        if (data) next(data.inbox);
      });
      return () => subscription.unsubscribe();
    },
    refused: async (variables) => {
      const error: unknown = await library.mutate({ mutation: gql(SEND), variables }).catch((fault: unknown) => fault);
      return CombinedGraphQLErrors.is(error) ? error.errors.map(({ extensions }) => extensions?.["code"]) : [error];
    },
    close: async () => {
      library.stop();
      await ws.dispose();
    },
  };
}

function urql(client: Client): Library {
  const ws = socket(client);
  const library = new UrqlClient({
    url: `${server.address}/graphql`,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization: `Bearer ${client.token}` } },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: ws.subscribe({ query: query ?? "", variables: variables as Record<string, unknown> }, sink),
          }),
        }),
      }),
    ],
  });
  return {
    mutate: async (variables) => {
      const { data, error } = await library.mutation<Sent>(SEND, variables);
      if (error) throw error;
      return data as Sent;
    },
    query: async (variables) => {
      const { data, error } = await library.query<Read>(READ, variables);
      if (error) throw error;
      return data as Read;
    },
    subscribe: (variables, next) => {
      const { unsubscribe } = library.subscription<Told>(INBOX, variables).subscribe(({ data }) => {
        if (data) next(data.inbox);
      });
      return unsubscribe;
    },
    refused: async (variables) => {
      const { error } = await library.mutation(SEND, variables);
      return (error?.graphQLErrors ?? []).map(({ extensions }) => extensions["code"]);
    },
    close: async () => ws.dispose(),
  };
}

/** Everything over one socket. */
function overSocket(client: Client): Library {
  const ws = socket(client);
  const once = async <T>(query: string, variables: object) => {
    for await (const { data, errors } of ws.iterate<T>({ query, variables: variables as Record<string, unknown> })) {
      if (errors) throw new Refused(errors as unknown as Fault[]);
      return data as T;
    }
    throw new Error("no answer came");
  };
  return {
    mutate: (variables) => once<Sent>(SEND, variables),
    query: (variables) => once<Read>(READ, variables),
    subscribe: (variables, next) =>
      ws.subscribe<Told>(
        { query: INBOX, variables: variables as Record<string, unknown> },
        { next: ({ data }) => data && next(data.inbox), error: () => undefined, complete: () => undefined },
      ),
    refused: async (variables) => {
      const fault: unknown = await once(SEND, variables).catch((error: unknown) => error);
      return fault instanceof Refused ? fault.faults.map(({ extensions }) => extensions.code) : [fault];
    },
    close: async () => ws.dispose(),
  };
}

/** The plainest there is. Subscriptions go over a socket in any case. */
function bare(client: Client): Library {
  const ask = async <T>(query: string, variables: object) => {
    const answer = await fetch(`${server.address}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${client.token}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await answer.json()) as { data?: T; errors?: { extensions: { code: string } }[] };
  };
  const { subscribe, close } = overSocket(client);
  return {
    mutate: async (variables) => (await ask<Sent>(SEND, variables)).data as Sent,
    query: async (variables) => {
      const url = new URL("/graphql", server.address);
      url.search = new URLSearchParams({ query: READ, variables: JSON.stringify(variables) }).toString();
      const answer = await fetch(url, { headers: { authorization: `Bearer ${client.token}`, accept: "application/json" } });
      return ((await answer.json()) as { data: Read }).data;
    },
    subscribe,
    refused: async (variables) => ((await ask(SEND, variables)).errors ?? []).map(({ extensions }) => extensions.code),
    close,
  };
}

describe.each(Object.entries({ "Apollo Client": apollo, urql, "graphql-ws alone": overSocket, "fetch alone": bare }))(
  "%s",
  (name, open) => {
    it("sends, reads its own write, is told live and of what it missed, and sees refusals", async () => {
      const sender = open(ann);
      const reader = open(bob);
      const { cursor: start } = await bob.sync();
      const live: Told["inbox"][] = [];
      const stop = reader.subscribe({}, (entry) => live.push(entry));
      await until("it listens", () => live.some(({ __typename }) => __typename === "InboxCaughtUp"));

      const { sendMessage } = await sender.mutate({ input: input(`by ${name}`) });
      expect(sendMessage.message).toMatchObject({ text: `by ${name}`, sender: { id: "ann", name: "ann" } });
      const { conversation } = await sender.query({ id: "d:ann~bob", at: sendMessage.cursor });
      expect(conversation).toMatchObject({
        id: "d:ann~bob",
        lastSeq: sendMessage.message.seq,
        messages: {
          edges: [{ cursor: String(sendMessage.message.seq), node: { id: sendMessage.message.id, text: `by ${name}` } }],
        },
      });
      const isIt = ({ message }: Told["inbox"]) => message?.id === sendMessage.message.id;
      await until("it is told live", () => live.some(isIt));
      stop();

      const missed: Told["inbox"][] = [];
      const stopMissed = reader.subscribe({ after: start }, (entry) => missed.push(entry));
      await until("it is caught up", () => missed.some(({ __typename }) => __typename === "InboxCaughtUp"));
      stopMissed();
      expect(missed.map(({ __typename }) => __typename)).toEqual(["MessageReceived", "InboxCaughtUp"]);
      expect(missed[0]).toMatchObject({ cursor: sendMessage.cursor, message: { text: `by ${name}` } });

      expect(await sender.refused({ input: input("", { userId: "bob" }) })).toEqual(["BAD_INPUT"]);
      expect(await sender.refused({ input: input("hello", { userId: "nobody" }) })).toEqual(["NOT_FOUND"]);
      await Promise.all([sender.close(), reader.close()]);
    });
  },
);

describe("the schema", () => {
  it("is told by introspection, with its descriptions", async () => {
    const { __schema: schema } = await ann.ask<{ __schema: { types: { name: string; description: string | null }[] } }>(
      "{ __schema { types { name description } } }",
    );
    const cursor = schema.types.find(({ name }) => name === "Cursor");
    expect(cursor?.description).toContain("text order is log order");
  });

  it("answers what it does not know with BAD_INPUT, and runs nothing of it", async () => {
    const stranger = await clientOf(server, "stranger");
    await expect(stranger.ask("{ viewer { secrets } }")).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(stranger.ask("{ viewer {")).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(ann.ask('mutation { sendMessage(input: { userId: "bob", text: "no id" }) { cursor } }')).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  });
});
