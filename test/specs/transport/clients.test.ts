import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient } from "graphql-ws";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { until } from "../../support/until.ts";
import { type Running, running } from "../../support/runningApp.ts";
import { noted } from "../../support/smallApi.ts";

const HELLO = "query Hello($name: String) { hello(name: $name) }";
const STEP = "mutation Step($value: Int!) { step(value: $value) }";
const FEED = "subscription Feed($topic: String!) { feed(topic: $topic) { cursor ... on Noted { note { id text } } } }";

async function socketClient(server: Running) {
  const token = await server.token("ann");
  return createClient({
    url: server.ws,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  });
}

test("Apollo Client queries, mutates and subscribes", async () => {
  await using server = await running();
  const sockets = await socketClient(server);
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(sockets),
      new HttpLink({ uri: server.http, headers: { authorization: `Bearer ${await server.token("ann")}` } }),
    ),
  });
  expect((await client.query({ query: gql(HELLO), variables: { name: "apollo" } })).data).toEqual({ hello: "hello apollo" });
  expect((await client.mutate({ mutation: gql(STEP), variables: { value: 1 } })).data).toEqual({ step: [1] });
  await expect(client.query({ query: gql("{ refused }") })).rejects.toMatchObject({
    errors: [{ extensions: { code: "CONFLICT", field: "handle" } }],
  });

  const seen: unknown[] = [];
  const subscription = client.subscribe({ query: gql(FEED), variables: { topic: "a" } }).subscribe(({ data }) => seen.push(data));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  for (const cursor of ["1", "2"]) server.feedOf("a").publish({ ...noted(cursor), shared: cursor });
  await until("both came", () => seen.length === 2);
  expect(seen[1]).toEqual({ feed: { __typename: "Noted", cursor: "2", note: { __typename: "Note", id: "n1", text: "a note" } } });
  subscription.unsubscribe();
  await until("it is released", () => server.feedOf("a").listeners === 0);
  await sockets.dispose();
});

test("urql queries, mutates and subscribes", async () => {
  await using server = await running();
  const sockets = await socketClient(server);
  const headers = { authorization: `Bearer ${await server.token("ann")}` };
  const client = new Client({
    url: server.http,
    preferGetMethod: false,
    fetchOptions: { headers },
    exchanges: [
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: sockets.subscribe(
              { query: query ?? "", variables: variables as Record<string, unknown> },
              sink as never,
            ),
          }),
        }),
      }),
    ],
  });
  expect((await client.query(HELLO, { name: "urql" }).toPromise()).data).toEqual({ hello: "hello urql" });
  expect((await client.query(HELLO, { name: "get" }, { preferGetMethod: "force" }).toPromise()).data).toEqual({
    hello: "hello get",
  });
  expect((await client.mutation(STEP, { value: 2 }).toPromise()).data).toEqual({ step: [2] });
  expect((await client.query("{ refused }", {}).toPromise()).error?.graphQLErrors[0]?.extensions).toEqual({
    code: "CONFLICT",
    field: "handle",
  });

  const seen: unknown[] = [];
  const { unsubscribe } = client.subscription(FEED, { topic: "a" }).subscribe(({ data }) => seen.push(data));
  await until("it listens", () => server.feedOf("a").listeners === 1);
  server.feedOf("a").publish(noted("1"));
  await until("it came", () => seen.length === 1);
  expect(seen[0]).toMatchObject({ feed: { cursor: "1", note: { id: "n1", text: "a note" } } });
  unsubscribe();
  await until("it is released", () => server.feedOf("a").listeners === 0);
  await sockets.dispose();
});

test("graphql-ws iterates a subscription to its end, and connects again after a server went away", async () => {
  await using server = await running();
  const client = await socketClient(server);
  const values: unknown[] = [];
  for await (const { data } of client.iterate<{ count: number }>({ query: "subscription { count(to: 3) }" }))
    values.push(data?.count);
  expect(values).toEqual([1, 2, 3]);

  const token = await server.token("ann");
  const sockets: WebSocket[] = [];
  const steadfast = createClient({
    url: server.ws,
    webSocketImpl: WebSocket,
    connectionParams: { token },
    retryAttempts: 3,
    retryWait: async () => undefined,
    on: { connected: (socket) => sockets.push(socket as WebSocket) },
  });
  const seen: unknown[] = [];
  const sink = { next: (value: unknown) => seen.push(value), error: () => undefined, complete: () => undefined };
  const stop = steadfast.subscribe({ query: FEED, variables: { topic: "a" } }, sink);
  await until("it listens", () => server.feedOf("a").listeners === 1);
  sockets[0]?.terminate();
  await until("it listens on another socket", () => sockets.length === 2 && server.feedOf("a").listeners === 1);
  server.feedOf("a").publish(noted("1"));
  await until("it came", () => seen.length === 1);
  stop();
  await client.dispose();
  await steadfast.dispose();
});
