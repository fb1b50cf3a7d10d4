import { expect } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { search } from "../../../projections/search/search.ts";
import { embeddedEngine } from "../../support/engines.ts";
import { runTidings, type Server, type Settings } from "../../support/server.ts";
import { makePast, type Past } from "./past.ts";
import type { Scenario } from "./scenario.ts";

/* Replays of all views under a load: what the scenarios have in common. */

export const NAMES = [...viewProjections, search].map(({ name }) => name);
/** How long a command may take that goes through all views. */
export const MINUTES_10 = 600_000;

export const settings: Settings = {
  EVENTSTORE_URL: "",
  ...embeddedEngine.settings,
  LOG_LEVEL: "info",
  INBOX_MAX: "400",
  INBOX_SWEEP: "200ms",
};

/** Of a server that is started again: fewer than most groups have, about as many, and more. */
const LIMITS = ["2", "8", "30"];
export const limited = (nth: number): Settings => ({ FANOUT_LIMIT: LIMITS[nth % LIMITS.length] });

/** The past before the load, read again and again until the load is over. `lines`: of the archive that is imported. */
export function pastBeside(lines: number): Required<Pick<Scenario, "before" | "meanwhile">> & { counts: { compared: number } } {
  const counts = { compared: 0 };
  let past: Past | undefined;
  return {
    counts,
    before: async (server) => void (past = await makePast(server, lines)),
    meanwhile: async (_server, _scene, _rng, over) => {
      while (past && !over.aborted) counts.compared += await past.ask();
    },
  };
}

/** Compares every view, and the log, by the command. */
export async function verifyAll(server: Server): Promise<void> {
  const { code, out, err } = await runTidings(["verify", "all"], server.environment, { withinMs: MINUTES_10 });
  expect({ code, err, log: server.faults() }).toEqual({ code: 0, err: "", log: [] });
  for (const name of NAMES) expect(out).toContain(`${name}: 0 differences\n`);
}
