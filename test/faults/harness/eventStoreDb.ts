import { spawn } from "node:child_process";
import { once } from "node:events";
import type { RecordedEvent } from "../../../src/ports/eventStore.ts";
import type { Readiness, Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";

/** `esdb://…`, of one node or of several; empty where the tests run without EventStoreDB. */
export const EVENTSTORE_URL = process.env.EVENTSTORE_URL ?? "";
/** Any command of the shell that kills EventStoreDB (-9; of several nodes the leader), starts it again, and ends once all is up. */
export const EVENTSTORE_RESTART = process.env.EVENTSTORE_RESTART ?? "";

/** How long EventStoreDB may take to come up, and Tidings to be ready then. */
export const UP_MS = 180_000;

/** Says aloud that something was not run. */
export function skipped(why: string): void {
  process.stderr.write(`\n*** SKIPPED: ${why} ***\n\n`);
}

/** Kills EventStoreDB, and resolves once it is up again. Rejects with all that the command wrote where it fails. */
export async function restartEventStoreDb(): Promise<void> {
  const child = spawn("sh", ["-c", EVENTSTORE_RESTART], { env: othersSettings(), stdio: ["ignore", "pipe", "pipe"] });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (written += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (written += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), UP_MS);
  // Not until its output is closed: what it started may have inherited that.
  const [code] = (await once(child, "exit")) as [number | null];
  clearTimeout(timer);
  if (code !== 0) throw new Error(`EVENTSTORE_RESTART ended with ${code}:\n${written}`);
}

/** Without what is meant for the tests: EventStoreDB takes every variable of its name for a setting of its own, and ends at one it does not know. */
function othersSettings(): NodeJS.ProcessEnv {
  const { EVENTSTORE_URL: _url, EVENTSTORE_RESTART: _restart, ...others } = process.env;
  return others;
}

/** Looks at /ready for as long as some work goes on, and gives what it said; nothing where no server listened. */
export async function readinessDuring(server: Server, work: Promise<unknown>): Promise<Readiness[]> {
  const seen: Readiness[] = [];
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  done.catch(() => undefined);
  await until(
    "EventStoreDB is up again",
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

/** Whether /ready said that the log is away. */
export const tellsOfTheLog = ({ status, body }: Readiness): boolean => status === 503 && body.components.log?.ready === false;

export const readyAgain = (server: Server) =>
  until("the server is ready again", async () => (await server.readiness()).status === 200, UP_MS);

/** What is logged as an error while the log is away: that it is. */
export const tellsOfAnOutage = (line: string): boolean => /"detail":"Unavailable: /.test(line);

/** Appended without an expected revision, whose repeats EventStoreDB knows only until it is killed. Marks only rise: a second one does nothing. */
export const isMark = ({ type }: RecordedEvent): boolean => type === "ReadUpTo";
