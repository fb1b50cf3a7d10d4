import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Benchmark, conduct } from "./bench.ts";
import { channel } from "./benchmarks/channel.ts";
import { cluster } from "./benchmarks/cluster.ts";
import { delivery } from "./benchmarks/delivery.ts";
import { deliveryLatency } from "./benchmarks/deliveryLatency.ts";
import { fanout } from "./benchmarks/fanout.ts";
import { group } from "./benchmarks/group.ts";
import { hotpath } from "./benchmarks/hotpath.ts";
import { log } from "./benchmarks/log.ts";
import { memory } from "./benchmarks/memory.ts";
import { people } from "./benchmarks/people.ts";
import { postgres } from "./benchmarks/postgres.ts";
import { reads } from "./benchmarks/reads.ts";
import { replay } from "./benchmarks/replay.ts";
import { search } from "./benchmarks/search.ts";
import { send } from "./benchmarks/send.ts";
import { slices } from "./benchmarks/slices.ts";
import { sockets } from "./benchmarks/sockets.ts";
import { type Figure, tableOf } from "./figures.ts";

const benchmarks: readonly Benchmark[] = [
  log,
  hotpath,
  send,
  group,
  deliveryLatency,
  fanout,
  postgres,
  cluster,
  slices,
  replay,
  reads,
  people,
  channel,
  search,
  delivery,
  sockets,
  memory,
];

const USAGE = `npm run bench -- [--quick] [--profile DIR] [name …]

Each figure is printed beside its floor, measured in the same run. A ratio of 1 is the floor itself. BENCH_DIR is the disk that is measured
(the system's folder for temporary files); replay keeps its log there. BENCH_VIEWS=timelines,readMarks replays only these views. BENCH_ROWS
measures only these loads: of hotpath many, fifty, one, delivered, reads and wide; of memory idle and sends; of log embedded, client, sends.
--profile writes CPU profiles of the servers' threads.

${benchmarks.map(({ name, about }) => `  ${name.padEnd(18)}${about}`).join("\n")}`;

type Outcome = { figures: Figure[] } | { fault: string };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Runs one benchmark in a process of its own, and gives it up when it takes too long. */
async function outcomeOf({ name, limitSeconds, runsItself }: Benchmark, quick: boolean, root: string): Promise<Outcome> {
  const profiles = process.env["PROFILE_DIR"];
  const child = fork(new URL(import.meta.url), ["--run", name, ...(quick ? ["--quick"] : [])], {
    env: { ...process.env, BENCH_ROOT: root },
    execArgv: runsItself && profiles !== undefined ? ["--cpu-prof", "--cpu-prof-dir", profiles] : [],
  });
  let outcome: Outcome = { fault: "it ended without a result" };
  child.on("message", (message) => {
    outcome = message as Outcome;
  });
  const late = setTimeout(() => {
    outcome = { fault: `given up after ${limitSeconds} s` };
    child.kill("SIGKILL");
  }, limitSeconds * 1_000);
  await once(child, "exit");
  clearTimeout(late);
  return outcome;
}

async function runAll(chosen: readonly Benchmark[], quick: boolean): Promise<number> {
  const root = await mkdtemp(join(process.env["BENCH_DIR"] ?? tmpdir(), "tidings-bench-"));
  const tables: string[] = [];
  let faults = 0;
  try {
    for (const benchmark of chosen) {
      const began = performance.now();
      say(`${benchmark.name}: ${benchmark.about} …`);
      const outcome = await outcomeOf(benchmark, quick, root);
      if ("fault" in outcome) {
        faults += 1;
        say(outcome.fault);
        tables.push(`${benchmark.name}: ${outcome.fault.split("\n")[0]}`);
      } else tables.push(tableOf(benchmark.name, outcome.figures));
      say(`  ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    }
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
  say(`\n${tables.join("\n\n")}`);
  return faults > 0 ? 1 : 0;
}

async function runOne(benchmark: Benchmark, quick: boolean): Promise<void> {
  const tell = (text: string): void => say(`  ${text}`);
  let outcome: Outcome;
  try {
    outcome = { figures: await conduct(benchmark, quick, process.env["BENCH_ROOT"] ?? tmpdir(), tell) };
  } catch (error) {
    outcome = { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.send?.(outcome, () => process.disconnect());
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    profile: { type: "string" },
    run: { type: "string" },
  },
});
const named = (name: string): Benchmark => {
  const found = benchmarks.find((benchmark) => benchmark.name === name);
  if (found) return found;
  throw new Error(`there is no benchmark ${name}\n\n${USAGE}`);
};

if (values.help) say(USAGE);
else if (values.run !== undefined) await runOne(named(values.run), values.quick);
else {
  if (values.profile !== undefined) process.env["PROFILE_DIR"] = resolve(values.profile);
  process.exitCode = await runAll(positionals.length > 0 ? positionals.map(named) : benchmarks, values.quick);
}
