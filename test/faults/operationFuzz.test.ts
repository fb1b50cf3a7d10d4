import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { buildSchema } from "../../src/api/schema.ts";
import { type Server, startServer } from "../support/server.ts";
import { type Asked, documentsOf, type Known } from "./harness/documents.ts";
import { randomOf } from "../support/random.ts";

/**
 * Operations made at random from the schema, run as random users over HTTP and WebSocket against one server:
 *   OPERATIONS=200000 npx vitest run test/faults/operationFuzz.test.ts
 * OPERATION_SEED repeats a run. What a bystander waits for meanwhile is printed.
 */
const OPERATIONS = Number(process.env.OPERATIONS ?? 2_000);
const SEED = Number(process.env.OPERATION_SEED ?? Math.floor(Math.random() * 0x7fffffff));
const AT_ONCE = 8;
const USERS = ["ann", "ben", "cat", "dan", "eve"];
const BYSTANDER = "zoe";
/** How long a subscription is listened to, and a bystander pauses. */
const LISTENED_MS = 20;

type Answer = { data?: unknown; errors?: { message: string; extensions: { code: string } }[] };

let server: Server;
beforeAll(async () => (server = await startServer({ settings: { LOG_LEVEL: "warn", GROUP_MEMBERS_MAX: "50" } })));
afterAll(() => server?.remove());

test("whatever is asked is answered, by no fault of the server's", { timeout: 60_000 + OPERATIONS * 60 }, async () => {
  process.stdout.write(`operation fuzz: OPERATION_SEED=${SEED} OPERATIONS=${OPERATIONS}\n`);
  const tokens = new Map<string, string>();
  for (const user of [...USERS, BYSTANDER]) tokens.set(user, await server.token(user));
  const ask = async (user: string, { query, variables }: Pick<Asked, "query" | "variables">): Promise<Answer> => {
    const response = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens.get(user)}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer;
  };
  const known = await populated(ask);
  const choices = randomOf(SEED);
  const made = documentsOf(buildSchema(), choices);
  const clients = USERS.map((user) =>
    createClient({
      url: `${server.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 5,
      connectionParams: { authorization: `Bearer ${tokens.get(user)}` },
    }),
  );

  const counts = new Map<string, number>();
  const count = ({ errors }: Answer): void => {
    for (const { extensions } of errors ?? []) counts.set(extensions.code, (counts.get(extensions.code) ?? 0) + 1);
    if (errors === undefined) counts.set("ok", (counts.get("ok") ?? 0) + 1);
  };
  const broken: Asked[] = [];
  const overSocket = (index: number, { query, variables, kind }: Asked): Promise<Answer> =>
    new Promise((resolve) => {
      let last: Answer = {};
      const end = clients[index]?.subscribe(
        { query, variables },
        {
          next: (answer) => (last = answer as Answer),
          error: (fault) => resolve(Array.isArray(fault) ? { errors: fault as never } : {}),
          complete: () => resolve(last),
        },
      );
      if (kind === "subscription") setTimeout(() => end?.(), LISTENED_MS);
    });

  const end = bystander(tokens.get(BYSTANDER) ?? "");
  let begun = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (begun < OPERATIONS) {
        const place = (begun += 1);
        const operation = made(known);
        const index = choices.int(0, USERS.length - 1);
        const viaSocket = operation.kind === "subscription" || choices.chance(0.5);
        const answer = viaSocket ? await overSocket(index, operation) : await ask(USERS[index] ?? "", operation);
        count(answer);
        if (answer.errors?.some(({ extensions }) => extensions.code === "INTERNAL")) {
          broken.push(operation);
          process.stdout.write(`INTERNAL ${place}: ${JSON.stringify({ operation, answer })}\n`);
        }
        if (place % Math.ceil(OPERATIONS / 20) === 0) process.stdout.write(`${place} ${await memory()}\n`);
      }
    }),
  );
  const times = (await end()).sort((one, other) => one - other);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(counts))}\n${await memory()}\n`);
  process.stdout.write(`a bystander waited ${at(0.5)} ms, p99 ${at(0.99)} ms, of ${times.length}\n`);
  for (const client of clients) await client.dispose();

  expect(broken.slice(0, 5)).toEqual([]);
  expect(server.faults()).toEqual([]);
  expect((await ask("ann", { query: "{ viewer { user { id } } }", variables: {} })).data).toEqual({
    viewer: { user: { id: "ann" } },
  });
  expect(counts.get("ok")).toBeGreaterThan(OPERATIONS / 20);
});

/** Users, a group and messages, so that there is something to ask for. */
async function populated(ask: (user: string, asked: Pick<Asked, "query" | "variables">) => Promise<Answer>): Promise<Known> {
  const cursors: string[] = [];
  const conversations = ["d:ann~ben", "d:cat~dan"];
  for (const user of [...USERS, BYSTANDER])
    await ask(user, {
      query: `mutation { register(input: { clientMutationId: "r", handle: "${user}x", name: "${user}" }) { cursor } }`,
      variables: {},
    });
  for (const member of USERS.slice(1)) {
    const { data } = await ask("ann", {
      query: `mutation { createConversation(input: { clientMutationId: "g${member}", kind: GROUP, title: "${member}", memberIds: ["${member}"], public: true }) { cursor conversation { id } } }`,
      variables: {},
    });
    const made = (data as { createConversation: { cursor: string; conversation: { id: string } } }).createConversation;
    cursors.push(made.cursor);
    conversations.push(made.conversation.id);
  }
  for (const conversation of conversations.slice(2))
    for (let index = 0; index < 40; index += 1)
      await ask("ann", {
        query: "mutation ($i: SendMessageInput!) { sendMessage(input: $i) { cursor } }",
        variables: {
          i: { clientMutationId: `m${index}`, conversationId: conversation, text: `word${index} 会议`, mentions: ["ann"] },
        },
      });
  return { users: USERS, conversations, cursors };
}

/**
 * Somebody who asks for little meanwhile, in a thread of their own. What is returned ends it, with how long each answer took in
 * milliseconds.
 */
function bystander(token: string): () => Promise<number[]> {
  const query = "{ viewer { user { id name } } }";
  const thread = new Worker(new URL("../fixtures/bystander.mjs", import.meta.url), {
    workerData: { url: `${server.url}/graphql`, token, query, pauseMs: LISTENED_MS },
  });
  const told = once(thread, "message");
  told.catch(() => undefined);
  return async () => {
    thread.postMessage("end");
    return ((await told) as [number[]])[0];
  };
}

/** What the server's process takes. */
async function memory(): Promise<string> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const bytes = Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1] ?? 0);
  return `${Math.round(bytes / 1_048_576)} MiB`;
}
