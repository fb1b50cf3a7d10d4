import { expect, test } from "vitest";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import { httpCalls } from "../support/http.ts";
import { embeddedEngine } from "../support/engines.ts";
import { runTidings, type Server, type Settings } from "../support/server.ts";
import { until } from "../support/until.ts";
import { makePast, type Past } from "./harness/past.ts";
import { UP_MS } from "./harness/restart.ts";
import { atMostMs, outagesOr, play, type Scenario, SENDS } from "./harness/scenario.ts";

/*
 * Every view is replayed while people write, read, follow their inboxes, join and leave; and the server is killed in the middle
 * of replays. What cannot have changed is read again and again, and is what it was. The fan-out limit is another one after each
 * restart, so that groups cross it, inboxes are small, and their horizon has moved. Afterwards every view is what a fold of the
 * log makes it.
 */

const KILLS = outagesOr(3);
const sends = Math.ceil(SENDS / 16);
/** Lines that are imported: so long a log that a replay takes a while. */
const LINES = Math.max(6_000, SENDS);
const MINUTES_10 = 600_000;

const NAMES = [...viewProjections, search].map(({ name }) => name);
/** Those that take long enough to be killed in the middle. */
const LONG = ["timelines", "inboxes", "readMarks", "receipts", "relations", "folds", "search"];

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

test(`${sends} sends, and ${KILLS} replays killed in their middle`, { timeout: atMostMs(sends, KILLS, MINUTES_10) }, async () => {
  const past = pastBeside();
  let killed = 0;
  await play({
    ...past,
    name: "killed replays of views",
    sends,
    watchers: 6,
    outages: KILLS,
    settings,
    outage: async (server, nth) => {
      // A replay may be over before it is noticed: then there is another.
      for (let attempt = 0; attempt < LONG.length; attempt++)
        if (await killedIn(server, LONG[(nth + attempt) % LONG.length] ?? "", limited(nth))) return void killed++;
    },
    afterwards: verifyAll,
  });
  expect(killed, "replays that were killed in their middle").toBe(KILLS);
  expect(past.counts.compared).toBeGreaterThan(0);
});

type Status = { name: string; state: string; progress: number | null };
const STATUS = "{ admin { projections { name state progress } } }";

/** How much must be built before the kill: so much is stored for certain, and there is as much left. */
const [LEAST, MOST] = [0.2, 0.8];

/**
 * Replays a view, kills the server in the middle, and starts it again. The replay goes on by itself to its end. Whether it was in
 * the middle.
 */
async function killedIn(server: Server, name: string, then: Settings): Promise<boolean> {
  const operator = httpCalls({ address: server.address, token: await server.token("operator", { admin: true }) });
  const status = async (): Promise<Status | undefined> =>
    (await operator.ask<{ admin: { projections: Status[] } }>(STATUS)).admin.projections.find((each) => each.name === name);
  await until(`${name} is at rest`, async () => (await status())?.state === "LIVE", UP_MS);
  const swaps = () =>
    server
      .log()
      .split("\n")
      .filter((line) => line.includes(` ${name}@`) && line.includes("took the place")).length;
  const before = swaps();
  await operator.ask("mutation ($name: String!) { replayProjection(name: $name) { name } }", { name });
  const middle = await until(`${name} is half built`, async () => {
    const { state = "", progress = null } = (await status()) ?? {};
    if (state !== "REPLAYING") return "over";
    return (progress ?? 0) > LEAST ? (progress ?? 0) : undefined;
  });
  const isMiddle = typeof middle === "number" && middle < MOST;
  if (isMiddle) {
    await server.kill();
    await server.start(then);
  }
  await until(`${name} took the place of what was read`, () => swaps() > before, UP_MS);
  return isMiddle;
}
