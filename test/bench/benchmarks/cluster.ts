import { randomBytes } from "node:crypto";
import { directConversationOf } from "../../../src/domain/ids.ts";
import { type Bench, type Benchmark, type Load, type Server, settled } from "../bench.ts";
import { type Cluster, clusterUrls, startCluster } from "../cluster.ts";
import { type ClusterFloors, clusterFloors } from "../clusterFloors.ts";
import { threadsText } from "../cpu.ts";
import { amount, type Figure, latencies } from "../figures.ts";
import { alternating, median, percentile, waitFor } from "../measure.ts";
import type { Writer } from "../operations.ts";
import { userName } from "../seed.ts";

const SHAPE = { nodes: 2, projectors: 2, slices: 8 };
const USERS = 2_000;
/** Of the senders of one node. */
const SENDERS = 64;
const PEERS = 8;
const IN_FLIGHT = 4;
/** Sends a second, begun whether others were answered or not. */
const RATES = [20, 100];
const RECIPIENTS = 64;
const OPEN_SENDERS = 16;

export const cluster: Benchmark = {
  name: "cluster",
  about:
    "a whole cluster on this machine (EVENTSTORE_URL, DATABASE_URL, REDIS_URL): sends and send → delivered, beside one embedded process",
  limitSeconds: 600,
  run: async (bench) => {
    const urls = clusterUrls();
    if (urls === undefined) {
      bench.say("EVENTSTORE_URL, DATABASE_URL and REDIS_URL are not all set: nothing is measured");
      return [];
    }
    if (urls.elasticsearch === undefined) bench.say("ELASTICSEARCH_URL is not set: there is no indexer");
    const floors = await clusterFloors(urls, `bench_${randomBytes(5).toString("hex")}`);
    const many = await startCluster(bench, urls, SHAPE);
    try {
      bench.say("the cluster is there");
      const one = await bench.server();
      for (const server of [one, many.nodes[0] as Server]) await server.ask("users", { count: USERS });
      await Promise.all([settled(one), many.settled()]);
      bench.say("all of them know the users");
      return [...(await sends(bench, one, many, floors)), ...(await delivered(bench, one, many, floors))];
    } finally {
      await many.stop();
      await floors.close();
    }
  },
};

/** Writers with direct conversations of their own: those of one node are not those of another one. */
const writersOf = (node: number): Writer[] =>
  Array.from({ length: SENDERS }, (_, index) => {
    const user = userName(node * SENDERS + index);
    const peers = Array.from({ length: PEERS }, (__, peer) => userName(1_000 + ((index * PEERS + peer) % (USERS - 1_000))));
    return { user, conversations: peers.map((peer) => directConversationOf(user, peer)) };
  });

/** Many sends in flight, to all nodes alike. */
async function sends(bench: Bench, one: Server, many: Cluster, floors: ClusterFloors): Promise<Figure[]> {
  const seconds = bench.seconds(4);
  const loads: Load[] = [];
  for (let node = 0; node < SHAPE.nodes; node++) loads.push(await bench.load());
  const to = async (servers: readonly Server[], rest: () => Promise<unknown>) => {
    const before = await many.used();
    const done = await Promise.all(
      loads.map((load, index) =>
        load.ask("send", {
          port: (servers[index % servers.length] as Server).port,
          transport: { kind: "sockets", sockets: SENDERS, inFlight: IN_FLIGHT },
          sending: "send",
          writers: writersOf(index),
          seconds,
        }),
      ),
    );
    const operations = done.reduce((sum, each) => sum + each.operations, 0);
    // What the views and the index still have to do belongs to it.
    await rest();
    return {
      rate: done.reduce((sum, each) => sum + each.operations / each.seconds, 0),
      p50: median(done.map(({ p50 }) => p50)),
      p99: Math.max(...done.map(({ p99 }) => p99)),
      refused: done.reduce((sum, { refused }) => sum + Object.values(refused).reduce((of, each) => of + each, 0), 0),
      costs: many.costs(before, await many.used(), operations),
    };
  };
  const inFlight = SHAPE.nodes * SENDERS * IN_FLIGHT;
  const rounds = await alternating(
    bench.count(3, 2),
    {
      one: () => to([one], () => settled(one)),
      many: () => to(many.nodes, many.settled),
      bare: async () => {
        const appended = await floors.append(inFlight, bench.seconds(2));
        // All processes of the cluster pass over what is not of their log: that must not be paid by the next round.
        await many.settled();
        return appended.rate;
      },
    },
    true,
  );
  await Promise.all(loads.map((load) => load.stop()));
  bench.say("all was sent");
  const of = (all: typeof rounds.many) => ({
    rate: median(all.map(({ rate }) => rate)),
    note: `${latencies(median(all.map(({ p50 }) => p50)), median(all.map(({ p99 }) => p99)))}`,
    refused: all.reduce((sum, { refused }) => sum + refused, 0),
    costs: threadsText(all.map(({ costs }) => costs)),
  });
  const [ours, embedded] = [of(rounds.many), of(rounds.one)];
  const refused = ours.refused === 0 ? "" : `, ${ours.refused} refused for a while`;
  return [
    {
      name: `1:1 sends, ${inFlight} in flight to ${SHAPE.nodes} nodes; beside one embedded process`,
      unit: "ops/s",
      measured: ours.rate,
      floor: embedded.rate,
      note: `${ours.note}${refused}; CPU of each, µs: ${ours.costs} (embedded: ${embedded.note}; ${embedded.costs})`,
    },
    {
      name: "  beside bare appends to EventStoreDB, as many in flight",
      unit: "ops/s",
      measured: ours.rate,
      floor: median(rounds.bare),
    },
  ];
}

type Told = { p50: number; p99: number; late: number; answered: number };

/** From the send at one node to its coming on a socket of another one, at rates that do not wait for answers. */
async function delivered(bench: Bench, one: Server, many: Cluster, floors: ClusterFloors): Promise<Figure[]> {
  const recipients = Array.from({ length: RECIPIENTS }, (_, index) => userName(USERS - 1 - index));
  const writers = Array.from({ length: OPEN_SENDERS }, (_, index) => ({
    user: userName(index),
    conversations: recipients.map((peer) => directConversationOf(userName(index), peer)),
  }));
  const load = await bench.load();
  const side = async (from: Server, to: Server, rest: () => Promise<unknown>) => {
    const subscribers = await bench.subscribers();
    await subscribers.ask("open", { port: to.port, users: recipients, latencies: true });
    return async (rate: number): Promise<Told> => {
      await subscribers.ask("latencies");
      const before = (await subscribers.ask("received")).messages;
      const transport = { kind: "sockets", sockets: OPEN_SENDERS, inFlight: 1 } as const;
      const sent = await load.ask("send", {
        port: from.port,
        transport,
        sending: "send",
        writers,
        rate,
        seconds: bench.seconds(5),
      });
      const all = async (): Promise<boolean> => (await subscribers.ask("received")).messages >= before + sent.operations;
      await waitFor("all were delivered", all, 30_000);
      await rest();
      return { ...(await subscribers.ask("latencies")), late: sent.late, answered: sent.p50 };
    };
  };
  const [first, last] = [many.nodes[0] as Server, many.nodes[many.nodes.length - 1] as Server];
  const ours = await side(first, last, many.settled);
  const theirs = await side(one, one, () => settled(one));
  const figures: Figure[] = [];
  for (const rate of RATES) {
    const rounds = await alternating(
      bench.count(3, 2),
      { many: () => ours(rate), one: () => theirs(rate), path: () => floors.path(bench.seconds(0.5)) },
      true,
    );
    const of = (all: readonly Told[]) => ({
      p50: median(all.map(({ p50 }) => p50)),
      p99: median(all.map(({ p99 }) => p99)),
      answered: median(all.map(({ answered }) => answered)),
      late: median(all.map(({ late }) => late)),
    });
    const [cluster, embedded] = [of(rounds.many), of(rounds.one)];
    const parts = (["append", "commit", "told"] as const).map((part) => {
      const times = rounds.path.flatMap((path) => path[part]);
      return { part, p50: median(times), p99: percentile(times, 0.99) };
    });
    const name = `send → delivered at another node, ${rate} a second`;
    figures.push(
      {
        name: `${name}: p50; floor: append, commit and Redis one after the other`,
        unit: "ms",
        measured: cluster.p50,
        floor: parts.reduce((sum, { p50 }) => sum + p50, 0),
        note:
          `answered to the sender ${amount(cluster.answered, "ms")}; sends began up to ${amount(cluster.late, "ms")} late; ` +
          parts.map(({ part, p50, p99 }) => `${part} ${latencies(p50, p99)}`).join(", "),
      },
      { name: "  beside one embedded process", unit: "ms", measured: cluster.p50, floor: embedded.p50 },
      { name: "  p99, beside one embedded process", unit: "ms", measured: cluster.p99, floor: embedded.p99 },
    );
  }
  return figures;
}
