import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { Writable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { buffered } from "../../../src/transport/buffered.ts";
import { type Outbox, outbox, sendResult } from "../../../src/transport/socket/outbox.ts";
import { registeredAll } from "../../support/client.ts";
import { type ApiServer, apiServer } from "../../support/apiServer.ts";
import { bufferBytes } from "../../support/memory.ts";
import { until } from "../../support/until.ts";

/*
 * What Node cuts from its pool of 8 KiB keeps all of that for as long as it is kept itself. What is told to many is kept for a
 * while: a copy of its own then, and no more.
 */

const SOCKETS = 20;
const WARM = 200;
const MESSAGES = 1_200;
/** Of a message of this test: about 300 are kept for who asks for it next. Cut from the pool, they kept 7,500. */
const BYTES_A_MESSAGE = 1_000;

const INBOX = `subscription { inbox { __typename cursor ... on MessageReceived { message { id seq text sender { id name } } } } }`;
const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) { cursor } }`;

/** A socket that keeps nothing of what it is told but how many messages there were. */
async function listener(server: ApiServer, user: string) {
  const ws = new WebSocket(`${server.address.replace("http", "ws")}/graphql`, "graphql-transport-ws");
  onTestFinished(() => ws.terminate());
  const counts = { received: 0, caughtUp: 0, answered: 0, acknowledged: 0, failed: [] as string[] };
  ws.on("message", (data: Buffer) => {
    const text = data.toString();
    if (text.includes('"MessageReceived"')) counts.received += 1;
    else if (text.includes('"InboxCaughtUp"')) counts.caughtUp += 1;
    else if (text.includes('"sendMessage"') && !text.includes('"errors"')) counts.answered += 1;
    else if (text.includes('"connection_ack"')) counts.acknowledged += 1;
    else if (!text.includes('"complete"')) counts.failed.push(text);
  });
  await once(ws, "open");
  const send = (message: object) => ws.send(JSON.stringify(message));
  send({ type: "connection_init", payload: { authorization: `Bearer ${await server.token(user)}` } });
  await until("it is let in", () => counts.acknowledged === 1);
  return { counts, send };
}

test("messages that twenty sockets are told leave next to nothing behind", { timeout: 180_000 }, async () => {
  await using server = await apiServer();
  const [ann, bob] = await registeredAll(server, "ann", "bob");
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => listener(server, bob.id)));
  for (const { send } of sockets) send({ id: "inbox", type: "subscribe", payload: { query: INBOX } });
  await until("all listen", () => sockets.every(({ counts }) => counts.caughtUp === 1));
  const sender = await listener(server, ann.id);
  let sent = 0;
  /** One after the other: what each socket is sent is cut from the same pieces as what is kept. */
  const say = async (count: number): Promise<void> => {
    for (const last = sent + count; sent < last;) {
      sent += 1;
      const input = { clientMutationId: randomUUID(), userId: bob.id, text: `message ${sent} ${"x".repeat(sent % 200)}` };
      sender.send({ id: `${sent}`, type: "subscribe", payload: { query: SEND, variables: { input } } });
      await until(
        "all are told",
        () => sender.counts.answered === sent && sockets.every(({ counts }) => counts.received === sent),
        undefined,
        1,
      );
    }
  };
  await say(WARM);
  const before = bufferBytes();
  await say(MESSAGES);
  const bytes = (bufferBytes() - before) / MESSAGES;
  expect([sender, ...sockets].flatMap(({ counts }) => counts.failed)).toEqual([]);
  expect(bytes).toBeLessThan(BYTES_A_MESSAGE);
});

/** A connection whose other side takes nothing, or all at once. */
const network = (takes: boolean) =>
  new Writable({ write: (_chunk, _encoding, done) => void (takes && done()), highWaterMark: 1 });

test("what waits for a slow reader is no more in memory than what is counted", async () => {
  const all = buffered(100_000_000);
  const boxOf = (takes: boolean): Outbox => outbox(network(takes), 10_000_000, all, () => undefined);
  const slow = boxOf(false);
  const others = Array.from({ length: SOCKETS - 1 }, () => boxOf(true));
  const before = Buffer.from('{"id":"1","type":"next","payload":');
  const held = bufferBytes();
  for (let count = 0; count < 2_000; count += 1) {
    const payload = Buffer.from(`{"data":{"inbox":{"cursor":"${"c".repeat(400)}"}}}`);
    for (const box of [slow, ...others]) sendResult(box, before, payload);
    await turn();
  }
  expect(slow.held).toBeGreaterThan(900_000);
  expect(all.bytes).toBeLessThan(slow.held + 10_000);
  expect(bufferBytes() - held).toBeLessThan(1.5 * slow.held);
});
