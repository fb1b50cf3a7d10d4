import { rm } from "node:fs/promises";
import { viewProjections } from "../../../projections/index.ts";
import type { Bench, Benchmark, Replayer } from "../bench.ts";
import { amount, type Figure } from "../figures.ts";
import { replayLog } from "../replayLog.ts";

/** The least share of the slower floor that counts as met. */
const GOAL = 0.5;
/** Events that a second must see at least, in views that are folded from every message or from very few events. */
const LEAST = 100_000;
const LEAST_OF: ReadonlySet<string> = new Set(["timelines", "readMarks", "directory"]);
const MOST_MIB = 512;

/** The views that are measured: all, or those that BENCH_VIEWS names. */
const chosen = (): string[] => {
  const names = viewProjections.map(({ name }) => name);
  const asked = process.env["BENCH_VIEWS"]?.split(",");
  const unknown = asked?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`BENCH_VIEWS: there is no view ${unknown}, but ${names.join(", ")}`);
  return asked ?? names;
};

export const replay: Benchmark = {
  name: "replay",
  about: "each view built alone, beside reading and parsing the log, and beside LevelDB given the same rows",
  limitSeconds: 1_800,
  run: async (bench) => {
    const { dataDir, name: archive } = await replayLog(bench.count(1_000_000, 100_000), bench.say);
    const figures: Figure[] = [];
    let memory = 0;
    for (const name of chosen()) {
      const { figure, mib } = await figureOf(bench, dataDir, name);
      figures.push(figure);
      memory = Math.max(memory, mib);
      bench.say(`${name}: ${amount(figure.measured, "events/s")}; ${figure.note}`);
    }
    figures.push(await togetherOf(bench, dataDir, archive));
    figures.push({ name: "memory, the most of a build", unit: "MiB", measured: memory, most: MOST_MIB });
    return figures;
  },
};

/** Works in a new folder and a new process, so that no build has what another one left. */
async function inProcess<T>(bench: Bench, roomy: boolean, work: (replayer: Replayer, folder: string) => Promise<T>): Promise<T> {
  const folder = await bench.folder();
  const replayer = await bench.replayer({ roomy });
  try {
    return await work(replayer, folder);
  } finally {
    await replayer.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function figureOf(bench: Bench, dataDir: string, name: string): Promise<{ figure: Figure; mib: number }> {
  const floors = await inProcess(bench, true, async (replayer, folder) => {
    const scan = await replayer.ask("scan", { dataDir });
    return { scan, write: await replayer.ask("write", { dataDir, folder, name }) };
  });
  const built = await inProcess(bench, false, async (replayer, folder) => {
    const build = await replayer.ask("build", { dataDir, folder, name });
    return { ...build, mib: await replayer.ask("memory") };
  });
  const { scan, write } = floors;
  const { events } = scan;
  const [scanned, written] = [events / scan.seconds, events / write.seconds];
  const cpu = [built.cpu, scan.cpu, write.cpu].map((one) => amount(one / events, ""));
  return {
    mib: built.mib,
    figure: {
      name,
      unit: "events/s",
      measured: events / built.seconds,
      floor: Math.min(scanned, written),
      goal: GOAL,
      ...(LEAST_OF.has(name) ? { least: LEAST } : {}),
      note:
        `log ${amount(scanned, "events/s")}, LevelDB ${amount(written, "events/s")}, ${amount(write.rows / events, "")} rows an event; ` +
        `CPU ${cpu[0]} µs an event, log ${cpu[1]}, LevelDB ${cpu[2]}; ${amount(built.mib, "MiB")}`,
    },
  };
}

async function togetherOf(bench: Bench, dataDir: string, archive: string): Promise<Figure> {
  return inProcess(bench, false, async (replayer, folder) => {
    const { events, seconds: scanning } = await replayer.ask("scan", { dataDir });
    const { rows, seconds } = await replayer.ask("all", { dataDir, folder });
    return {
      name: "all together, as at a first start",
      unit: "events/s",
      measured: events / seconds,
      floor: events / scanning,
      note: `floor: reading and parsing; ${events.toLocaleString("en")} events of ${archive}, ${rows.toLocaleString("en")} rows, ${amount(await replayer.ask("memory"), "MiB")}`,
    };
  });
}
