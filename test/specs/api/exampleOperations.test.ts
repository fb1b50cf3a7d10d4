import { Kind, parse, validate } from "graphql";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exampleOperations } from "../../../src/api/exampleOperations.ts";
import { buildSchema } from "../../../src/api/schema.ts";
import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { until } from "../../support/until.ts";

let server: ApiServer;
beforeAll(async () => {
  server = await apiServer();
  // The server is ready before.
  await until("search is live", async () => (await server.tidings.health()).projections["search"]?.state === "LIVE");
});
afterAll(() => server[Symbol.asyncDispose]());

const document = parse(exampleOperations);
const names = document.definitions.flatMap((node) => (node.kind === Kind.OPERATION_DEFINITION ? [node.name?.value ?? ""] : []));

it("the IDE's first tab holds operations of the schema, each with a name of its own", async () => {
  expect(validate(buildSchema(), document)).toEqual([]);
  expect(names).toEqual(["Register", "CreateGroup", "Send", "Conversations", "Search", "Inbox"]);
  const script = await (await fetch(`${server.address}/graphiql/ide.js`)).text();
  expect(script).toContain(`const operations = ${JSON.stringify(exampleOperations)};`);
});

it("they run one after the other", async () => {
  const authorization = `Bearer ${await server.token("alice")}`;
  const client = createClient({
    url: `${server.address.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
  });
  let conversationId: string | undefined;
  for (const operationName of names) {
    const variables = operationName === "Send" ? { conversationId } : {};
    const results = client.iterate<Record<string, never>>({ query: exampleOperations, operationName, variables });
    const { value } = (await results.next()) as { value: { data?: Record<string, unknown>; errors?: unknown } };
    expect({ operationName, ...value }).toEqual({ operationName, data: expect.any(Object) as object });
    if (operationName === "CreateGroup")
      conversationId = (value.data as { createConversation: { conversation: { id: string } } }).createConversation.conversation
        .id;
    if (operationName === "Inbox") expect(value.data).toMatchObject({ inbox: { __typename: "InboxCaughtUp" } });
    await results.return?.();
  }
  await client.dispose();
});
