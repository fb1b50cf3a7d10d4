import { type Bench, type Benchmark, type RawServer, type Server, settled, type Subscribers } from "../bench.ts";
import { type CpuCost, cpuCost, type CpuTime } from "../cpu.ts";
import { amount, type Figure } from "../figures.ts";
import { type HttpConnection, httpConnection } from "../httpConnection.ts";
import { clockMs, median } from "../measure.ts";
import { sendRequest, startMessage } from "../operations.ts";
import { textOf, userName } from "../seed.ts";
import { type SocketConnection, socketConnection } from "../socketConnection.ts";
import { tokenOf } from "../token.ts";

const GROUP = "g:bench";
const ONE_BY_ONE = 0.8;
const IN_BURSTS = 3;
/** Messages sent at once. */
const BURST = 100;
const PATIENCE_MS = 15_000;

/** One set of clients, in two processes, and how a message is sent to them; `send` gives when it began. */
type Side = {
  clients: readonly Subscribers[];
  cpu(): Promise<CpuTime | undefined>;
  send(texts: readonly string[]): Promise<number>;
};

/** Frames a second from sending on, and how long the last client waited. `complete`: whether all came in time. */
type Delivered = { rate: number; ms: number; cost: CpuCost | undefined; complete: boolean };

export const delivery: Benchmark = {
  name: "delivery",
  about: "one message to many subscribers, one by one and in bursts, beside a plain WebSocket server",
  limitSeconds: 240,
  run: async (bench) => {
    const figures: Figure[] = [];
    for (const count of bench.quick ? [1_000] : [1_000, 5_000]) {
      for (const way of ["fanned out", "merged when read"] as const) figures.push(...(await delivering(bench, count, way)));
    }
    return figures;
  },
};

/** One message to so many subscribers, one by one and in bursts: two figures. `goals`: the least shares of the plain server's. */
export async function delivering(
  bench: Bench,
  count: number,
  way: "fanned out" | "merged when read",
  goals: { oneByOne: number; bursts: number } = { oneByOne: ONE_BY_ONE, bursts: IN_BURSTS },
): Promise<Figure[]> {
  const server = await bench.server({ FANOUT_LIMIT: way === "fanned out" ? String(count) : "100" });
  const raw = await bench.rawServer();
  const members = Array.from({ length: count }, (_, index) => userName(index));
  await server.ask("users", { count });
  await server.ask("groups", { groups: [{ id: GROUP, members }] });
  await settled(server);

  const ours = await opened(bench, server.port, members);
  const http = await httpConnection(server.port);
  const socket = await socketConnection(server.port, await tokenOf(userName(0)), () => undefined, raise);
  const tidings: Side = { clients: ours, cpu: () => server.ask("cpu"), send: (texts) => sent(texts, http, socket) };
  // Twice, so that everything is warm, and so that the frames are known.
  for (let turn = 0; turn < 3; turn++) await deliver(tidings, [textOf(turn)], count);
  const frame = await (ours[0] as Subscribers).ask("sample");
  const theirs = await opened(bench, raw.port, members, false);
  const plain: Side = {
    clients: theirs,
    cpu: () => raw.ask("cpu"),
    send: (texts) => raw.ask("broadcast", { texts: texts.map(() => frame) }),
  };
  await deliver(plain, [frame], count);

  const name = `${count.toLocaleString("en")} subscribers, ${way}`;
  const one = await compared(tidings, plain, 1, count, bench.count(12, 6));
  const burst = await compared(tidings, plain, BURST, count, bench.count(count > 1_000 ? 1 : 3, 1));
  const figures = [
    figureOf(`${name}: one by one`, goals.oneByOne, one),
    figureOf(`${name}: ${BURST} at once`, goals.bursts, burst),
  ];
  http.close();
  socket.close();
  await stopAll([...ours, ...theirs, server, raw]);
  return figures;
}

const raise = (error: Error): never => {
  throw error;
};

async function stopAll(children: readonly (Subscribers | Server | RawServer)[]): Promise<void> {
  await Promise.all(children.map((child) => child.stop()));
}

async function opened(bench: Bench, port: number, users: readonly string[], checked = true): Promise<Subscribers[]> {
  const clients = [await bench.subscribers(), await bench.subscribers()];
  const half = Math.ceil(users.length / 2);
  await Promise.all(
    clients.map((client, index) => client.ask("open", { port, users: users.slice(index * half, (index + 1) * half), checked })),
  );
  return clients;
}

/** One message over HTTP; many at once over one socket. */
async function sent(texts: readonly string[], http: HttpConnection, socket: SocketConnection): Promise<number> {
  const requests = texts.map((text) => sendRequest("send", GROUP, text));
  const token = await tokenOf(userName(0));
  const began = clockMs();
  const [first] = requests;
  if (requests.length === 1 && first !== undefined) await http.post(token, first);
  else for (const [index, request] of requests.entries()) socket.send(startMessage(`${began}-${index}`, request));
  return began;
}

async function deliver({ clients, cpu, send }: Side, texts: readonly string[], count: number): Promise<Delivered> {
  const half = Math.ceil(count / 2);
  const shares = clients.map((_, index) => Math.min(half, count - index * half) * texts.length);
  const before = await Promise.all(clients.map((client) => client.ask("received")));
  const came = clients.map((client, index) =>
    client.ask("until", { messages: (before[index]?.messages ?? 0) + (shares[index] ?? 0), timeoutMs: PATIENCE_MS }),
  );
  const cpuBefore = await cpu();
  const began = await send(texts);
  const received = await Promise.all(came);
  const frames = received.reduce((sum, { messages }, index) => sum + messages - (before[index]?.messages ?? 0), 0);
  const ms = Math.max(...received.map(({ at }) => at)) - began;
  const cost = cpuCost(cpuBefore, await cpu(), frames);
  return { rate: (frames * 1_000) / ms, ms, cost, complete: frames === count * texts.length };
}

async function compared(tidings: Side, plain: Side, size: number, count: number, rounds: number) {
  const texts = Array.from({ length: size }, (_, index) => textOf(index));
  const ours: Delivered[] = [];
  const floor: Delivered[] = [];
  for (let round = 0; round < rounds; round++) {
    floor.push(await deliver(plain, texts, count));
    const delivered = await deliver(tidings, texts, count);
    ours.push(delivered);
    // What is still to come would count for the next round.
    if (!delivered.complete) break;
  }
  return { ours, floor };
}

function figureOf(
  name: string,
  goal: number,
  { ours, floor }: { ours: readonly Delivered[]; floor: readonly Delivered[] },
): Figure {
  const rate = (of: readonly Delivered[]) => median(of.map((one) => one.rate));
  const ms = (of: readonly Delivered[]) => median(of.map((one) => one.ms));
  const cpu = (of: readonly Delivered[]) => median(of.flatMap(({ cost }) => cost?.all ?? [])).toFixed(1);
  const late = ours.every(({ complete }) => complete) ? "" : `; not all came within ${PATIENCE_MS / 1_000} s`;
  return {
    name,
    unit: "frames/s",
    measured: rate(ours),
    floor: rate(floor),
    goal,
    note: `the last one after ${amount(ms(ours), "ms")} (plain: ${amount(ms(floor), "ms")}), CPU ${cpu(ours)} µs a frame (plain: ${cpu(floor)})${late}`,
  };
}
