import { type Bench, type Benchmark, type Load, type Server, settled } from "../bench.ts";
import { costText, cpuCost } from "../cpu.ts";
import { type Figure, latencies } from "../figures.ts";
import type { Transport } from "../load.ts";
import { alternating, median } from "../measure.ts";
import { directWriters, type Sending, type Writer } from "../operations.ts";

const USERS = 1_200;
/** Conversations that are written to, over all senders. */
const CONVERSATIONS = 1_024;
const GOAL = 0.5;

type Way = { name: string; transport: Transport; senders: number };

const overSockets = (sockets: number, inFlight: number): Way => ({
  name: `over ${sockets} WebSocket${sockets === 1 ? "" : "s"}, ${inFlight} in flight each`,
  transport: { kind: "sockets", sockets, inFlight },
  senders: sockets,
});

const ways: readonly Way[] = [
  { name: "over HTTP, 64 connections", transport: { kind: "http", connections: 64 }, senders: 64 },
  overSockets(1, 256),
  overSockets(8, 32),
  overSockets(64, 4),
];

export const send: Benchmark = {
  name: "send",
  about: "durable direct messages, beside a mutation that does nothing",
  limitSeconds: 120,
  run: async (bench) => {
    const server = await bench.server();
    await server.ask("users", { count: USERS });
    await settled(server);
    const load = await bench.load();
    const figures: Figure[] = [];
    for (const way of ways) figures.push(await figureOf(bench, server, load, way));
    return figures;
  },
};

async function figureOf(bench: Bench, server: Server, load: Load, { name, transport, senders }: Way): Promise<Figure> {
  const writers: Writer[] = directWriters(senders, CONVERSATIONS / senders, USERS);
  const round = (sending: Sending) => async () => {
    const before = await server.ask("cpu");
    const done = await load.ask("send", { port: server.port, transport, sending, writers, seconds: bench.seconds(2) });
    const cost = cpuCost(before, await server.ask("cpu"), done.operations);
    // What the views still had to fold must not be paid by the next round.
    await settled(server);
    return { ...done, cost };
  };
  const rounds = await alternating(bench.count(3, 2), { nothing: round("noop"), sent: round("send") }, true);
  const of = (all: typeof rounds.sent) => ({
    rate: median(all.map((one) => one.operations / one.seconds)),
    latencies: latencies(median(all.map((one) => one.p50)), median(all.map((one) => one.p99))),
    cost: costText(all.flatMap(({ cost }) => cost ?? [])),
  });
  const [nothing, sent] = [of(rounds.nothing), of(rounds.sent)];
  const refused = rounds.sent.flatMap((one) => Object.entries(one.refused).map(([code, times]) => `, ${times} ${code}`)).join("");
  return {
    name,
    unit: "ops/s",
    measured: sent.rate,
    floor: nothing.rate,
    goal: GOAL,
    note: `${sent.latencies}${refused}${sent.cost} (nothing: ${nothing.latencies}${nothing.cost})`,
  };
}
