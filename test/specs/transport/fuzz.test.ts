import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { type Random, randomOf } from "../../support/random.ts";
import { oddFrames, properFrames } from "../../support/rawFuzz/frames.ts";
import { oddRequest } from "../../support/rawFuzz/requests.ts";
import { type Server, startServer } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { HANDSHAKE, request } from "./raw.ts";

/** Frames and requests that are sent; a full run has 200,000 or more. */
const COUNT = Number(process.env["FUZZ_FRAMES"] ?? 3_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? Math.floor(Math.random() * 0x7fffffff));
/** Connections at a time. */
const AT_ONCE = 8;
/** How long an answer is waited for before the client leaves: what came half is never answered. */
const PATIENCE_MS = 20;
/** What the process may grow by. */
const GROWTH_BYTES = 300_000_000;

type Result = { sent: number };

/** Sends what a client might, in pieces, and leaves in one of the ways in which clients leave. */
async function abuse(port: number, random: Random, token: string): Promise<Result> {
  const isSocket = random.below(2) === 0;
  // Mostly let in: what lies behind that is more.
  const isLetIn = isSocket && random.below(4) > 0;
  // One bad frame ends it: half of them keep to the protocol, so that what they ask for is run.
  const isProper = random.below(2) === 0;
  const parts: Buffer[] = [];
  if (isSocket) {
    if (!isLetIn) parts.push(Buffer.from(request("GET /graphql HTTP/1.1", HANDSHAKE)));
    for (let left = 1 + random.below(24); left > 0; left -= 1)
      parts.push(...(isProper ? properFrames(random) : oddFrames(random, token)));
  } else for (let left = 1 + random.below(4); left > 0; left -= 1) parts.push(Buffer.from(oddRequest(random), "latin1"));

  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  const gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  if (isLetIn) {
    socket.write(Buffer.concat([Buffer.from(request("GET /graphql HTTP/1.1", HANDSHAKE)), letIn(token)]));
    await Promise.race([gone, acknowledged(socket)]);
  }
  for (const piece of cut(random, Buffer.concat(parts))) socket.write(piece);
  await Promise.race([gone, answered(socket)]);
  if (random.below(10) === 0) socket.pause();
  const leave = random.pick(["end", "destroy", "resetAndDestroy"] as const);
  socket[leave]();
  if (leave === "end") await Promise.race([gone, answered(socket)]);
  socket.destroy();
  await gone;
  return { sent: parts.length };
}

/** A connection_init, masked by zeros. */
function letIn(token: string): Buffer {
  const text = Buffer.from(JSON.stringify({ type: "connection_init", payload: { authorization: `Bearer ${token}` } }));
  const head = Buffer.from([0x81, 0xfe, 0, 0, 0, 0, 0, 0]);
  head.writeUInt16BE(text.length, 2);
  return Buffer.concat([head, text]);
}

/** What comes before is not let in, and ends there. */
const acknowledged = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    let said = "";
    const take = (bytes: Buffer): void => {
      said += bytes.toString("latin1");
      if (!said.includes("connection_ack")) return;
      socket.off("data", take);
      resolve();
    };
    socket.on("data", take);
  });

const answered = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const late = setTimeout(resolve, PATIENCE_MS);
    socket.once("data", () => {
      clearTimeout(late);
      socket.on("data", () => undefined);
      setTimeout(resolve, 2);
    });
  });

function cut(random: Random, bytes: Buffer): Buffer[] {
  if (random.below(2) === 0) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = 1 + random.below(random.pick([3, 200, 20_000]));
    pieces.push(bytes.subarray(at, at + length));
    at += length;
    if (pieces.length > 200) return [...pieces, bytes.subarray(at)];
  }
  return pieces;
}

/** Someone who means well, meanwhile: how long their answers take, in milliseconds. */
function bystander(server: Server, token: string) {
  const took: number[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver) {
      const began = performance.now();
      const answer = await fetch(`${server.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: "{ viewer { user { id } } }" }),
      });
      expect([answer.status, await answer.json()]).toEqual([200, { data: { viewer: { user: { id: "bystander" } } } }]);
      took.push(performance.now() - began);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await asking;
      took.sort((one, other) => one - other);
      return { count: took.length, p50: took[Math.floor(took.length * 0.5)], p99: took[Math.floor(took.length * 0.99)] };
    },
  };
}

const metric = async (server: Server, name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\S+)$`, "m").exec(await (await fetch(`${server.url}/metrics`)).text())?.[1]);

test("nothing that is sent over TCP ends the server, makes it fail or grow, or keeps others from their answers", async () => {
  process.stdout.write(`raw TCP: FUZZ_SEED=${SEED} FUZZ_FRAMES=${COUNT}\n`);
  const server = await startServer({ settings: { RATE_LIMIT: "0", LOG_LEVEL: "warn" } });
  try {
    const port = Number(new URL(server.url).port);
    const good = await server.token("bystander");
    const register = 'mutation { register(input: {clientMutationId: "1", handle: "bystander", name: "B"}) { cursor } }';
    const registered = await fetch(`${server.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${good}` },
      body: JSON.stringify({ query: register }),
    });
    expect(await registered.json()).toMatchObject({ data: { register: {} } });
    const tokens = [await server.token("mallory"), await server.token("trudy"), good];
    const { pid } = server;
    const before = await metric(server, "process_resident_memory_bytes");
    const other = bystander(server, good);

    let sent = 0;
    let next = 0;
    const client = async (): Promise<void> => {
      while (sent < COUNT) {
        // Each connection follows from the seed and its number alone.
        const random = randomOf(SEED + 7_919 * next++);
        const done = await abuse(port, random, random.pick(tokens));
        sent += done.sent;
        const live = await fetch(`${server.url}/live`);
        expect(live.status, `after connection ${next}`).toBe(200);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));

    const { count, p50, p99 } = await other.stop();
    await until("all who left are gone", async () => (await metric(server, "tidings_sockets")) === 0);
    const after = await metric(server, "process_resident_memory_bytes");
    process.stdout.write(
      `raw TCP: ${sent} frames and requests over ${next} connections; a bystander's ${count} answers: p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms; ` +
        `memory ${Math.round(before / 1e6)} → ${Math.round(after / 1e6)} MB\n`,
    );
    expect(server.pid).toBe(pid);
    expect(server.faults()).toEqual([]);
    expect(await metric(server, "tidings_subscriptions")).toBe(0);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(/tidings_errors_total.*INTERNAL.*/.exec(metrics)?.[0]).toBe('tidings_errors_total{code="INTERNAL"} 0');
    // It got as far as that: what is asked over WebSockets was run.
    expect(await metric(server, 'tidings_operations_total\\{kind="subscription"\\}')).toBeGreaterThan(0);
    expect(await metric(server, 'tidings_operations_total\\{kind="query"\\}')).toBeGreaterThan(count);
    expect(after - before).toBeLessThan(GROWTH_BYTES);
    expect(await server.stop()).toBe(0);
  } finally {
    await server.remove();
  }
}, 7_200_000);
