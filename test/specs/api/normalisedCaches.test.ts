import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { Client as UrqlClient, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { type GraphQLInterfaceType, introspectionFromSchema, OperationTypeNode } from "graphql";
import { createClient as createEvents } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";
import { createElement } from "react";
import { commitMutation, fetchQuery, RelayEnvironmentProvider, requestSubscription, useLazyLoadQuery } from "react-relay";
import {
  Environment,
  type GraphQLResponse,
  type GraphQLTaggedNode,
  Network,
  Observable,
  RecordSource,
  type RequestParameters,
  Store,
} from "relay-runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { buildSchema } from "../../../src/api/schema.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { type Client, registeredAll } from "../../support/client.ts";
import { until } from "../../support/until.ts";

/*
 * The three clients with a normalised cache that people use, each with the same five operations and a subscription, and each over
 * another way to subscribe: what a mutation or an entry brings is at once wherever it is shown, and none of them warns.
 */

const CONVERSATION = "id title unreadCount lastMessage { id text }";
const texts = {
  List: `query othersListQuery { viewer { conversations(first: 10) { cursor edges { cursor node { ${CONVERSATION} } } } } }`,
  Messages:
    "query othersMessagesQuery($id: ID!) { conversation(id: $id) { id messages(last: 10) { edges { cursor node { id seq text } } } } }",
  Send: `mutation othersSendMutation($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { id seq text conversation { ${CONVERSATION} } } } }`,
  Edit: "mutation othersEditMutation($input: EditMessageInput!) { editMessage(input: $input) { cursor message { id text editedAt } } }",
  Read: `mutation othersReadMutation($input: MarkReadInput!) { markRead(input: $input) { cursor conversation { id unreadCount } } }`,
  Inbox: `subscription othersInboxSubscription($after: Cursor) { inbox(after: $after) { __typename cursor ... on MessageReceived { message { id seq text conversation { ${CONVERSATION} } } } } }`,
};
type Name = keyof typeof texts;

type List = {
  viewer: {
    conversations: {
      cursor: string;
      edges: { node: { id: string; title: string; unreadCount: number; lastMessage: { id: string; text: string } } }[];
    };
  };
};
type Messages = { conversation: { messages: { edges: { node: { id: string; seq: number; text: string } }[] } } };
type Told = { inbox: { __typename: string; cursor: string } };

/** What each is asked to do. */
type Library = {
  /** From the network. */
  query<Data>(name: Name, variables?: object): Promise<Data>;
  /** From the cache alone. */
  cached<Data>(name: Name, variables?: object): Promise<Data | undefined>;
  mutate(name: Name, variables: object): Promise<void>;
  subscribe(variables: object, next: (told: Told["inbox"]) => void): () => void;
  close(): Promise<void> | void;
};

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Beside the build, where packages are found; what is here is no part of the project. */
const folder = join(root, "dist", `relay-${randomUUID()}`);
const schema = buildSchema();
let server: ApiServer;
let ann: Client;
let bob: Client;
const artifacts = {} as Record<Name, GraphQLTaggedNode>;

/** Compiles the operations as Relay's compiler does, and gives what it says. */
async function compiled(): Promise<string> {
  await mkdir(join(folder, "src"), { recursive: true });
  const tagged = Object.values(texts).map((text) => `graphql\`${text}\`;\n`);
  await writeFile(join(folder, "src/others.js"), tagged.join(""));
  const config = {
    ...{ src: "src", schema: "schema.graphql", language: "javascript", artifactDirectory: "made", eagerEsModules: true },
    persistConfig: { file: "documents.json", algorithm: "SHA256" },
  };
  await writeFile(join(folder, "relay.config.json"), JSON.stringify(config));
  await writeFile(join(folder, "schema.graphql"), await readFile(join(root, "src/api/schema.graphql"), "utf8"));
  await writeFile(join(folder, "documents.json"), "{}");
  await mkdir(join(folder, "made"));
  const command = join(root, "node_modules/relay-compiler/cli.js");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [command, "relay.config.json"], { cwd: folder });
  return stdout + stderr;
}

beforeAll(async () => {
  const said = await compiled();
  expect(said).not.toMatch(/warn|error/i);
  server = await apiServer({ DOCUMENTS: join(folder, "documents.json") });
  [ann, bob] = await registeredAll(server, "ann", "bob");
  for (const name of Object.keys(texts) as Name[]) {
    const kind = /^(query|mutation|subscription) (\w+)/.exec(texts[name])?.[2];
    artifacts[name] = (
      (await import(/* @vite-ignore */ join(folder, `made/${kind}.graphql.js`))) as { default: GraphQLTaggedNode }
    ).default;
  }
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const url = () => `${server.address}/graphql`;
const bearer = ({ token }: Client) => ({ authorization: `Bearer ${token}` });

/** Subscribes over a WebSocket, and sends documents by their hashes once they are known. */
function apollo(client: Client): Library {
  const socket = createSocket({ url: url().replace("http", "ws"), webSocketImpl: WebSocket, connectionParams: bearer(client) });
  const documents = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, gql(text)])) as Record<
    Name,
    ReturnType<typeof gql>
  >;
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const library = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new PersistedQueryLink({ sha256 }).concat(new HttpLink({ uri: url(), headers: bearer(client) })),
    ),
    cache: new InMemoryCache({
      possibleTypes: {
        InboxEntry: schema.getPossibleTypes(schema.getType("InboxEntry") as GraphQLInterfaceType).map(({ name }) => name),
      },
      typePolicies: { Viewer: { keyFields: [] }, Subscription: { fields: { inbox: { merge: false } } } },
    }),
  });
  return {
    query: async <Data>(name: Name, variables = {}) =>
      (await library.query({ query: documents[name], variables, fetchPolicy: "network-only" })).data as Data,
    cached: async <Data>(name: Name, variables = {}) =>
      (library.readQuery({ query: documents[name], variables }) ?? undefined) as Data | undefined,
    mutate: async (name, variables) => void (await library.mutate({ mutation: documents[name], variables })),
    subscribe(variables, next) {
      const told = library
        .subscribe<Told>({ query: documents.Inbox, variables })
        .subscribe(({ data }) => data && next(data.inbox));
      return () => told.unsubscribe();
    },
    async close() {
      library.stop();
      await socket.dispose();
    },
  };
}

/** Subscribes by events, which urql does by itself. */
function urql(client: Client): Library {
  const library = new UrqlClient({
    url: url(),
    preferGetMethod: false,
    fetchSubscriptions: true,
    fetchOptions: { headers: bearer(client) },
    exchanges: [
      cacheExchange({
        schema: introspectionFromSchema(schema, { descriptions: false }) as never,
        keys: {
          Viewer: () => "me",
          MessageReceived: () => null,
          InboxCaughtUp: () => null,
          ReadMoved: () => null,
          MessageChanged: () => null,
        },
      }),
      fetchExchange,
    ],
  });
  const done = <Data>({ data, error }: { data?: Data; error?: Error | undefined }): Data => {
    if (error) throw error;
    return data as Data;
  };
  return {
    query: async <Data>(name: Name, variables = {}) =>
      done<Data>(await library.query(texts[name], variables, { requestPolicy: "network-only" })),
    cached: async <Data>(name: Name, variables = {}) =>
      library.readQuery<Data>(texts[name], variables, { requestPolicy: "cache-only" })?.data,
    mutate: async (name, variables) => void done(await library.mutation(texts[name], variables)),
    subscribe: (variables, next) =>
      library.subscription<Told>(texts.Inbox, variables).subscribe(({ data }) => data && next(data.inbox)).unsubscribe,
    close: () => undefined,
  };
}

/** Names documents by the ids that its compiler gave them, and subscribes with graphql-sse. */
function relay(client: Client): Library {
  const events = createEvents({ url: url(), headers: bearer(client) });
  const named = ({ id, text }: RequestParameters, variables: object) => {
    expect(text).toBeNull();
    return { documentId: id, variables };
  };
  const environment = new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(
      async (parameters, variables) => {
        const headers = { ...bearer(client), "content-type": "application/json" };
        const answer = await fetch(url(), { method: "POST", headers, body: JSON.stringify(named(parameters, variables)) });
        return (await answer.json()) as GraphQLResponse;
      },
      (parameters, variables) =>
        Observable.create((sink) => events.subscribe(named(parameters, variables) as never, sink as never)),
    ),
  });
  /** What a component shows of what is in the store. */
  const shown = <Data>(name: Name, variables: object): Data | undefined => {
    let data: Data | undefined;
    const Shown = () => {
      data = useLazyLoadQuery(artifacts[name], variables, { fetchPolicy: "store-only" }) as Data;
      return null;
    };
    renderToStaticMarkup(createElement(RelayEnvironmentProvider, { environment, children: createElement(Shown) }));
    return data;
  };
  return {
    query: async <Data>(name: Name, variables = {}) =>
      (await fetchQuery(environment, artifacts[name], variables).toPromise()) as Data,
    cached: async <Data>(name: Name, variables = {}) => shown<Data>(name, variables),
    mutate: (name, variables) =>
      new Promise((resolve, reject) => {
        commitMutation(environment, {
          mutation: artifacts[name],
          variables: variables as Record<string, unknown>,
          onCompleted: (_, errors) => (errors?.length ? reject(new Error(errors[0]?.message)) : resolve()),
          onError: reject,
        });
      }),
    subscribe(variables, next) {
      const told = requestSubscription(environment, {
        subscription: artifacts.Inbox,
        variables,
        onNext: (data) => next((data as Told).inbox),
      });
      return () => told.dispose();
    },
    close: () => events.dispose(),
  };
}

/** Without its types, which need those of a browser. */
const { renderToStaticMarkup } = createRequire(import.meta.url)("react-dom/server") as {
  renderToStaticMarkup(element: unknown): string;
};

let keys = 0;
const key = () => `caches ${++keys}`;
const conversationId = "d:ann~bob";

describe.each(Object.entries({ "Apollo Client": apollo, "urql with graphcache": urql, "react-relay": relay }))(
  "%s",
  (name, open) => {
    test("keeps what it is told in one place, and warns of nothing", async () => {
      const said = (["warn", "error", "info", "debug", "log"] as const).map((level) =>
        vi.spyOn(console, level).mockImplementation(() => undefined),
      );
      await ann.act("sendMessage", { clientMutationId: key(), userId: "bob", text: `before ${name}` });
      const library = open(bob);
      const list = await library.query<List>("List");
      const cursor = list.viewer.conversations.cursor;
      const shown = async () => (await library.cached<List>("List"))?.viewer.conversations.edges[0]?.node;
      const page = async () =>
        (await library.cached<Messages>("Messages", { id: conversationId }))?.conversation.messages.edges.map(
          ({ node }) => node.text,
        );
      await library.query<Messages>("Messages", { id: conversationId });
      expect((await page())?.at(-1)).toBe(`before ${name}`);
      expect(await shown()).toMatchObject({
        id: conversationId,
        title: "ann",
        unreadCount: 1,
        lastMessage: { text: `before ${name}` },
      });

      // What a mutation answers is where it is shown.
      await library.mutate("Send", { input: { clientMutationId: key(), conversationId, text: "an answr" } });
      expect(await shown()).toMatchObject({ unreadCount: 0, lastMessage: { text: "an answr" } });
      const seq =
        (await library.query<Messages>("Messages", { id: conversationId })).conversation.messages.edges.at(-1)?.node.seq ?? 0;
      await library.mutate("Edit", { input: { clientMutationId: key(), conversationId, seq, text: "an answer" } });
      expect((await page())?.at(-1)).toBe("an answer");
      expect(await shown()).toMatchObject({ lastMessage: { text: "an answer" } });

      // So is what the subscription tells, of what was missed and live.
      const told: Told["inbox"][] = [];
      const stop = library.subscribe({ after: cursor }, (entry) => told.push(entry));
      await until("it is caught up", () => told.some(({ __typename }) => __typename === "InboxCaughtUp"));
      expect(told[0]?.__typename).toBe("MessageReceived");
      const { cursor: sent, message } = await ann.act("sendMessage", {
        clientMutationId: key(),
        userId: "bob",
        text: `live ${name}`,
      });
      await until("it is told", () => told.some((entry) => entry.cursor === sent));
      await until("it is shown", async () => (await shown())?.lastMessage.text === `live ${name}`);
      expect(await shown()).toMatchObject({ unreadCount: 1 });
      await library.mutate("Read", { input: { clientMutationId: key(), conversationId, seq: message.seq } });
      expect(await shown()).toMatchObject({ unreadCount: 0 });
      stop();
      await library.close();
      expect(said.flatMap(({ mock }) => mock.calls)).toEqual([]);
    });
  },
);
