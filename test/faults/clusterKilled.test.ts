import { expect, onTestFinished, test } from "vitest";
import { canStartServers, ownPostgres, ownRedis } from "../support/ownServers.ts";
import { seed } from "../support/property.ts";
import { randomOf } from "../support/random.ts";
import { API_NODES, type Cluster, PROJECTORS, SLICES, startCluster, tellsOfTheStores } from "./harness/cluster.ts";
import { EVENTSTORE_RESTART, EVENTSTORE_URL, isMark, restartEventStoreDb } from "./harness/eventStoreDb.ts";
import { readBack } from "./harness/readBack.ts";
import { skipped, UP_MS } from "./harness/restart.ts";
import { atMostMs, outagesOr, playOn } from "./harness/scenario.ts";
import { leasesOf, onlyForward, slicesOf, type Takeover, takenOver, told } from "./harness/takeover.ts";

/*
 * A whole cluster, of which one process after the other is killed while clients write, read and follow at all of its nodes.
 * EVENTSTORE_URL names its log, and EVENTSTORE_RESTART kills that, the leader where there are several; PostgreSQL and Redis are
 * of the test's own. FAULT_KILLS says how many kills there are: 50 are ten of each kind.
 */

const SENDS = Number(process.env.FAULT_SENDS ?? 2_000);
/** Within so long another projector goes on with the slices of one that was killed, in milliseconds. */
const TAKEN_OVER_MS = 5_000;

const isLogKilled = EVENTSTORE_RESTART !== "";
const KINDS = ["projector", "API node", "PostgreSQL", "Redis", ...(isLogKilled ? ["EventStoreDB"] : [])] as const;
type Kind = "projector" | "API node" | "PostgreSQL" | "Redis" | "EventStoreDB";
const KILLS = outagesOr(KINDS.length);

const canRun = EVENTSTORE_URL !== "" && canStartServers("a cluster whose parts are killed");
if (EVENTSTORE_URL === "") skipped("no cluster whose parts are killed: it takes EVENTSTORE_URL and EVENTSTORE_RESTART");
else if (!isLogKilled) skipped("EventStoreDB is not killed below a cluster: it takes EVENTSTORE_RESTART");

test.skipIf(!canRun)(
  `a cluster of which parts are killed, ${KILLS} times`,
  { timeout: atMostMs(SENDS, KILLS, UP_MS) },
  async () => {
    const rng = randomOf(seed("the order of kills"));
    const order: Kind[] = rng.some(
      Array.from({ length: KILLS }, (_, n) => KINDS[n % KINDS.length] as Kind),
      KILLS,
    );
    const takeovers: Takeover[] = [];
    const reads = readBack();
    const [database, redis] = await Promise.all([ownPostgres(), ownRedis()]);
    onTestFinished(async () => void (await Promise.all([database.remove(), redis.remove()])));

    const killProjector = async (cluster: Cluster): Promise<void> => {
      const leases = leasesOf(cluster);
      try {
        const victim = rng.pick(cluster.projectors);
        const held = await slicesOf(leases, victim);
        const began = performance.now();
        await victim.kill();
        const took = await takenOver(leases, held, began);
        takeovers.push(took);
        await victim.start();
      } finally {
        await leases.close();
      }
    };
    const kill: Record<Kind, (cluster: Cluster) => Promise<void>> = {
      projector: killProjector,
      "API node": async ({ apis }) => {
        const victim = rng.pick(apis);
        await victim.kill();
        await victim.start();
      },
      PostgreSQL: () => database.restart(),
      Redis: () => redis.restart(),
      EventStoreDB: restartEventStoreDb,
    };

    await playOn<Cluster>((settings) => startCluster({ settings, database, redis }), {
      name: `${API_NODES} API nodes and ${PROJECTORS} projectors with ${SLICES} slices`,
      sends: SENDS,
      outages: KILLS,
      settings: {},
      isExpectedFault: tellsOfTheStores,
      ...(isLogKilled ? { mayBeTwice: isMark } : {}),
      meanwhile: async (cluster, scene, chance, over) =>
        void (await Promise.all([reads.goOn(scene, chance, over), onlyForward(cluster, over)])),
      outage: async (cluster, nth) => {
        const kind = order[nth - 1] as Kind;
        const began = performance.now();
        await kill[kind](cluster);
        await cluster.allReady();
        const took = kind === "projector" ? `, ${told(takeovers.slice(-1))}` : "";
        process.stdout.write(`${nth}: ${kind}${took}, all ready after ${((performance.now() - began) / 1_000).toFixed(1)} s\n`);
      },
      afterwards: (cluster) => cluster.verifyAll(),
    });
    for (const { movedMs } of takeovers) expect(movedMs, "ms until others went on with the slices").toBeLessThan(TAKEN_OVER_MS);
    process.stdout.write(`${reads.count()} messages read back while others wrote; slices taken over: ${told(takeovers)}\n`);
  },
);
