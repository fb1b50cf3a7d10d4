import { randomUUID } from "node:crypto";
import { cp } from "node:fs/promises";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { clientOf } from "../support/client.ts";
import { followInbox } from "../support/followedInbox.ts";
import { type Calls, type Fault, httpCalls } from "../support/http.ts";
import { type Server, startServer } from "../support/server.ts";
import { tempDir } from "../support/tempDir.ts";
import { until } from "../support/until.ts";
import { due } from "./harness/due.ts";
import { wholeLog } from "./harness/wholeLog.ts";
import { type SmallDisk, smallDisk } from "./smallDisk.ts";

/*
 * A disk that runs full under a server: senders are told, nothing that was acknowledged is lost, and once there is room again all
 * goes on, with no more help than that.
 */

const MB = 1 << 20;
const DISK = 32 * MB;
const BALLAST = 14 * MB;
const SENDERS = 6;
/** Messages so long that the disk is full after some hundreds. */
const TEXT = "x".repeat(6_000);
/** So many in a row are refused: it is full. */
const REFUSED = 25;
/** Messages that are due while it is full, and as many that expire. */
const DUE = 5;

type Sent = { sendMessage: { cursor: string; message: { id: string; seq: number } } };
type Call = { by: Calls; clientMutationId: string; conversationId: string; text: string };
type Acknowledged = { call: Call; seq: number; cursor: string };

const SEND = `mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { cursor message { id seq } } }`;

const disk = await smallDisk(DISK);
if (disk === undefined)
  process.stderr.write(
    "\n*** SKIPPED: no disk can be filled here. Mounting one takes root (and CAP_SYS_ADMIN in a container). ***\n\n",
  );

test.skipIf(disk === undefined)("a disk runs full, and has room again", { timeout: 240_000 }, async () => {
  await using(disk as SmallDisk, async (small) => {
    const settings = { EVENTSTORE_URL: "", LOG_LEVEL: "error" };
    const server = await startServer({ dataDir: `${small.path}/data`, settings });
    try {
      await fillAndFree(server, small);
    } finally {
      await server.remove();
    }
  });
});

async function using(small: SmallDisk, work: (small: SmallDisk) => Promise<void>): Promise<void> {
  try {
    await work(small);
  } finally {
    await small.remove();
  }
}

async function fillAndFree(server: Server, small: SmallDisk): Promise<void> {
  const names = Array.from({ length: SENDERS }, (_, n) => `u${n}`);
  const tokens = await Promise.all(names.map((name) => server.token(name)));
  const clients = tokens.map((token) => httpCalls({ address: server.address, token }));
  const [first] = clients as [Calls];
  for (const [n, client] of clients.entries())
    await client.ask(`mutation Register($input: RegisterInput!) { register(input: $input) { cursor } }`, {
      input: { clientMutationId: "register", handle: `u${n}`, name: `u${n}` },
    });
  const { createConversation } = await first.ask<{ createConversation: { cursor: string; conversation: { id: string } } }>(
    `mutation Create($input: CreateConversationInput!) { createConversation(input: $input) { cursor conversation { id } } }`,
    { input: { clientMutationId: "create", kind: "GROUP", title: "Full", memberIds: names.slice(1) } },
  );
  const group = createConversation.conversation.id;
  const start = createConversation.cursor;
  const inbox = followInbox<{ __typename: string; cursor: string; message?: { id: string } }>({
    address: server.address,
    token: tokens[1] as string,
    after: start,
    selection: "... on MessageReceived { message { id } }",
  });
  onTestFinished(() => inbox.close());

  const stored: Acknowledged[] = [];
  const refused: Call[] = [];
  const faults: Fault[] = [];

  /** Sends until nothing is stored any more. */
  const fill = async (): Promise<void> => {
    let inARow = 0;
    const sender = async (by: Calls): Promise<void> => {
      while (inARow < REFUSED) {
        const call = { by, clientMutationId: randomUUID(), conversationId: group, text: TEXT };
        const { by: _, ...input } = call;
        const { data, errors } = await by.post<Partial<Sent>>(SEND, { input });
        const sent = data?.sendMessage;
        if (sent) {
          inARow = 0;
          stored.push({ call, seq: sent.message.seq, cursor: sent.cursor });
        } else {
          inARow++;
          refused.push(call);
          faults.push(...(errors ?? []));
        }
      }
    };
    await Promise.all(clients.map(sender));
  };

  /** What was acknowledged is there, where it was said to be. */
  const check = async (): Promise<void> => {
    const cursor = stored.map((sent) => sent.cursor).reduce((one, other) => (one > other ? one : other));
    const all = await timeline(first, group, cursor);
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1));
    expect(new Set(all.map(({ clientMutationId }) => clientMutationId)).size).toBe(all.length);
    const seqs = new Map(all.map(({ clientMutationId, seq }) => [clientMutationId, seq]));
    expect(stored.map(({ call }) => seqs.get(call.clientMutationId))).toEqual(stored.map(({ seq }) => seq));
  };

  /** Whatever was refused is sent again, as the answer said. */
  const sendAgain = async (): Promise<void> => {
    for (const call of refused.splice(0)) {
      const { by, ...input } = call;
      const { sendMessage } = await by.ask<Sent>(SEND, { input });
      stored.push({ call, seq: sendMessage.message.seq, cursor: sendMessage.cursor });
    }
  };

  // ---- full
  await small.occupy(BALLAST);
  await fill();
  expect(stored.length).toBeGreaterThan(50);
  for (const { extensions, message } of faults) {
    expect(extensions.code, message).toBe("UNAVAILABLE");
    expect(extensions.retryAfterMs).toBeGreaterThan(0);
    expect(message).toMatch(/same clientMutationId again/);
  }
  // Why is for who runs it: clients learn nothing of its disks.
  expect(faults.map(({ message }) => message).join("\n")).not.toContain("disk");
  const { components } = await until("/ready tells of it", async () => {
    const { status, body } = await server.readiness();
    return status === 503 ? body : undefined;
  });
  expect(components["log"]).toMatchObject({
    ready: false,
    detail: expect.stringMatching(/disk .* is full.*free space/) as string,
  });
  // It lives, and who only reads is served.
  expect((await fetch(`${server.url}/live`)).status).toBe(200);
  expect((await first.post(`{ viewer { user { id } } }`)).errors).toBeUndefined();

  // ---- room again: by itself
  await small.release();
  await until("it is ready again", async () => (await server.readiness()).status === 200, 60_000);
  await sendAgain();
  await check();

  // ---- full again, with messages that are due meanwhile, and killed
  const messages = due(await clientOf(server, "u2", { patient: {} }), "u3");
  for (let aheadMs = 2_000; ; aheadMs *= 2) {
    await Promise.all(Array.from({ length: DUE }, () => messages.sendExpiring()));
    const time = Date.now() + aheadMs;
    await Promise.all(Array.from({ length: DUE }, () => messages.schedule(time)));
    await small.occupy(Math.max(0, (await small.free()) - MB));
    await fill();
    if (Date.now() < time) break;
    // It took too long until the disk was full.
    await small.release();
    await sendAgain();
  }
  await until("/ready tells that they are late", async () => {
    const { processes } = (await server.readiness()).body.components;
    return processes?.ready === false && /^scheduled sends: \d+ s late: .*disk/.test(processes.detail ?? "");
  });
  await server.kill();
  await small.release();
  await server.start();
  await sendAgain();
  await check();
  const direct = await clientOf(server, "u3");
  const wanted = messages.count();
  await until("all that was due is sent", async () => (await direct.conversation("d:u2~u3"))?.lastSeq === wanted, 60_000);

  // ---- an orderly end on a full disk, and a start on one: whether or not it can, it says so, and no harm is done
  await small.occupy(await small.free());
  expect(await server.stop()).toBe(0);
  const started = await server.start().then(
    () => undefined,
    (error: Error) => error,
  );
  if (started) expect(started.message).toMatch(/tidings: the disk of .* is full: free space and start again/);
  else await server.kill();
  await small.release();
  await server.start();
  await check();
  expect(server.log()).not.toMatch(/set aside/);

  // ---- and who listened all the time was told of everything once
  const last = stored.reduce((one, other) => (one.cursor > other.cursor ? one : other));
  await until("all is told", () => inbox.fault !== undefined || (inbox.entries.at(-1)?.cursor ?? "") >= last.cursor, 60_000);
  expect(inbox.fault).toBeUndefined();
  const received = inbox.entries.filter(({ __typename }) => __typename === "MessageReceived");
  expect(received.map(({ message }) => message?.id)).toEqual(
    [...stored].sort((one, other) => one.seq - other.seq).map(({ seq }) => `${group}:${seq}`),
  );

  // ---- what was due was done once
  await until("nothing is due any more", async () => {
    const { components } = (await server.readiness()).body;
    const { entries } = await direct.syncAll();
    const expired = entries.filter((entry) => entry.__typename === "MessageChanged" && entry.messageChange === "EXPIRED");
    return components.processes?.ready === true && expired.length === messages.expiring();
  });
  await inbox.close();
  expect(await server.stop()).toBe(0);
  // Read elsewhere: the disk cannot be taken away while something is open on it.
  const copy = await tempDir();
  await cp(server.dataDir, copy.path, { recursive: true });
  messages.check(await wholeLog(readConfig({ ...server.environment, DATA_DIR: copy.path })));
  await copy.remove();
  process.stdout.write(`${stored.length} messages stored, ${faults.length} sends refused meanwhile\n`);
}

type Message = { seq: number; clientMutationId: string };

async function timeline(client: Calls, id: string, atLeast: string): Promise<Message[]> {
  type Page = { edges: { node: Message }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  const all: Message[] = [];
  for (let after: string | null = null; ;) {
    const { conversation }: { conversation: { messages: Page } } = await client.ask(
      `query Timeline($id: ID!, $after: String, $atLeast: Cursor) {
        conversation(id: $id, atLeast: $atLeast) {
          messages(first: 100, after: $after) { edges { node { seq clientMutationId } } pageInfo { hasNextPage endCursor } }
        }
      }`,
      { id, after, atLeast },
    );
    all.push(...conversation.messages.edges.map(({ node }) => node));
    if (!conversation.messages.pageInfo.hasNextPage) return all;
    after = conversation.messages.pageInfo.endCursor;
  }
}
