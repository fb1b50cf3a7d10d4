import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { tempDir } from "./tempDir.ts";
import { ran, toolOf } from "./tools.ts";
import { until } from "./until.ts";

/* Servers of a test's own, which it may kill: started from the packages of the system. What they hold is thrown away. */

export type OwnServer = {
  /** With 127.0.0.1; at the other addresses it has the same port. */
  readonly url: string;
  readonly port: number;
  /** Ends it at once, so that nothing is put in order, and starts it again on what is there. Resolves once it answers. */
  restart(): Promise<void>;
  /** Ends it, and removes what it left. */
  remove(): Promise<void>;
};

/** What it can be reached at beside 127.0.0.1. */
export type OwnServerOptions = { addresses?: readonly string[] };

const PACKAGES = "/usr/lib/postgresql";

/** The programs of the newest PostgreSQL that is there. */
const postgresPrograms = (): string | undefined => {
  const versions = (() => {
    try {
      return readdirSync(PACKAGES);
    } catch {
      return [];
    }
  })();
  const newest = versions
    .map(Number)
    .filter(Number.isFinite)
    .sort((one, other) => other - one)[0];
  return newest === undefined ? undefined : join(PACKAGES, String(newest), "bin");
};

/** Whether both servers can be started; if not, that is said aloud: `what` is then not run. */
export function canStartServers(what: string): boolean {
  const hasPostgres = postgresPrograms() !== undefined;
  if (!hasPostgres) console.warn(`\nNO POSTGRESQL OF ITS OWN: there is no package in ${PACKAGES}, and ${what} is not run\n`);
  return toolOf("redis-server", what) !== undefined && hasPostgres;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A PostgreSQL with an empty database `tidings`, and a user of that name who needs no password. */
export async function ownPostgres({ addresses = [] }: OwnServerOptions = {}): Promise<OwnServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error(`there is no PostgreSQL in ${PACKAGES}`);
  const { path, remove } = await tempDir();
  const isRoot = process.getuid?.() === 0;
  // It does not run as root.
  if (isRoot) await ran("chown", ["postgres", path]).then(mustBeDone);
  const run = async (program: string, ...args: string[]): Promise<void> => {
    const whole = [join(programs, program), ...args];
    const [file = "", ...rest] = isRoot ? ["runuser", "-u", "postgres", "--", ...whole] : whole;
    mustBeDone(await ran(file, rest, { cwd: path }));
  };
  const data = join(path, "data");
  await run("initdb", "-D", data, "-U", "tidings", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
  await appendFile(join(data, "pg_hba.conf"), addresses.map((address) => `host all all ${address}/24 trust\n`).join(""));
  const port = await freePort();
  const url = `postgres://tidings@127.0.0.1:${port}/tidings`;
  // The machine goes on: what was written is there without an fsync.
  const settings = `-p ${port} -k ${path} -c listen_addresses=${["127.0.0.1", ...addresses].join(",")} -c fsync=off -c max_connections=200`;
  const control = (what: string, ...more: string[]) => run("pg_ctl", "-D", data, "-l", join(path, "log"), "-w", ...more, what);
  await control("start", "-o", settings);
  await run("createdb", "-h", "127.0.0.1", "-p", String(port), "-U", "tidings", "tidings");
  const end = (): void => {
    const [pid] = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    process.kill(Number(pid), "SIGQUIT");
  };
  const orphaned = endWithThisProcess(end);
  return {
    url,
    port,
    restart: async () => {
      await control("restart", "-m", "immediate", "-o", settings);
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.end();
    },
    remove: async () => {
      orphaned();
      await control("stop", "-m", "immediate");
      await remove();
    },
  };
}

/** A Redis that keeps nothing. */
export async function ownRedis({ addresses = [] }: OwnServerOptions = {}): Promise<OwnServer> {
  const { path, remove } = await tempDir();
  const port = await freePort();
  const args = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    ...addresses,
    "--protected-mode",
    "no",
    "--save",
    "",
    "--dir",
    path,
  ];
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    child = spawn("redis-server", args, { stdio: "ignore" });
    await until("Redis answers", () => answersAt(port));
  };
  const end = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  await start();
  const orphaned = endWithThisProcess(() => child?.kill("SIGKILL"));
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    restart: async () => {
      await end();
      await start();
    },
    remove: async () => {
      orphaned();
      await end();
      await remove();
    },
  };
}

const answersAt = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.on("data", (said) => {
      resolve(said.toString().startsWith("+PONG"));
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
  });

function mustBeDone({ code, out, err }: { code: number; out: string; err: string }): void {
  if (code !== 0) throw new Error(`a program ended with ${code}:\n${out}${err}`);
}

/** Ends a server where this process ends without having done so. The function returned is called when it has been. */
function endWithThisProcess(end: () => void): () => void {
  const listener = (): void => {
    try {
      end();
    } catch {
      // It is gone already.
    }
  };
  process.once("exit", listener);
  return () => void process.removeListener("exit", listener);
}
