import { type Bench, type Benchmark, settled, type Subscribers } from "../bench.ts";
import type { Figure } from "../figures.ts";
import { userName } from "../seed.ts";

const WARM = 200;

export const sockets: Benchmark = {
  name: "sockets",
  about: "memory of the server's process a socket with one subscription, beside a plain WebSocket server",
  limitSeconds: 120,
  run: async (bench) => {
    const most = bench.count(5_000, 1_000);
    const server = await bench.server();
    await server.ask("users", { count: WARM + most });
    await settled(server);
    const raw = await bench.rawServer();
    const figures: Figure[] = [];
    for (const count of bench.quick ? [most] : [2_000, most]) {
      const ours = await bytesASocket(bench, server.port, () => server.ask("memory"), count);
      const plain = await bytesASocket(bench, raw.port, () => raw.ask("memory"), count);
      figures.push({ name: `${count.toLocaleString("en")} sockets`, unit: "kB", measured: ours / 1_024, floor: plain / 1_024 });
    }
    return figures;
  },
};

async function bytesASocket(bench: Bench, port: number, memory: () => Promise<number>, count: number): Promise<number> {
  const opened = async (from: number, to: number): Promise<Subscribers> => {
    const subscribers = await bench.subscribers();
    await subscribers.ask("open", { port, users: Array.from({ length: to - from }, (_, index) => userName(from + index)) });
    return subscribers;
  };
  const first = await opened(0, WARM);
  const before = await memory();
  const half = WARM + Math.floor(count / 2);
  const others = await Promise.all([opened(WARM, half), opened(half, WARM + count)]);
  const after = await memory();
  await Promise.all([first, ...others].map((subscribers) => subscribers.stop()));
  return (after - before) / count;
}
