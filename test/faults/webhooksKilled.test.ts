import { expect, onTestFinished, test, vi } from "vitest";
import { clientOf, registeredAll } from "../support/client.ts";
import { hookReceiver, type Received } from "../support/hookReceiver.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const KILLS = Number(process.env["FAULT_KILLS"] ?? 2);
const ROUNDS = KILLS + 1;
const GROUPS = 6;
/** Messages to each group in a round. */
const EACH = 5;
/** Deliveries of a webhook that may be on their way when a server is killed. */
const ON_THEIR_WAY = 4;

vi.setConfig({ testTimeout: 180_000 + KILLS * 30_000 });

test("of a server that is killed while webhooks are told, nothing is lost, and each conversation is told in order", async () => {
  const [all, one] = await Promise.all([hookReceiver(), hookReceiver()]);
  const server = await startServer({
    settings: { WEBHOOK_PRIVATE: "127.0.0.0/8", WEBHOOK_RETRY: "50ms", WEBHOOK_TIMEOUT: "2s" },
  });
  onTestFinished(async () => {
    await server.remove();
    await Promise.all([all, one].map((receiver) => receiver[Symbol.asyncDispose]()));
  });
  const reachable = { address: () => server.address(), token: server.token };
  await registeredAll(reachable, "writer", "reader");
  // The server is killed while they send: the same call again.
  const writer = await clientOf(reachable, "writer", { patient: { patienceMs: 60_000 } });
  const operator = await clientOf(reachable, "operator", { admin: true, patient: { patienceMs: 60_000 } });
  const groups: string[] = [];
  for (let made = 0; made < GROUPS; made++) {
    const input = { kind: "GROUP", title: `${made}`, memberIds: ["reader"] };
    groups.push((await writer.act("createConversation", input)).conversation.id);
  }
  const [first = ""] = groups;
  const hook = (id: string, url: string, conversationId?: string) =>
    operator.act("putWebhook", { id, url, events: ["MESSAGE_SENT"], ...(conversationId ? { conversationId } : {}) });
  all.secret = (await hook("all", all.url)).secret ?? "";
  one.secret = (await hook("one", one.url, first)).secret ?? "";

  for (let round = 1; round <= ROUNDS; round++) {
    let count = 0;
    // In every second round it fails now and then.
    all.answer = () => (round % 2 === 0 && ++count % 3 === 0 ? { status: 503 } : { status: 204 });
    const before = all.received.length;
    const sending = groups.map(async (conversationId) => {
      for (let part = 1; part <= EACH; part++) await writer.act("sendMessage", { conversationId, text: `${round}.${part}` });
    });
    if (round <= KILLS) {
      await until("it is told", () => all.received.length > before);
      await server.kill();
      await server.start();
    }
    await Promise.all(sending);
  }

  const wanted = Array.from({ length: ROUNDS * EACH }, (_, index) => index + 1);
  const of = (received: readonly Received[], group: string) => received.filter(({ data }) => data["conversationId"] === group);
  const seqsOf = (received: readonly Received[], group: string) => of(received, group).map(({ data }) => Number(data["seq"]));
  const isWhole = (received: readonly Received[], group: string) => new Set(seqsOf(received, group)).size === wanted.length;
  await all.until("all is told", (received) => groups.every((group) => isWhole(received, group)));
  await one.until("all of one is told", (received) => isWhole(received, first));

  const texts = wanted.map((seq) => `${Math.ceil(seq / EACH)}.${((seq - 1) % EACH) + 1}`);
  for (const [receiver, told] of [
    [all, groups],
    [one, [first]],
  ] as const) {
    expect(receiver.refused).toBe(0);
    expect(new Set(receiver.received.map(({ data }) => data["conversationId"]))).toEqual(new Set(told));
    for (const group of told) {
      // Never an older one after a newer one, also where one is told again.
      const seqs = seqsOf(receiver.received, group);
      expect(seqs).toEqual([...seqs].sort((one, other) => one - other));
      expect([...new Set(seqs)]).toEqual(wanted);
      const ids = wanted.map(
        (seq) => new Set(of(receiver.received, group).flatMap(({ id, data }) => (data["seq"] === seq ? [id] : []))),
      );
      expect(ids.every(({ size }) => size === 1)).toBe(true);
      const said = new Map(of(receiver.received, group).map(({ data }) => [Number(data["seq"]), data["text"]]));
      expect(wanted.map((seq) => said.get(seq))).toEqual(texts);
    }
  }
  // To the one that never fails, nothing is told twice but what was on its way.
  expect(one.received.length - wanted.length).toBeLessThanOrEqual(KILLS * ON_THEIR_WAY);
  expect(server.faults()).toEqual([]);
});
