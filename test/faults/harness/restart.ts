import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readiness, Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";

/** How long a server behind may take to come up, and Tidings to be ready then. */
export const UP_MS = 180_000;

/** Says aloud that something was not run. */
export function skipped(why: string): void {
  process.stderr.write(`\n*** SKIPPED: ${why} ***\n\n`);
}

/** Runs the command of the shell that a setting of the tests names. Rejects with all that it wrote where it fails. */
export async function restart(setting: string): Promise<void> {
  const child = spawn("sh", ["-c", process.env[setting] ?? ""], { env: othersSettings(), stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (written += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (written += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), UP_MS);
  // Not until its output is closed: what it started may have inherited that.
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${setting} ended with ${code}:\n${written}`);
}

/**
 * Without what is meant for the tests: EventStoreDB takes every variable of its name for a setting of its own, and ends at one it
 * does not know.
 */
const othersSettings = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(EVENTSTORE|ELASTICSEARCH)_(URL|RESTART)$/.test(name)));

/** Looks at /ready for as long as some work goes on, and gives what it said; nothing where no server listened. */
export async function readinessDuring(server: Server, work: Promise<unknown>): Promise<Readiness[]> {
  const seen: Readiness[] = [];
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  done.catch(() => undefined);
  await until(
    "what was away is up again",
    async () => {
      const said = await server.readiness().catch(() => undefined);
      if (said) seen.push(said);
      return isOver;
    },
    UP_MS,
  );
  await done;
  return seen;
}
