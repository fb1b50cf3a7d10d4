import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { directConversationOf } from "../../../src/domain/ids.ts";
import { SEMI_SPACE } from "../../../src/server/heap.ts";
import { type Bench, type Benchmark, isAsked, settled } from "../bench.ts";
import type { Figure } from "../figures.ts";
import { waitFor } from "../measure.ts";
import type { Writer } from "../operations.ts";
import { userName } from "../seed.ts";

const MIB = 1_048_576;
const USERS = 1_000;
const PEERS = 5;
/** How long a server is watched once it has nothing to do, in seconds. */
const IDLE_S = 25;

export const memory: Benchmark = {
  name: "memory",
  about: "resident memory of a server that has just started, and after a million sends by a thousand users",
  limitSeconds: 900,
  run: async (bench) => [...(isAsked("idle") ? await atStart(bench) : []), ...(isAsked("sends") ? await afterSends(bench) : [])],
};

/** What a process holds in memory, in MiB. */
async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
}

/** The server as a user starts it, in an empty folder. */
async function atStart(bench: Bench): Promise<Figure[]> {
  const port = await freePort();
  const main = fileURLToPath(new URL("../main.js", import.meta.url));
  const child = spawn(process.execPath, [SEMI_SPACE, main, "serve"], {
    env: {
      ...process.env,
      DATA_DIR: await bench.folder(),
      PORT: String(port),
      LOG_LEVEL: "error",
      EVENTSTORE_URL: "",
      ELASTICSEARCH_URL: "",
    },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  try {
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitFor("the server is ready", isReady, 30_000, 100);
    const pid = child.pid ?? 0;
    const started = await residentOf(pid);
    await delay(IDLE_S * 1_000);
    return [
      { name: "embedded, ready", unit: "MiB", measured: started },
      { name: `embedded, idle for ${IDLE_S} s`, unit: "MiB", measured: await residentOf(pid), most: 150 },
    ];
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Each user writes to five others over a socket of their own, two messages at a time. */
async function afterSends(bench: Bench): Promise<Figure[]> {
  const server = await bench.server();
  await server.ask("users", { count: USERS });
  await settled(server);
  const load = await bench.load();
  const writers: Writer[] = Array.from({ length: USERS }, (_, index) => ({
    user: userName(index),
    conversations: Array.from({ length: PEERS }, (__, peer) =>
      directConversationOf(userName(index), userName((index + peer + 1) % USERS)),
    ),
  }));
  const transport = { kind: "sockets", sockets: USERS, inFlight: 2 } as const;
  const wanted = bench.count(1_000_000, 100_000);
  let [sent, most] = [0, 0];
  while (sent < wanted) {
    const { operations } = await load.ask("send", { port: server.port, transport, sending: "send", writers, seconds: 10 });
    sent += operations;
    most = Math.max(most, (await server.ask("resident")) / MIB);
  }
  await load.stop();
  await settled(server);
  const after = (await server.ask("resident")) / MIB;
  await delay(IDLE_S * 1_000);
  const idle = (await server.ask("resident")) / MIB;
  await server.stop();
  return [
    {
      name: `after ${sent.toLocaleString("en")} sends by ${USERS.toLocaleString("en")} users`,
      unit: "MiB",
      measured: after,
      most: 600,
    },
    { name: "  the most between rounds of 10 s", unit: "MiB", measured: most },
    { name: `  ${IDLE_S} s later`, unit: "MiB", measured: idle },
  ];
}
