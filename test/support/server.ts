import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sign } from "../../src/transport/auth.ts";
import { logSettings } from "./logSettings.ts";
import { tempDir } from "./tempDir.ts";
import { until } from "./until.ts";

const builtMain = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));

/**
 * What changes modules of a server before it starts finds them only where each is a file of its own: in what `build.ts` makes of
 * the sources, not in what `npm run build` does.
 */
const modulesMain = fileURLToPath(new URL("../../dist/modules/src/main.js", import.meta.url));

/** How long a process may take to listen, to be ready, or to end, on a machine with much else to do. */
const PATIENCE_MS = 60_000;

/** How often a process that starts is asked whether it is ready: each question takes time from the start itself. */
const ASK_MS = 25;

/** Settings beside those that every process here gets; undefined leaves one of those out. */
export type Settings = Readonly<Record<string, string | undefined>>;

export type ServerOptions = {
  /** A new folder, removed at the end, where none is given. */
  dataDir?: string;
  settings?: Settings;
  /** Whether `startServer` and `start` wait for /ready (the default), or only until it listens. */
  ready?: boolean;
  /** Where its process runs, if not beside this one. */
  host?: Host;
};

/** A host of its own: `command` is run with the program and its arguments, and all that it listens at is reached at `address`. */
export type Host = { address: string; command: readonly string[] };

export type TokenOptions = { admin?: boolean; device?: string; expiresInSeconds?: number };

/** A server of its own process, run from `dist`, on a free port. */
export type Server = {
  readonly dataDir: string;
  /** What its process is told: the settings given, DATA_DIR, and where the log is; no limit of rates unless one is given. */
  readonly environment: Settings;
  /** `http://host:port` of the process that runs now. Throws where none does. */
  readonly url: string;
  readonly pid: number;
  /** The address as soon as a process listens: at once, or after the next `start`. */
  address(): Promise<string>;
  /** What all its processes so far have written. */
  log(): string;
  /** Its log's lines of level error and fatal. */
  faults(): string[];
  /** `/ready` of now: its status and what it says. */
  readiness(): Promise<Readiness>;
  token(user: string, options?: TokenOptions): Promise<string>;
  /** SIGKILL. Resolves once the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM, as operators end it. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** The exit code of the process that was started last, once it has ended by whatever cause. */
  exited(): Promise<number | null>;
  /** Starts it again on the same folder. */
  start(settings?: Settings): Promise<void>;
  /** Ends it and removes what it left. */
  remove(): Promise<void>;
};

export type Readiness = {
  status: number;
  body: {
    ready: boolean;
    components: Record<string, { ready: boolean; kind?: string; detail?: string }>;
    projections: Record<string, { state: string; behind: number | string; parked?: number }>;
  };
};

/** Waits until the search index of a server follows the log: the server is ready before, and may be away meanwhile. */
export async function searchIsLive(server: Pick<Server, "readiness">, withinMs = PATIENCE_MS): Promise<void> {
  let last: unknown = "no answer";
  const isLive = async (): Promise<boolean> => {
    const { projections, components } = (await server.readiness().catch(() => undefined))?.body ?? {};
    if (projections) last = { ...projections["search"], ...components?.["search"] };
    return projections?.["search"]?.state === "LIVE";
  };
  await until("search is live", isLive, withinMs, ASK_MS).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last)}`);
  });
}

type Run = { child: ChildProcess; exited: Promise<number | null>; url: string | undefined };

/** Starts a server. Rejects with all that it wrote where it ends before it listens. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { dataDir, discard } = await folderOf(options);
  const { host } = options;
  let written = "";
  let run: Run | undefined;
  let listening = gate();

  const current = (): Run & { url: string } => {
    if (run?.url === undefined) throw new Error("no server runs now");
    return run as Run & { url: string };
  };

  const environment: Settings = logSettings({ DATA_DIR: dataDir, RATE_LIMIT: "0", ...options.settings });
  const launch = (settings: Settings): Run => {
    const child = spawnTidings(["serve"], { PORT: "0", ...(host ? { HOST: host.address } : {}), ...settings }, { host });
    const started: Run = { child, exited: exitOf(child), url: undefined };
    let output = "";
    const take = (text: string) => {
      written += text;
      if (started.url !== undefined) return;
      output += text;
      const [, url] = /^Tidings (?:serves|is an? \w+:) (http:\/\/[^/\s]+)/m.exec(output) ?? [];
      if (url === undefined) return;
      started.url = url;
      listening.open(url);
    };
    child.stdout?.setEncoding("utf8").on("data", take);
    child.stderr?.setEncoding("utf8").on("data", take);
    void started.exited.then(() => {
      if (started.url !== undefined && run === started) listening = gate();
      started.url = undefined;
    });
    return started;
  };

  const readiness = async (): Promise<Readiness> => {
    const answer = await fetch(`${current().url}/ready`);
    return { status: answer.status, body: (await answer.json()) as Readiness["body"] };
  };

  const start = async (settings: Settings = {}): Promise<void> => {
    if (run && run.child.exitCode === null && run.child.signalCode === null) throw new Error("it runs already");
    const before = written.length;
    const started = (run = launch({ ...environment, ...settings }));
    const ended = started.exited.then((code) => {
      throw new Error(`the server ended (${code}) before it was up:\n${written.slice(before)}`);
    });
    // Whoever waits for nothing any more is not told of its end.
    ended.catch(() => undefined);
    await Promise.race([until("the server listens", () => started.url, PATIENCE_MS), ended]);
    if (options.ready ?? true)
      await Promise.race([
        until("the server is ready", async () => (await readiness().catch(() => undefined))?.status === 200, PATIENCE_MS, ASK_MS),
        ended,
      ]);
  };

  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (run === undefined) return null;
    run.child.kill(signal);
    return run.exited;
  };

  const server: Server = {
    dataDir,
    environment,
    get url() {
      return current().url;
    },
    get pid() {
      return current().child.pid as number;
    },
    address: () => listening.opened,
    log: () => written,
    faults: () => written.split("\n").filter((line) => /^\{"level":[56]0,/.test(line)),
    readiness,
    token: async (user, { admin = false, device, expiresInSeconds = 3_600 } = {}) => {
      const secret = options.settings?.AUTH_SECRET ?? (await readFile(join(dataDir, "secret"), "utf8")).trim();
      return sign(secret, { sub: user, admin, expiresInSeconds, ...(device === undefined ? {} : { device }) });
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    exited: async () => (run ? run.exited : null),
    start,
    remove: async () => {
      await end("SIGKILL");
      await discard();
    },
  };
  try {
    await start();
    return server;
  } catch (error) {
    await server.remove();
    throw error;
  }
}

async function folderOf({ dataDir }: ServerOptions): Promise<{ dataDir: string; discard: () => Promise<void> }> {
  if (dataDir !== undefined) return { dataDir, discard: async () => undefined };
  const { path, remove } = await tempDir();
  return { dataDir: path, discard: remove };
}

export type Finished = { code: number | null; out: string; err: string };

/**
 * Runs a command of Tidings to its end: `["token", "alice"]`, as the user `uid` where one is given. It is killed, and this
 * rejects, where it does not end in time.
 */
export async function runTidings(
  args: readonly string[],
  settings: Settings,
  { withinMs = PATIENCE_MS, uid }: { withinMs?: number; uid?: number } = {},
): Promise<Finished> {
  const { ended, kill } = startTidings(args, settings, uid === undefined ? {} : { uid });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    void kill();
  }, withinMs);
  const { code, out, err } = await ended;
  clearTimeout(timer);
  if (isLate) throw new Error(`tidings ${args.join(" ")} did not end within ${withinMs} ms:\n${out}${err}`);
  return { code, out, err };
}

/** A command of Tidings that runs: what it has written so far, and its end. `kill` is SIGKILL, and resolves once it is gone. */
export type Started = {
  pid: number;
  out: () => string;
  ended: Promise<Finished>;
  kill: () => Promise<Finished>;
  /** SIGTERM; resolves like `kill`. */
  stop: () => Promise<Finished>;
};

/** Starts a command of Tidings, as the user `uid` where one is given; `stdout`: a file of its own for what it says. */
export function startTidings(
  args: readonly string[],
  settings: Settings,
  { uid, stdout }: { uid?: number; stdout?: number } = {},
): Started {
  const child = spawnTidings(args, settings, uid === undefined ? {} : { uid, gid: uid }, stdout);
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = exitOf(child).then((code) => ({ code, out, err }));
  const end = (signal: NodeJS.Signals): Promise<Finished> => {
    child.kill(signal);
    return ended;
  };
  return { pid: child.pid ?? 0, out: () => out, ended, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}

/** Those that still run when this process ends, however that comes about, end with it. */
const children = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** With nothing of this process's own settings, but for where the log is. */
function spawnTidings(
  args: readonly string[],
  settings: Settings,
  { host, ...as }: { uid?: number; gid?: number; host?: Host | undefined } = {},
  stdout: number | "pipe" = "pipe",
): ChildProcess {
  const { PATH, HOME } = process.env;
  const env = Object.fromEntries(
    Object.entries({ PATH, HOME, ...logSettings(settings) }).filter(([, value]) => value !== undefined),
  );
  const main = settings.NODE_OPTIONS?.includes("/dist/modules/") ? modulesMain : builtMain;
  const [file = process.execPath, ...rest] = [...(host?.command ?? []), process.execPath, main, ...args];
  const child = spawn(file, rest, { env, stdio: ["ignore", stdout, "pipe"], ...as });
  children.add(child);
  child.once("close", () => children.delete(child));
  return child;
}

/** Once all that it wrote has been read. */
const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });

function gate(): { opened: Promise<string>; open: (url: string) => void } {
  let open!: (url: string) => void;
  const opened = new Promise<string>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
