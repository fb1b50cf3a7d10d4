import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { BroadcastChannel, isMainThread } from "node:worker_threads";

/**
 * Knows the threads of a process by their work. The process is started with `--import` of this module: then it is run by each
 * worker too, and each tells the main thread which one it is.
 */

const TASKS = "/proc/self/task";
const CHANNEL = "tidings-bench-threads";

type Told = { id: string; name: string };

/** What each worker does, by the file that it was started with. */
const WORK: Readonly<Record<string, string>> = {
  "server/projectorThread": "projections",
  "server/builderThread": "building",
  "server/indexerThread": "indexing",
  "searchIndex/sqlite/worker": "search",
  "eventStore/sqlite/worker": "log",
  "eventStore/eventstoredb/worker": "log",
  "eventStore/sqlite/copyThread": "copying",
  "eventStore/sqlite/readAheadThread": "reading",
};

const workOf = (file: string): string => {
  const name = file.replace(/\.[jt]s$/, "");
  return Object.entries(WORK).find(([end]) => name.endsWith(end))?.[1] ?? `${basename(dirname(name))}/${basename(name)}`;
};

const ids = (): string[] => (existsSync(TASKS) ? readdirSync(TASKS) : []);

const known = new Map<string, string>();

if (isMainThread) {
  // Of the threads that are there before anything was done, all others belong to V8: they collect garbage and compile.
  for (const id of ids()) known.set(id, id === String(process.pid) ? "main" : "V8");
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: { data: unknown }) => {
    const { id, name } = data as Told;
    known.set(id, name);
  };
  channel.unref();
} else if (existsSync(TASKS)) {
  const channel = new BroadcastChannel(CHANNEL);
  // `<process>/task/<thread>`
  const id = basename(readlinkSync("/proc/thread-self"));
  channel.postMessage({ id, name: workOf(process.argv[1] ?? "") } satisfies Told);
  channel.close();
}

/**
 * Milliseconds on a core so far, by what the threads do. "others": the pool of libuv, and LevelDB's own thread. Empty where the
 * system does not tell.
 */
export function threadTimes(): Record<string, number> {
  const times: Record<string, number> = {};
  for (const id of ids()) {
    const [ran = 0] = readFileSync(`${TASKS}/${id}/schedstat`, "utf8").split(" ").map(Number);
    const name = known.get(id) ?? "others";
    times[name] = (times[name] ?? 0) + ran / 1e6;
  }
  return times;
}
