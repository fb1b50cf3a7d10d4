import { setTimeout as delay } from "node:timers/promises";
import { mkdir, mkdtemp } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Figure } from "./figures.ts";
import type { LoadHandlers } from "./load.ts";
import { waitFor } from "./measure.ts";
import { type Child, type Handlers, start, type StartOptions } from "./processes.ts";
import type { PartHandlers } from "./part.ts";
import type { RawServerHandlers } from "./rawServer.ts";
import { restarted } from "../../src/commandline/restart.ts";
import { YOUNG_MIB } from "../../src/server/builder.ts";
import { SEMI_SPACE } from "../../src/server/heap.ts";
import type { ReplayerHandlers } from "./replayer.ts";
import type { ServerHandlers } from "./server.ts";
import type { SliceFolderHandlers } from "./sliceFolder.ts";
import type { StoringServerHandlers } from "./storingServer.ts";
import type { SubscriberHandlers } from "./subscribers.ts";
import { SECRET } from "./token.ts";

export type Server = Child<ServerHandlers> & { readonly port: number; readonly dataDir: string };
export type Part = Child<PartHandlers>;
export type Load = Child<LoadHandlers>;
export type Subscribers = Child<SubscriberHandlers>;
export type Replayer = Child<ReplayerHandlers>;
export type SliceFolder = Child<SliceFolderHandlers>;
export type RawServer = Child<RawServerHandlers> & { readonly port: number };
export type StoringServer = Child<StoringServerHandlers> & { readonly port: number };

/** What a benchmark works with. Processes that it started are stopped after it; folders are deleted by whoever runs it. */
export type Bench = {
  readonly quick: boolean;
  /** So many seconds, fewer in a quick run. */
  seconds(full: number): number;
  /** So many of something, fewer in a quick run. */
  count(full: number, quick: number): number;
  /** A new folder on the disk that is measured. */
  folder(): Promise<string>;
  /** The real server in a process of its own; embedded, in a new folder, and as these settings say. */
  server(settings?: Readonly<Record<string, string>>): Promise<Server>;
  /** A projector or an indexer, as these settings say. */
  part(settings: Readonly<Record<string, string>>): Promise<Part>;
  load(): Promise<Load>;
  subscribers(): Promise<Subscribers>;
  rawServer(): Promise<RawServer>;
  /** It keeps its file in a new folder. */
  storingServer(): Promise<StoringServer>;
  /** A process that folds logs into views. `roomy`: it may hold the rows of a whole view. */
  replayer(options?: { roomy: boolean }): Promise<Replayer>;
  /** A process that folds slices of views on a PostgreSQL. */
  sliceFolder(): Promise<SliceFolder>;
  say(text: string): void;
};

export type Benchmark = {
  name: string;
  about: string;
  /** How long it may take before it is given up. */
  limitSeconds: number;
  /** Whether what is to be profiled runs in the benchmark's own process. */
  runsItself?: boolean;
  run(bench: Bench): Promise<Figure[]>;
};

const ROWS = process.env["BENCH_ROWS"]?.split(",");

/** Whether these loads are to be measured: some benchmarks can be had in parts. */
export const isAsked = (row: string): boolean => ROWS?.includes(row) ?? true;

const QUICK = 0.3;

/** Waits until the views hold everything that the log does. */
export async function settled(server: Server, timeoutMs = 60_000): Promise<void> {
  await waitFor("the views have caught up", async () => (await server.ask("lag")) === 0, timeoutMs);
}

/** What a server that does nothing takes of the processor, in milliseconds of each second. */
const IDLE_MS = 50;

/**
 * Waits until a server works no more at what was asked of it before: stores go on merging what was written, for up to a minute
 * after millions of rows. What is measured then is what is asked then.
 */
export async function rested(server: Server, timeoutMs = 180_000): Promise<void> {
  await settled(server, timeoutMs);
  const used = async (): Promise<number> => (await server.ask("cpu"))?.all ?? 0;
  const rests = async (): Promise<boolean> => {
    const before = await used();
    await delay(1_000);
    return (await used()) - before < IDLE_MS;
  };
  await waitFor("the server rests", rests, timeoutMs);
}

/** What `serve` starts itself again with. A server that speaks to another process, as those of benchmarks do, does not. */
const ARENAS = ((): Readonly<Record<string, string>> => {
  const { platform, execArgv, env } = process;
  const isHeld = !("execve" in process);
  const most = restarted({ platform, cores: availableParallelism(), execArgv, env, isHeld })?.env["MALLOC_ARENA_MAX"];
  return most === undefined ? {} : { MALLOC_ARENA_MAX: most };
})();

const SERVER_ARGV = [SEMI_SPACE, "--expose-gc", "--import", new URL("threads.js", import.meta.url).href];

/** Of a server: embedded, but for what the settings say. */
const environmentOf = (settings: Readonly<Record<string, string>>, dataDir: string): Record<string, string> => ({
  LOG_LEVEL: "error",
  // A load of few senders: no limit of a user counts here.
  RATE_LIMIT: "0",
  ROLE: "all",
  EVENTSTORE_URL: "",
  EVENTSTORE_PREFIX: "",
  DATABASE_URL: "",
  DATABASE_SCHEMA: "",
  PROJECTION_SLICES: "",
  ELASTICSEARCH_URL: "",
  ELASTICSEARCH_PREFIX: "",
  REDIS_URL: "",
  REDIS_PREFIX: "",
  ...ARENAS,
  ...settings,
  NODE_ENV: "production",
  AUTH_SECRET: SECRET,
  DATA_DIR: dataDir,
  PORT: "0",
});

/** Runs a benchmark in this process, with folders below `root`. */
export async function conduct(
  benchmark: Benchmark,
  quick: boolean,
  root: string,
  say: (text: string) => void,
): Promise<Figure[]> {
  const children: { stop(): Promise<void> }[] = [];
  async function started<H extends Handlers>(file: string, options?: StartOptions): Promise<Child<H>> {
    const child = await start<H>(new URL(file, import.meta.url), options);
    children.push(child);
    return child;
  }
  const folder = async (): Promise<string> => {
    await mkdir(root, { recursive: true });
    return mkdtemp(join(root, `${benchmark.name}-`));
  };
  const bench: Bench = {
    quick,
    seconds: (full) => (quick ? full * QUICK : full),
    count: (full, fewer) => (quick ? fewer : full),
    folder,
    server: async (settings = {}) => {
      const dataDir = settings["DATA_DIR"] ?? (await folder());
      const options = { environment: environmentOf(settings, dataDir), execArgv: SERVER_ARGV, profiled: true };
      const child = await started<ServerHandlers>("./server.js", options);
      return { ...child, dataDir, port: await child.ask("port") };
    },
    part: async (settings) => {
      const options = { environment: environmentOf(settings, await folder()), execArgv: SERVER_ARGV, profiled: true };
      return started<PartHandlers>("./part.js", options);
    },
    load: () => started<LoadHandlers>("./load.js"),
    subscribers: () => started<SubscriberHandlers>("./subscribers.js"),
    rawServer: async () => {
      const child = await started<RawServerHandlers>("./rawServer.js", { execArgv: ["--expose-gc"] });
      return { ...child, port: await child.ask("port") };
    },
    storingServer: async () => {
      const child = await started<StoringServerHandlers>("./storingServer.js", { environment: { DATA_DIR: await folder() } });
      return { ...child, port: await child.ask("port") };
    },
    replayer: ({ roomy } = { roomy: false }) =>
      started<ReplayerHandlers>("./replayer.js", {
        execArgv: roomy ? ["--expose-gc", "--max-old-space-size=8192"] : [`--max-semi-space-size=${YOUNG_MIB / 3}`],
        profiled: !roomy,
      }),
    sliceFolder: () =>
      started<SliceFolderHandlers>("./sliceFolder.js", { execArgv: [`--max-semi-space-size=${YOUNG_MIB / 3}`], profiled: true }),
    say,
  };
  try {
    return await benchmark.run(bench);
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}
