import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../../src/domain/refusal.ts";
import { type ApiWorld, apiWorld, type Json } from "../../support/apiWorld.ts";

/* Who names their direct conversation with its two members in the wrong order is told its id; a stranger is told nothing. */

let at: ApiWorld;
beforeAll(async () => {
  at = await apiWorld({ searched: true });
  for (const user of ["alice", "bob", "eve"]) await at.register(user);
});
afterAll(() => at.close());

const input = (name: string, type: string, more: Json = {}) =>
  [
    `mutation ($input: ${type}!) { ${name}(input: $input) { cursor } }`,
    (id: string): Json => ({ input: { clientMutationId: "1", conversationId: id, ...more } }),
  ] as const;
/** With what a call is refused; nothing where it is not. */
async function refusal(call: Promise<unknown>): Promise<{ code?: string; field?: string | undefined; message?: string }> {
  try {
    await call;
    return {};
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: error.code, field: error.field, message: error.message };
  }
}

const argument = (document: string) => [document, (id: string): Json => ({ id })] as const;

describe.each([
  ["sendMessage", "conversationId", "", ...input("sendMessage", "SendMessageInput", { text: "Hello" })],
  ["editMessage", "conversationId", "", ...input("editMessage", "EditMessageInput", { seq: 1, text: "Hello" })],
  ["recallMessage", "conversationId", "", ...input("recallMessage", "MessageInput", { seq: 1 })],
  ["markRead", "conversationId", "", ...input("markRead", "MarkReadInput", { seq: 1 })],
  [
    "searchMessages",
    "conversationId",
    "",
    "query ($query: MessageQuery!) { searchMessages(query: $query) { totalCount } }",
    (id: string): Json => ({ query: { conversationId: id } }),
  ],
  ["conversation", "id", "", ...argument("query ($id: ID!) { conversation(id: $id) { id } }")],
  ["node", "id", "", ...argument("query ($id: ID!) { node(id: $id) { id } }")],
  ["node of a message", "id", ":7", ...argument("query ($id: ID!) { node(id: $id) { id } }")],
] as const)("%s", (_name, field, rest, document, variables) => {
  const refusedTo = (user: string, id: string) => refusal(at.ask(user, document, variables(`${id}${rest}`)));

  test.each(["alice", "bob"])("tells %s the right id", async (user) => {
    expect(await refusedTo(user, "d:bob~alice")).toEqual({
      code: "BAD_INPUT",
      field,
      message: `${field}: a direct conversation names its two members in order: yours is d:alice~bob`,
    });
  });

  test("tells a stranger the same as of an id that is none", async () => {
    const told = await refusedTo("eve", "d:bob~alice");
    expect(told).toMatchObject({ code: "BAD_INPUT", field });
    expect(told).toEqual(await refusedTo("eve", "d:nobody~at.all"));
    expect(told?.message).not.toContain("alice");
  });

  test("takes the right one", async () => {
    expect(await refusedTo("alice", `d:alice~bob`)).not.toMatchObject({ code: "BAD_INPUT" });
  });
});

test("a subscription to it tells the right id, too", async () => {
  expect(await refusal(at.listen("alice", "d:bob~alice"))).toMatchObject({
    message: expect.stringMatching(/yours is d:alice~bob/) as string,
  });
  expect(await refusal(at.listen("eve", "d:bob~alice"))).not.toMatchObject({ message: expect.stringMatching(/alice/) as string });
});
