import { type Benchmark, settled } from "../bench.ts";
import { type Figure, latencies } from "../figures.ts";
import { syncedWrites } from "../fsync.ts";
import { median, percentile, waitFor } from "../measure.ts";
import { directConversationOf } from "../../../src/domain/ids.ts";
import { userName } from "../seed.ts";

const SENDERS = 8;
const RECIPIENTS = 64;
const transport = { kind: "sockets", sockets: SENDERS, inFlight: 32 } as const;

export const deliveryLatency: Benchmark = {
  name: "delivery-latency",
  about: "from sending a direct message to its coming on another socket, at half of the load that is possible, beside one fsync",
  limitSeconds: 90,
  run: async (bench) => {
    const server = await bench.server();
    await server.ask("users", { count: SENDERS + RECIPIENTS });
    await settled(server);
    const recipients = Array.from({ length: RECIPIENTS }, (_, index) => userName(SENDERS + index));
    const writers = Array.from({ length: SENDERS }, (_, index) => ({
      user: userName(index),
      conversations: recipients.map((peer) => directConversationOf(userName(index), peer)),
    }));
    const [load, subscribers] = [await bench.load(), await bench.subscribers()];
    await subscribers.ask("open", { port: server.port, users: recipients, latencies: true });
    const plan = { port: server.port, transport, sending: "send", writers } as const;
    const { operations, seconds } = await load.ask("send", { ...plan, seconds: bench.seconds(4) });
    const full = operations / seconds;
    await settled(server);

    const folder = await bench.folder();
    const figures: Figure[] = [];
    for (const [name, rate] of [
      ["at half load", full / 2],
      ["at 100 a second", 100],
    ] as const) {
      const synced: number[] = [];
      const p50: number[] = [];
      const p99: number[] = [];
      for (let round = 0; round < bench.count(3, 2); round++) {
        synced.push(...syncedWrites(folder, 4_096, 0.5));
        await subscribers.ask("latencies");
        const before = (await subscribers.ask("received")).messages;
        const sent = await load.ask("send", { ...plan, rate, seconds: bench.seconds(3) });
        await waitFor(
          "all were delivered",
          async () => (await subscribers.ask("received")).messages >= before + sent.operations,
          20_000,
        );
        const came = await subscribers.ask("latencies");
        p50.push(came.p50);
        p99.push(came.p99);
      }
      figures.push({
        name: `${name} (${Math.round(rate).toLocaleString("en")} a second)`,
        unit: "ms",
        measured: median(p50),
        floor: median(synced),
        note: `${latencies(median(p50), median(p99))}; fsync of 4 kB ${latencies(median(synced), percentile(synced, 0.99))}`,
      });
    }
    return figures;
  },
};
