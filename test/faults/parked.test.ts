import { expect, test } from "vitest";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";
import { embeddedEngine } from "../support/engines.ts";
import { runTidings, type Server, type Settings } from "../support/server.ts";
import { until } from "../support/until.ts";
import { chokingServers } from "../support/chokingServers.ts";
import { atMostMs, play, SENDS } from "./harness/scenario.ts";
import type { Scene } from "./harness/scene.ts";
import { operatorOf } from "./harness/searching.ts";
import { type Stuck, stuckPeople } from "./harness/stuck.ts";

/*
 * Projections choke on events while people write, read and follow their inboxes. What is of the same key waits and is refused,
 * all else goes on; operators are told. Once the fault is mended, it is healed: by `retryParked`, by a replay, or by the start of
 * a mended version. Then every view is what a fold of the log makes it, and nobody has lost anything, or was told it twice.
 */

const sends = Math.ceil(SENDS / 40);
const MINUTES_10 = 600_000;
const WAYS = ["retried", "replayed", "started anew"] as const;

const settings: Settings = { EVENTSTORE_URL: "", ...embeddedEngine.settings, LOG_LEVEL: "info", DISK_FREE_BYTES: "0" };

/** The projections that choke, and how many events of each are parked: one, and where there is one, what waits behind it. */
const PARKED: Readonly<Record<string, number>> = { timelines: 1, relations: 1, friends: 1, inboxes: 2, search: 1 };
const CHOKING = Object.keys(PARKED);
const NONE = Object.fromEntries(CHOKING.map((name) => [name, 0]));
/** Those that commands rely on. */
const BLOCKED = ["timelines", "relations", "friends"];

async function parkedBy(server: Server): Promise<Record<string, number>> {
  const operator = await operatorOf(server);
  const { admin } = await operator.ask<{ admin: { projections: { name: string; parked: number }[] } }>(
    "{ admin { projections { name parked } } }",
  );
  return Object.fromEntries(
    admin.projections.filter(({ name }) => CHOKING.includes(name)).map((each) => [each.name, each.parked]),
  );
}

const areParked = (server: Server, counts: Readonly<Record<string, number>>): Promise<boolean> =>
  until(`${JSON.stringify(counts)} events are parked`, async () => {
    const now = await parkedBy(server);
    return CHOKING.every((name) => now[name] === counts[name]);
  });

/** Metrics of projections by their labels. */
async function metric(server: Server, name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const lines = [...text.matchAll(new RegExp(`^${name}\\{projection="(\\w+)"\\} (\\S+)$`, "gm"))];
  return Object.fromEntries(lines.map(([, projection = "", value]) => [projection, Number(value)]));
}

/** Operators are told everywhere, and the server is ready all the same: others go on. */
async function checkTold(server: Server): Promise<void> {
  const operator = await operatorOf(server);
  type Edge = { node: { projection: string; eventType: string; error: string; attempts: number } };
  const { admin } = await operator.ask<{ admin: { parked: { edges: Edge[] } } }>(
    "{ admin { parked(first: 50) { edges { node { projection eventType error attempts } } } } }",
  );
  const [behind, choked] = [admin.parked.edges.filter(({ node }) => node.attempts === 0), admin.parked.edges];
  expect(choked.map(({ node }) => node.projection).sort()).toEqual(
    CHOKING.flatMap((name) => Array.from({ length: PARKED[name] ?? 0 }, () => name)).sort(),
  );
  expect(behind.map(({ node }) => node.projection)).toEqual(["inboxes"]);
  for (const { node } of choked.filter((edge) => !behind.includes(edge)))
    expect(node.error).toContain(`${node.projection} chokes on ${node.eventType}`);

  // What was counted a moment ago serves other probes for a second.
  const { status, body } = await until("/ready tells of them", async () => {
    const told = await server.readiness();
    return CHOKING.every((name) => told.body.projections[name]?.parked === PARKED[name]) ? told : undefined;
  });
  expect(status).toBe(200);
  for (const text of [
    "2 events of inboxes are parked",
    "under 1 keys of relations nothing is granted",
    "under 1 keys of timelines what relies on its rows waits",
  ])
    expect(body.components["views"]?.detail).toContain(text);

  await until("the metrics tell of them", async () => {
    const told = await metric(server, "tidings_projection_parked");
    return CHOKING.every((name) => told[name] === PARKED[name]);
  });
  expect(await metric(server, "tidings_projection_blocked_keys")).toEqual({
    ...Object.fromEntries(BLOCKED.map((name) => [name, 1])),
    directory: 0,
    files: 0,
  });

  const { code, out } = await runTidings(["doctor"], server.environment);
  expect(code, out).toBe(2);
  for (const name of CHOKING) expect(out).toMatch(new RegExp(`^ +FAULT +${name} +events are parked`, "m"));
}

test(
  `${sends} sends, while projections choke on events and are mended`,
  { timeout: atMostMs(sends, WAYS.length, 120_000) },
  async () => {
    const { settings: faulty, mended, chokeOn, relent } = await chokingServers();
    const all: Stuck[] = [];
    let around: { scene: Scene; rng: Parameters<typeof stuckPeople>[2] } | undefined;

    const heal: Record<(typeof WAYS)[number], (server: Server) => Promise<void>> = {
      retried: async (server) => {
        const operator = await operatorOf(server);
        const retry = "mutation ($name: String!) { retryParked(name: $name) { parked } }";
        // It is tried, and fails again.
        expect(await operator.ask(retry, { name: "timelines" })).toEqual({ retryParked: { parked: 1 } });
        await relent();
        for (const name of CHOKING) await operator.ask(retry, { name });
      },
      replayed: async (server) => {
        await relent();
        for (const name of CHOKING) {
          const { code, out, err } = await runTidings(["replay", name], server.environment, { withinMs: MINUTES_10 });
          expect({ code, err }).toEqual({ code: 0, err: "" });
          expect(out).toContain(`${name} is replayed\n`);
        }
      },
      "started anew": async (server) => {
        expect(await server.stop()).toBe(0);
        await server.start(mended);
      },
    };

    await play({
      name: "parked events",
      sends,
      outages: WAYS.length,
      settings: { ...settings, ...faulty },
      meanwhile: async (_, scene, rng) => void (around = { scene, rng }),
      outage: async (server, nth) => {
        if (!around) throw new Error("the load has not begun");
        const { scene, rng } = around;
        const stuck = await stuckPeople(server, scene, rng, `k${nth}`);
        all.push(stuck);
        await chokeOn(stuck.faults);
        await stuck.happen();
        await areParked(server, PARKED);
        const before = scene.ledger.sends.size;
        await stuck.checkParked();
        await checkTold(server);
        await until("others go on", () => scene.ledger.sends.size > before + 20);
        await heal[WAYS[nth - 1] ?? "retried"](server);
        await areParked(server, NONE);
        await stuck.checkHealed();
        expect(await metric(server, "tidings_projection_blocked_keys")).toEqual({
          ...Object.fromEntries(BLOCKED.map((name) => [name, 0])),
          directory: 0,
          files: 0,
        });
        if (nth === WAYS.length) await relent();
      },
      resets: true,
      sentBeside: () => all.reduce((sum, stuck) => sum + stuck.sent(), 0),
      isExpectedFault: (line) => / parked \w+ at /.test(line),
      afterwards: async (server) => {
        const { code, out, err } = await runTidings(["verify", "all"], server.environment, { withinMs: MINUTES_10 });
        expect({ code, err }, out).toEqual({ code: 0, err: "" });
        for (const { name } of [...viewProjections, search]) expect(out).toContain(`${name}: 0 differences\n`);
      },
    });
  },
);
