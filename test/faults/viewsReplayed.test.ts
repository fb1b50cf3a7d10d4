import { expect, test } from "vitest";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import { embeddedEngine } from "../support/engines.ts";
import { runTidings, type Server, type Settings } from "../support/server.ts";
import { makePast, type Past } from "./harness/past.ts";
import { atMostMs, play, type Scenario, SENDS } from "./harness/scenario.ts";

/*
 * Every view is replayed while people write, read, follow their inboxes, join and leave. What cannot have changed is read again,
 * and is what it was. The fan-out limit is another one after each restart, so that groups cross it, inboxes are small, and
 * their horizon has moved. Afterwards every view is what a fold of the log makes it.
 */

const sends = Math.ceil(SENDS / 40);
/** Lines that are imported: so long a log that a replay takes a while. */
const LINES = Math.max(6_000, Math.ceil(SENDS / 4));
const MINUTES_10 = 600_000;

const NAMES = [...viewProjections, search].map(({ name }) => name);

const settings: Settings = {
  EVENTSTORE_URL: "",
  ...embeddedEngine.settings,
  LOG_LEVEL: "info",
  INBOX_MAX: "400",
  INBOX_SWEEP: "200ms",
};
/** Of a server that is started again: fewer than most groups have, about as many, and more. */
const LIMITS = ["2", "8", "30"];
const limited = (nth: number): Settings => ({ FANOUT_LIMIT: LIMITS[nth % LIMITS.length] });

/** The past before the load, read again and again until the load is over. */
function pastBeside(): Required<Pick<Scenario, "before" | "meanwhile">> & { counts: { compared: number } } {
  const counts = { compared: 0 };
  let past: Past | undefined;
  return {
    counts,
    before: async (server) => void (past = await makePast(server, LINES)),
    meanwhile: async (_server, _scene, _rng, over) => {
      while (past && !over.aborted) counts.compared += await past.ask();
    },
  };
}

/** Compares every view, and the log, by the command. */
async function verifyAll(server: Server): Promise<void> {
  const { code, out, err } = await runTidings(["verify", "all"], server.environment, { withinMs: MINUTES_10 });
  expect({ code, err, log: server.faults() }).toEqual({ code: 0, err: "", log: [] });
  for (const name of NAMES) expect(out).toContain(`${name}: 0 differences\n`);
}

test(`${sends} sends, and every view replayed in between`, { timeout: atMostMs(sends, 2, 2 * MINUTES_10) }, async () => {
  const past = pastBeside();
  await play({
    ...past,
    name: "replayed views",
    sends,
    watchers: 76,
    outages: 2,
    settings,
    outage: async (server, nth) => {
      expect(await server.stop()).toBe(0);
      await server.start(limited(nth));
      const { code, out, err } = await runTidings(["replay", "all"], server.environment, { withinMs: MINUTES_10 });
      expect({ code, err }).toEqual({ code: 0, err: "" });
      for (const name of NAMES) expect(out).toContain(`${name} is replayed\n`);
    },
    afterwards: verifyAll,
  });
  expect(past.counts.compared).toBeGreaterThan(0);
});
