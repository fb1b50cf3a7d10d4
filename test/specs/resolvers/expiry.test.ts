import { afterEach, describe, expect, test } from "vitest";
import { streams } from "../../../src/domain/ids.ts";
import { type ApiWorld, apiWorld, told, upTo } from "../../support/apiWorld.ts";
import { refused } from "../../support/refused.ts";

/* What is shown of a message that expires, before anything says that it has: nothing from the moment on. */

let here: ApiWorld;
afterEach(() => here.close());

const LASTS_S = 3_600;
const ID = "d:ann~bob";
const file = {
  url: "https://files.example.org/a.png",
  name: "a.png",
  mediaType: "image/png",
  size: 3,
  width: null,
  height: null,
};

const begin = async () => {
  here = await apiWorld({ searched: true });
  await here.register("ann", "bob");
  await here.send("ann", "bob", "a secret word", {
    expiresAfterSeconds: LASTS_S,
    attachments: [file],
    mentions: ["bob"],
    mentionsAll: true,
  });
  await here.caughtUp();
};

const MESSAGE = `id text attachments { url } mentions { id } mentionsAll reactions { emoji } sentAt expiresAt recalledAt`;
type Message = { id: string; text: string | null; attachments: object[]; mentions: object[]; sentAt: string; expiresAt: string };

/** It, wherever it may be read. */
const everywhere = async (user: string): Promise<Message[]> => {
  const { conversation, node, viewer } = (await here.ask(
    user,
    `{
      conversation(id: "${ID}") { messages(last: 10) { edges { node { ${MESSAGE} } } } message(seq: 1) { ${MESSAGE} } lastMessage { ${MESSAGE} } }
      node(id: "${ID}:1") { ... on Message { ${MESSAGE} } }
      viewer { sync { entries { ... on MessageReceived { message { ${MESSAGE} } } } } }
    }`,
  )) as {
    conversation: { messages: { edges: { node: Message }[] }; message: Message; lastMessage: Message };
    node: Message;
    viewer: { sync: { entries: { message: Message }[] } };
  };
  return [
    ...conversation.messages.edges.map((edge) => edge.node),
    conversation.message,
    conversation.lastMessage,
    node,
    ...viewer.sync.entries.map(({ message }) => message),
  ];
};
const foundBy = async (user: string) =>
  (
    (await here.ask(
      user,
      `{ searchMessages(query: { text: "secret" }) { edges { node { message { id } highlights { text } } } } }`,
    )) as {
      searchMessages: { edges: object[] };
    }
  ).searchMessages.edges.length;

describe("a message that expires", () => {
  test("is shown like any other until then, and says when that is", async () => {
    await begin();
    const all = await everywhere("bob");
    expect(all).toHaveLength(5);
    for (const message of all) {
      expect(message).toMatchObject({ text: "a secret word", attachments: [{ url: file.url }], mentions: [{ id: "bob" }] });
      expect(Date.parse(message.expiresAt) - Date.parse(message.sentAt)).toBe(LASTS_S * 1_000);
    }
    expect(await foundBy("bob")).toBe(1);
  });

  test("shows nothing from then on, to nobody and nowhere, before any event says so", async () => {
    await begin();
    here.pass(LASTS_S * 1_000);
    for (const user of ["ann", "bob"]) {
      const all = await everywhere(user);
      expect(all).toHaveLength(5);
      for (const message of all)
        expect(message).toMatchObject({
          text: null,
          attachments: [],
          mentions: [],
          mentionsAll: false,
          reactions: [],
          recalledAt: null,
          expiresAt: expect.any(String) as string,
        });
      expect(await foundBy(user)).toBe(0);
    }
  });

  test("is neither edited nor reacted to from then on, and may be recalled", async () => {
    await begin();
    here.pass(LASTS_S * 1_000);
    const input = { conversationId: ID, seq: 1 };
    const edit = here.services.commands.editMessage(
      { userId: "ann", admin: false },
      { clientMutationId: "e", ...input, text: "no" },
    );
    await refused(edit, "CONFLICT", "seq");
    const react = here.services.commands.react(
      { userId: "bob", admin: false },
      { clientMutationId: "r", ...input, emoji: "👍", on: true },
    );
    await refused(react, "CONFLICT", "seq");
    await here.services.commands.recallMessage({ userId: "ann", admin: false }, { clientMutationId: "c", ...input });
    await here.caughtUp();
    for (const message of (await everywhere("bob")).slice(0, 3))
      expect(message).toMatchObject({ text: null, recalledAt: expect.any(String) as string });
  });

  test("is not forwarded, not even before: a copy would outlast it", async () => {
    await begin();
    const forward = () =>
      here.services.commands.forwardMessages(
        { userId: "bob", admin: false },
        { clientMutationId: here.key(), fromConversationId: ID, seqs: [1], toConversationId: ID },
      );
    await refused(forward(), "CONFLICT", "seqs");
    here.pass(LASTS_S * 1_000);
    await refused(forward(), "CONFLICT", "seqs");
  });

  test("is neither pinned from then on", async () => {
    await begin();
    here.pass(LASTS_S * 1_000);
    const pin = here.services.commands.pinMessage(
      { userId: "bob", admin: false },
      { clientMutationId: "p", conversationId: ID, seq: 1, on: true },
    );
    await refused(pin, "CONFLICT", "seq");
  });

  test("is delivered without its content to whoever comes late, and no delivery of it is shared before", async () => {
    await begin();
    const stream = await here.inbox("bob", here.log.origin);
    const { value } = await stream.next();
    expect(value && told(value).text).toBe("received a secret word");
    expect(value?.shared).toBeUndefined();
    await stream.return?.();

    await here.record(streams.annotation(ID, 1), "~time", [{ type: "MessageExpired", data: { conversationId: ID, seq: 1 } }]);
    await here.caughtUp();
    const late = await here.inbox("bob", here.log.origin);
    const entries = await upTo(late, "InboxCaughtUp");
    expect(entries.map(({ text }) => text)).toEqual(["received null", "EXPIRED null", "InboxCaughtUp"]);
    await late.return?.();
  });

  test("is the same message again only if it lasts as long", async () => {
    await begin();
    const send = (seconds?: number) =>
      here.send("ann", "bob", "twice", {
        clientMutationId: "twice",
        ...(seconds === undefined ? {} : { expiresAfterSeconds: seconds }),
      });
    const first = await send(60);
    here.pass(30_000);
    expect(await send(60)).toBe(first);
    await refused(send(61), "CONFLICT", "clientMutationId");
    await refused(send(), "CONFLICT", "clientMutationId");
  });
});
