import { type Benchmark, settled } from "../bench.ts";
import { costText, cpuCost } from "../cpu.ts";
import { type Figure, latencies } from "../figures.ts";
import type { Transport } from "../load.ts";
import { clockMs } from "../measure.ts";
import type { Sending, Writer } from "../operations.ts";
import { scatteredGroups } from "../scatteredGroups.ts";

const GROUPS = 64;
const MEMBERS = 100;
const USERS = 3_000;

const ways: readonly { name: string; transport: Transport }[] = [
  { name: "over HTTP, 64 connections", transport: { kind: "http", connections: 64 } },
  { name: "over 8 WebSockets, 32 in flight each", transport: { kind: "sockets", sockets: 8, inFlight: 32 } },
];

export const group: Benchmark = {
  name: "group",
  about: `sustained sends to groups of ${MEMBERS}, fanned out, beside a mutation that does nothing`,
  limitSeconds: 120,
  run: async (bench) => {
    const server = await bench.server();
    const groups = scatteredGroups(GROUPS, MEMBERS, USERS);
    await server.ask("users", { count: USERS });
    await server.ask("groups", { groups });
    await settled(server);
    const load = await bench.load();
    const writers: Writer[] = groups.map(({ id, members }) => ({ user: members[0] ?? "", conversations: [id] }));
    const figures: Figure[] = [];
    for (const { name, transport } of ways) {
      const run = (sending: Sending, seconds: number) =>
        load.ask("send", { port: server.port, transport, sending, writers, seconds });
      await run("send", bench.seconds(2));
      await settled(server);
      const before = await run("noop", bench.seconds(2));
      const cpu = await server.ask("cpu");
      const sent = await run("send", bench.seconds(12));
      const lag = await server.ask("lag");
      const ended = clockMs();
      await settled(server);
      const drained = (clockMs() - ended) / 1_000;
      const cost = cpuCost(cpu, await server.ask("cpu"), sent.operations);
      const after = await run("noop", bench.seconds(2));
      figures.push(
        {
          name: `${name}: acknowledged`,
          unit: "ops/s",
          measured: sent.operations / sent.seconds,
          floor: (before.operations + after.operations) / (before.seconds + after.seconds),
          note: `${latencies(sent.p50, sent.p99)}, ${sent.refused["RATE_LIMITED"] ?? 0} RATE_LIMITED, ${Math.round(sent.seconds)} s${costText(cost ? [cost] : [])}`,
        },
        {
          name: `${name}: views behind at the end`,
          unit: "events",
          measured: lag,
          note: `drained in ${drained.toFixed(2)} s`,
        },
      );
    }
    return figures;
  },
};
