import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { removePostgresViews } from "../../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { barePostgres } from "../barePostgres.ts";
import type { Bench, Benchmark, SliceFolder } from "../bench.ts";
import { amount, type Figure } from "../figures.ts";
import { alternating, clockMs, median } from "../measure.ts";
import { postgresCpu } from "../postgresCpu.ts";
import { replayLog } from "../replayLog.ts";

/** Into how many slices the views are divided, and among how many processes. */
const WAYS = [
  { slices: 1, processes: 1 },
  { slices: 2, processes: 1 },
  { slices: 4, processes: 1 },
  { slices: 2, processes: 2 },
  { slices: 4, processes: 2 },
] as const;
/** The view that is replayed alone. */
const VIEW = "timelines";

export const slices: Benchmark = {
  name: "slices",
  about: "all views folded anew on the PostgreSQL at DATABASE_URL, in 1, 2 and 4 slices, beside LevelDB; one view replayed there",
  limitSeconds: 600,
  run: async (bench) => {
    const url = process.env["DATABASE_URL"] ?? "";
    if (url === "") {
      bench.say("DATABASE_URL is not set: nothing is measured");
      return [];
    }
    const { dataDir, name: archive } = await replayLog(bench.count(40_000, 10_000), bench.say);
    const works = Object.fromEntries(WAYS.map((way) => [nameOf(way), () => folded(bench, { dataDir, url, ...way })] as const));
    const rounds = await alternating(bench.count(2, 1), { embedded: () => embedded(bench, dataDir), ...works });
    const floor = median(rounds.embedded.map(({ rate }) => rate));
    const figures = WAYS.map((way): Figure => {
      const all = (rounds[nameOf(way) as keyof typeof rounds] ?? []) as Folded[];
      return {
        name: `all views, ${nameOf(way)}`,
        unit: "events/s",
        measured: median(all.map(({ rate }) => rate)),
        floor,
        note: `CPU of each: ${amount(median(all.map(({ cpu }) => cpu)), "µs")}; ${all[all.length - 1]?.note ?? ""}`,
      };
    });
    const replays = WAYS.filter(({ processes }) => processes === 1).map((way): Figure => {
      const all = (rounds[nameOf(way) as keyof typeof rounds] ?? []) as Folded[];
      return {
        name: `${VIEW} replayed, ${nameOf(way)}`,
        unit: "events/s",
        measured: median(all.map(({ replayed }) => replayed)),
      };
    });
    bench.say(`of ${archive}; the floor is a first start with LevelDB`);
    return [...figures, ...replays];
  },
};

const nameOf = ({ slices: of, processes }: { slices: number; processes: number }): string =>
  `${of} slice${of === 1 ? "" : "s"} in ${processes} process${processes === 1 ? "" : "es"}`;

async function embedded(bench: Bench, dataDir: string): Promise<{ rate: number }> {
  const folder = await bench.folder();
  const replayer = await bench.replayer();
  try {
    const { events } = await replayer.ask("scan", { dataDir });
    const { seconds } = await replayer.ask("all", { dataDir, folder });
    return { rate: events / seconds };
  } finally {
    await replayer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Plan = { dataDir: string; url: string; slices: number; processes: number };
/** `cpu`: microseconds of each event, of the processes that fold. */
type Folded = { rate: number; cpu: number; replayed: number; note: string };

/** From empty views to ones that are read. */
async function folded(bench: Bench, { dataDir, url, slices: of, processes }: Plan): Promise<Folded> {
  const schema = `bench_${randomBytes(5).toString("hex")}`;
  const plan = { dataDir, url, schema, slices: of };
  const folders: SliceFolder[] = [];
  for (let index = 0; index < processes; index++) folders.push(await bench.sliceFolder());
  const reader = await bench.replayer();
  const bare = await barePostgres(url, schema, 1);
  try {
    const { events } = await reader.ask("scan", { dataDir });
    const cpu = postgresCpu(bare);
    const began = clockMs();
    const opened = await cpu.during(
      async () => {
        await Promise.all(folders.map((folder) => folder.ask("fold", plan)));
        return Math.max(...(await Promise.all(folders.map((folder) => folder.ask("opened")))));
      },
      () => events,
    );
    const used = await Promise.all(folders.map((folder) => folder.ask("cpu")));
    await Promise.all(folders.map((folder) => folder.stop()));
    const replaying = await bench.sliceFolder();
    const seconds = processes === 1 ? await replaying.ask("replay", { ...plan, name: VIEW }) : Number.NaN;
    await replaying.stop();
    return {
      rate: (events * 1_000) / (opened - began),
      cpu: (used.reduce((sum, each) => sum + (each?.all ?? 0), 0) * 1_000) / events,
      replayed: events / seconds,
      note: cpu.text("an event"),
    };
  } finally {
    await Promise.all(folders.map((folder) => folder.stop()));
    await reader.stop();
    await bare.close();
    await removePostgresViews(url, schema);
  }
}
