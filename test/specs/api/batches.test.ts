import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, clientOf, registered } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";

let server: ApiServer;
let ann: Client;
beforeAll(async () => {
  server = await apiServer();
  ann = await registered(server, "ann");
  await registered(server, "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

type Sent = { cursor?: string; message: { text: string } } | null;

describe("an operation of several root fields", () => {
  it("gives the answers of the mutations beside one that was refused", async () => {
    const send = (key: string, to: string) =>
      `${key}: sendMessage(input: { clientMutationId: "${key}", ${to}, text: "${key}" }) { ${key === "three" ? "cursor " : ""}message { text } }`;
    const { status, data, errors } = await ann.post<Record<string, Sent>>(
      `mutation { ${send("one", 'userId: "bob"')} ${send("two", 'userId: "nobody"')} ${send("three", 'userId: "bob"')} }`,
    );
    expect(status).toBe(200);
    const three = { cursor: expect.any(String) as string, message: { text: "three" } };
    expect(data).toEqual({ one: { message: { text: "one" } }, two: null, three });
    expect(errors).toEqual([expect.objectContaining({ path: ["two"], extensions: { code: "NOT_FOUND", field: "userId" } })]);
    const { edges } = await ann.messages("d:ann~bob", { atLeast: data?.["three"]?.cursor });
    expect(edges.map(({ node }) => node.text)).toEqual(["one", "three"]);
  });

  it("gives the answers of the searches beside one that was refused, and of what only operators may see", async () => {
    const { status, data, errors } = await ann.post(`{
      searchUsers(query: { name: "bob" }) { edges { node { user { id } } } }
      searchMessages(query: { text: "x" }, first: 0) { totalCount }
      searchConversations(query: {}) { edges { cursor } }
      admin { projections { name } }
      viewer { user { id } }
    }`);
    expect(status).toBe(200);
    expect(data).toEqual({
      searchUsers: { edges: [{ node: { user: { id: "bob" } } }] },
      searchMessages: null,
      searchConversations: null,
      admin: null,
      viewer: { user: { id: "ann" } },
    });
    expect((errors ?? []).map(({ path, extensions: { code, field } }) => [path?.join("."), code, field]).sort()).toEqual([
      ["admin", "FORBIDDEN", undefined],
      ["searchConversations", "BAD_INPUT", "query"],
      ["searchMessages", "BAD_INPUT", "first"],
    ]);
  });

  it("is answered with 200 and a null for each field if all were refused", async () => {
    const stranger = await clientOf(server, "stranger");
    const { status, data, errors } = await stranger.post(
      `mutation { markRead(input: { clientMutationId: "a", conversationId: "g:x", seq: 1 }) { cursor } }`,
    );
    expect([status, data]).toEqual([200, { markRead: null }]);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["NOT_FOUND"]);
  });
});
