import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { openSocket, type RawSocket } from "../../support/rawSocket.ts";

/*
 * The longest message that there may be, written as clients may write it, comes over both transports; a longer one is refused on
 * both alike, and ends no more than its own operation.
 */

const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { seq text } } }`;
const INBOX = `subscription { inbox { __typename ... on MessageReceived { message { seq text } } } }`;
const MOST = 16_384;
const LIMIT = 131_072;

let server: ApiServer;
let [ann, bob] = [] as unknown as [Client, Client];
beforeAll(async () => {
  server = await apiServer();
  [ann, bob] = await registeredAll(server, "ann", "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

/** A request, every character beyond ASCII in it as \uXXXX. */
const escaped = (request: object): string =>
  JSON.stringify(request).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

const sending = (text: string) => ({
  query: SEND,
  variables: { input: { clientMutationId: randomUUID(), userId: bob.id, text } },
});

async function admitted(client: Client): Promise<RawSocket> {
  const socket = await openSocket(server.address, { authorization: `Bearer ${client.token}` });
  await socket.next(({ type }) => type === "connection_ack");
  return socket;
}

/** What is answered to a message of this text: by data, or by errors. */
type Sends = (text: string) => Promise<{ data?: unknown; errors?: unknown }>;

const overHttp: Sends = async (text) => {
  const headers = { authorization: `Bearer ${ann.token}`, "content-type": "application/json" };
  const answer = await fetch(`${server.address}/graphql`, { method: "POST", headers, body: escaped(sending(text)) });
  return (await answer.json()) as Awaited<ReturnType<Sends>>;
};

let ids = 0;
const overSocket =
  (socket: RawSocket): Sends =>
  async (text) => {
    const id = `s${(ids += 1)}`;
    socket.send(escaped({ id, type: "subscribe", payload: sending(text) }));
    const { type, payload } = await socket.next((said) => said.id === id);
    return type === "error" ? { errors: payload } : (payload as { data: unknown });
  };

describe("a text", () => {
  it("of 16,384 characters is taken however it is written; a longer one is its own operation's error, on both transports", async () => {
    const [anns, bobs] = [await admitted(ann), await admitted(bob)];
    for (const [id, socket] of [["inbox", anns] as const, ["inbox", bobs] as const]) {
      socket.send({ id, type: "subscribe", payload: { query: INBOX } });
      await socket.next((said) => said.id === id && JSON.stringify(said.payload).includes("InboxCaughtUp"));
    }
    let seq = 0;
    /** Each of the two is told of it, ann over the very socket that the message was sent over. */
    const told = async (text: string) => {
      seq += 1;
      const message = { seq, text };
      for (const socket of [anns, bobs]) {
        const { type, payload } = await socket.next((said) => said.id === "inbox");
        expect([type, payload]).toEqual(["next", { data: { inbox: { __typename: "MessageReceived", message } } }]);
      }
      return message;
    };
    for (const sends of [overSocket(anns), overHttp]) {
      const longest = "购".repeat(MOST);
      expect(escaped(sending(longest)).length).toBeGreaterThan(98_000);
      const sent = await sends(longest);
      expect(sent).toEqual({ data: { sendMessage: { message: await told(longest) } } });

      // A character more, in a request that may still be sent.
      const { errors: tooMany } = await sends("购".repeat(MOST + 1));
      expect(tooMany).toMatchObject([{ extensions: { code: "BAD_INPUT", field: "text" } }]);
      // And in one that is too long itself.
      const { errors: tooLong } = await sends("购".repeat(LIMIT / 6));
      expect(tooLong).toEqual([{ message: `a request has at most ${LIMIT} bytes`, extensions: { code: "BAD_INPUT" } }]);

      // The socket lives on, and so does what it is subscribed to.
      expect(await sends("still here")).toEqual({ data: { sendMessage: { message: await told("still here") } } });
    }
    for (const socket of [anns, bobs]) socket.close();
  });
});
