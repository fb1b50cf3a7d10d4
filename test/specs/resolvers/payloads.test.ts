import { getOperationAST, parse } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { SHARED_FIELDS } from "../../../src/api/inbox/deliveries.ts";
import { readsOf } from "../../../src/transport/execution/shared.ts";
import { type ApiWorld, apiWorld, type Json, schema } from "../../support/apiWorld.ts";

let here: ApiWorld;
afterEach(() => here.close());

const begin = async (...users: string[]) => {
  here = await apiWorld();
  await here.register(...users);
  return here;
};

const act = async (user: string, name: string, type: string, input: Json, selection: string) =>
  (
    await here.ask(user, `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`, {
      input: { clientMutationId: here.key(), ...input },
    })
  )[name] as Json;

describe("the payload of a mutation", () => {
  test("about a message has the edge that the list of messages gives", async () => {
    const { ask } = await begin("ann", "bob");
    const edge = "edge { cursor node { id text editedAt } } message { id text editedAt }";
    const listed = async () =>
      (
        (await ask("ann", `{ conversation(id: "d:ann~bob") { messages { edges { cursor node { id text editedAt } } } } }`))[
          "conversation"
        ] as { messages: { edges: Json[] } }
      ).messages.edges[0];
    const sent = await act("ann", "sendMessage", "SendMessageInput", { userId: "bob", text: "one" }, edge);
    await here.caughtUp();
    expect(sent["edge"]).toEqual(await listed());
    const place = { conversationId: "d:ann~bob", seq: 1 };
    const edited = await act("ann", "editMessage", "EditMessageInput", { ...place, text: "two" }, edge);
    expect(edited["edge"]).toEqual(await listed());
    expect((edited["edge"] as { node: Json }).node).toEqual(edited["message"]);
    const recalled = await act("ann", "recallMessage", "MessageInput", place, edge);
    expect(recalled["edge"]).toMatchObject({ cursor: "1", node: { text: null } });
  });

  test("that moves what is unread has the viewer as it left them", async () => {
    const { send, group } = await begin("ann", "bob");
    const id = await group("ann", ["bob"]);
    for (const text of ["one", "two"]) await send("ann", id, text);
    await send("ann", "bob", "three");
    const viewer = "viewer { user { id } unreadTotal }";
    const total = (unreadTotal: number) => ({ user: { id: "bob" }, unreadTotal });
    const on = { conversationId: id };
    expect((await act("bob", "markRead", "MarkReadInput", { ...on, seq: 1 }, viewer))["viewer"]).toEqual(total(2));
    // To send is to have read.
    expect((await act("bob", "sendMessage", "SendMessageInput", { ...on, text: "x" }, viewer))["viewer"]).toEqual(total(1));
    expect((await act("bob", "leave", "NodeInput", { id }, viewer))["viewer"]).toEqual(total(1));
    expect((await act("bob", "markRead", "MarkReadInput", { conversationId: "d:ann~bob", seq: 1 }, viewer))["viewer"]).toEqual(
      total(0),
    );
  });
});

describe("an entry", () => {
  const ENTRIES = `entries { __typename ... on MessageReceived { message { id } edge { cursor node { id text } } viewer { user { id } unreadTotal } }
    ... on ReadMoved { readSeq viewer { unreadTotal } } }`;

  test("of a message has its edge, and what moves what is unread has the viewer", async () => {
    const { send, ask } = await begin("ann", "bob");
    await send("ann", "bob", "one");
    await send("ann", "bob", "two");
    await act("bob", "markRead", "MarkReadInput", { conversationId: "d:ann~bob", seq: 1 }, "cursor");
    await here.caughtUp();
    const { viewer } = (await ask("bob", `{ viewer { sync { ${ENTRIES} } } }`)) as { viewer: { sync: { entries: Json[] } } };
    const received = (seq: number, text: string) => ({
      __typename: "MessageReceived",
      message: { id: `d:ann~bob:${seq}` },
      edge: { cursor: String(seq), node: { id: `d:ann~bob:${seq}`, text } },
      viewer: { user: { id: "bob" }, unreadTotal: 1 },
    });
    expect(viewer.sync.entries).toEqual([
      received(1, "one"),
      received(2, "two"),
      { __typename: "ReadMoved", readSeq: 1, viewer: { unreadTotal: 1 } },
    ]);
  });

  test("counts what is unread once an answer, however many entries ask for it", async () => {
    const { send, ask, reads } = await begin("ann", "bob");
    for (let count = 0; count < 20; count++) await send("ann", "bob", `${count}`);
    await here.caughtUp();
    const asked = async (limit: number) => {
      reads.reset();
      await ask("bob", `{ viewer { sync(limit: ${limit}) { entries { ... on MessageReceived { viewer { unreadTotal } } } } } }`);
      const { get, getMany } = reads;
      return { get, getMany };
    };
    expect(await asked(20)).toEqual(await asked(1));
  });

  const shareable = (selection: string) => {
    const document = parse(`subscription { inbox { __typename cursor ... on MessageReceived { ${selection} } } }`);
    const operation = getOperationAST(document);
    if (!operation) throw new Error("no operation");
    return readsOf(schema, document, operation, SHARED_FIELDS).shareable;
  };

  test("is made once for all who do not ask for their viewer", async () => {
    await begin();
    expect(shareable("message { id text } edge { cursor node { id text sender { id name } } }")).toBe(true);
    expect(shareable("edge { cursor node { id } } viewer { unreadTotal }")).toBe(false);
  });
});
