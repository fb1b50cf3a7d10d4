import { directConversationOf } from "../../../src/domain/ids.ts";
import { type Bench, isAsked, type Load, rested, type Server, settled } from "../bench.ts";
import { costByThread, cpuCost, threadsText } from "../cpu.ts";
import { amount, type Figure, latencies } from "../figures.ts";
import { syncedWrites } from "../fsync.ts";
import type { Load as Loaded } from "../load.ts";
import { alternating, median, percentile, waitFor } from "../measure.ts";
import type { Sending, Writer } from "../operations.ts";
import { scatteredGroups } from "../scatteredGroups.ts";
import { userName } from "../seed.ts";

const USERS = 3_000;
/** Peers of one sender. */
const PEERS = 5;
const GROUP_MEMBERS = 100;
const SENDERS = 50;

/** Writers of direct messages, and those that they write to, who are not connected. */
const writersOf = (count: number): Writer[] =>
  Array.from({ length: count }, (_, index) => ({
    user: userName(index),
    conversations: Array.from({ length: PEERS }, (__, peer) =>
      directConversationOf(userName(index), userName(count + ((index * PEERS + peer) % (USERS - count)))),
    ),
  }));

type Way = { name: string; sockets: number; inFlight: number; writers: readonly Writer[] };
/**
 * What one round took: `cpu` in microseconds of each operation, in all threads and by thread of the server. `clients`: in the
 * process that sends.
 */
type Round = Omit<Loaded, "cpu"> & { cpu: number; clients: number; threads: Record<string, number> };

/** Sends one way, in turn with mutations that do nothing over the same sockets. */
async function rounds(bench: Bench, server: Server, load: Load, { sockets, inFlight, writers }: Way) {
  const transport = { kind: "sockets", sockets, inFlight } as const;
  const round = (sending: Sending) => async (): Promise<Round> => {
    const before = [await server.ask("cpu"), await server.ask("threads")] as const;
    const done = await load.ask("send", { port: server.port, transport, sending, writers, seconds: bench.seconds(3) });
    // What the views and the index still had to do belongs to it.
    await settled(server);
    const cost = cpuCost(before[0], await server.ask("cpu"), done.operations);
    const threads = costByThread(before[1], await server.ask("threads"), done.operations);
    return { ...done, cpu: cost?.all ?? Number.NaN, clients: done.cpu, threads };
  };
  return alternating(bench.count(3, 2), { nothing: round("noop"), sent: round("send") }, true);
}

const rateOf = (all: readonly Pick<Loaded, "operations" | "seconds">[]): number =>
  median(all.map((one) => one.operations / one.seconds));
const p50Of = (all: readonly Pick<Loaded, "p50">[]): number => median(all.map(({ p50 }) => p50));
const p99Of = (all: readonly Pick<Loaded, "p99">[]): number => median(all.map(({ p99 }) => p99));
const cpuOf = (all: readonly Round[]): number => median(all.map(({ cpu }) => cpu));
const noteOf = (all: readonly Round[]): string =>
  `${latencies(p50Of(all), p99Of(all))}; CPU ${cpuOf(all).toFixed(0)} µs (${threadsText(all.map(({ threads }) => threads))}), clients ${median(all.map(({ clients }) => clients)).toFixed(0)}`;

/** The loads, as BENCH_ROWS names them. */
export const SENDS = ["many", "fifty", "one", "delivered"];

/** Sends of direct messages and to groups, in closed and open loops. */
export async function hotSends(bench: Bench): Promise<Figure[]> {
  const server = await bench.server();
  const groups = scatteredGroups(SENDERS, GROUP_MEMBERS, USERS);
  await server.ask("users", { count: USERS });
  await server.ask("groups", { groups });
  await settled(server);
  const load = await bench.load();
  const figures: Figure[] = [];

  if (isAsked("many")) {
    const many = await rounds(bench, server, load, { name: "many", sockets: 200, inFlight: 10, writers: writersOf(200) });
    figures.push(
      {
        name: "1:1 sends, 200 sockets × 10 in flight",
        unit: "ops/s",
        measured: rateOf(many.sent),
        floor: rateOf(many.nothing),
        goal: 0.25,
        note: noteOf(many.sent),
      },
      {
        name: "  CPU of each, in all threads",
        unit: "µs",
        measured: cpuOf(many.sent),
        most: 165,
        note: `nothing: ${noteOf(many.nothing)}`,
      },
    );
  }
  if (isAsked("fifty")) {
    const fifty = await rounds(bench, server, load, {
      name: "fifty",
      sockets: SENDERS,
      inFlight: 1,
      writers: writersOf(SENDERS),
    });
    figures.push({
      name: `1:1 sends, ${SENDERS} sockets, one in flight each`,
      unit: "ops/s",
      measured: rateOf(fifty.sent),
      floor: rateOf(fifty.nothing),
      goal: 0.15,
      note: noteOf(fifty.sent),
    });

    const toGroups: Writer[] = groups.map(({ id, members }) => ({ user: members[0] ?? "", conversations: [id] }));
    const group = await rounds(bench, server, load, { name: "group", sockets: SENDERS, inFlight: 1, writers: toGroups });
    figures.push({
      name: `to groups of ${GROUP_MEMBERS} offline, ${SENDERS} in flight, beside 1:1`,
      unit: "ops/s",
      measured: rateOf(group.sent),
      floor: rateOf(fifty.sent),
      goal: 0.8,
      note: noteOf(group.sent),
    });
  }
  if (isAsked("one")) {
    const one = await rounds(bench, server, load, { name: "one", sockets: 1, inFlight: 1, writers: writersOf(1) });
    const synced = median(syncedWrites(await bench.folder(), 4_096, 1));
    figures.push(
      {
        name: "1:1 sends, one at a time: acknowledged",
        unit: "ms",
        measured: p50Of(one.sent),
        floor: synced + p50Of(one.nothing),
        goal: 1 / 2.5,
        note: `${noteOf(one.sent)}; fsync ${amount(synced, "ms")}, nothing ${amount(p50Of(one.nothing), "ms")}`,
      },
      { name: "  CPU of each, in all threads", unit: "µs", measured: cpuOf(one.sent), most: 400 },
    );
  }
  if (isAsked("delivered")) figures.push(...(await delivered(bench, server, load)));
  await Promise.all([load.stop(), server.stop()]);
  return figures;
}

/** Rates of the open loop, in sends a second, with the most that p50 and p99 may grow from the first one on. */
const CALM = 200;
const RATES = [
  { rate: 2_000, p50: 2, p99: 3 },
  { rate: 4_000, p50: 4, p99: 6 },
];
const RECIPIENTS = 64;
const OPEN_SENDERS = 16;

/** What one round at one rate took, in milliseconds but for `cpu`: microseconds of each send, by thread. */
type Told = { p50: number; p99: number; late: number; cpu: Record<string, number> };

/** From the send to its coming on another socket, at rates that do not wait for answers. */
export async function delivered(bench: Bench, server: Server, load: Load): Promise<Figure[]> {
  const recipients = Array.from({ length: RECIPIENTS }, (_, index) => userName(USERS - 1 - index));
  const writers = Array.from({ length: OPEN_SENDERS }, (_, index) => ({
    user: userName(index),
    conversations: recipients.map((peer) => directConversationOf(userName(index), peer)),
  }));
  const transport = { kind: "sockets", sockets: OPEN_SENDERS, inFlight: 1 } as const;
  const seconds = bench.seconds(4);
  const plain = await bench.storingServer();
  const side = async (port: number, threads: () => Promise<Record<string, number>>, rest: () => Promise<void>) => {
    const subscribers = await bench.subscribers();
    await subscribers.ask("open", { port, users: recipients, latencies: true });
    const at = (rate: number) => async (): Promise<Told> => {
      await subscribers.ask("latencies");
      const before = (await subscribers.ask("received")).messages;
      const used = await threads();
      const sent = await load.ask("send", { port, transport, sending: "send", writers, rate, seconds });
      const all = async (): Promise<boolean> => (await subscribers.ask("received")).messages >= before + sent.operations;
      await waitFor("all were delivered", all, 30_000);
      await rest();
      const cpu = costByThread(used, await threads(), sent.operations);
      return { ...(await subscribers.ask("latencies")), late: sent.late, cpu };
    };
    return { at, stop: () => subscribers.stop() };
  };
  const ours = await side(
    server.port,
    () => server.ask("threads"),
    () => rested(server),
  );
  const theirs = await side(
    plain.port,
    async () => ({ all: (await plain.ask("cpu"))?.all ?? 0 }),
    () => Promise.resolve(),
  );
  await rested(server);
  const folder = await bench.folder();
  const synced: number[] = [];
  const names = [CALM, ...RATES.map(({ rate }) => rate)];
  const results = await alternating<Record<string, () => Promise<Told | undefined>>>(
    bench.count(3, 2),
    Object.fromEntries<() => Promise<Told | undefined>>([
      ...names.map((rate) => [String(rate), ours.at(rate)] as const),
      ...names.map((rate) => [`plain ${rate}`, theirs.at(rate)] as const),
      ["synced", async () => void synced.push(...syncedWrites(folder, 4_096, 0.5))],
    ]),
    true,
  );
  const of = (name: string) => {
    const all = results[name]?.flatMap((told) => told ?? []) ?? [];
    const middle = (what: "p50" | "p99" | "late") => median(all.map((told) => told[what]));
    return { p50: middle("p50"), p99: middle("p99"), late: middle("late"), cpu: threadsText(all.map(({ cpu }) => cpu)) };
  };
  await Promise.all([ours.stop(), theirs.stop(), plain.stop()]);
  const calm = of(String(CALM));
  const plainCalm = of(`plain ${CALM}`);
  const disk = `fsync of 4 kB ${latencies(median(synced), percentile(synced, 0.99))}`;
  return RATES.flatMap(({ rate, p50, p99 }) => {
    const name = `send → delivered at ${rate.toLocaleString("en")}/s, beside ${CALM}/s`;
    const now = of(String(rate));
    const floor = of(`plain ${rate}`);
    const beside = `a plain server with fsync ${latencies(floor.p50, floor.p99)}, at ${CALM}/s ${latencies(plainCalm.p50, plainCalm.p99)}`;
    return [
      {
        name: `${name}: p50`,
        unit: "ms",
        measured: now.p50,
        floor: calm.p50,
        goal: 1 / p50,
        note: `CPU of each: ${now.cpu} µs (plain: ${floor.cpu}); sends began up to ${amount(now.late, "ms")} late (plain: ${amount(floor.late, "ms")})`,
      },
      { name: `${name}: p99`, unit: "ms", measured: now.p99, floor: calm.p99, goal: 1 / p99, note: `${beside}; ${disk}` },
    ] satisfies Figure[];
  });
}
