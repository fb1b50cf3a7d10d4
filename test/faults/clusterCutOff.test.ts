import { expect, onTestFinished, test } from "vitest";
import { postgresViewStore } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { CheckpointMoved } from "../../src/ports/faults.ts";
import { noHosts, remoteHost } from "../support/hosts.ts";
import { canStartServers, ownPostgres, ownRedis } from "../support/ownServers.ts";
import { seed } from "../support/property.ts";
import { randomOf } from "../support/random.ts";
import { relay } from "../support/relay.ts";
import { until } from "../support/until.ts";
import { type Cluster, startCluster, tellsOfTheStores } from "./harness/cluster.ts";
import { EVENTSTORE_URL } from "./harness/eventStoreDb.ts";
import { readBack } from "./harness/readBack.ts";
import { skipped, UP_MS } from "./harness/restart.ts";
import { atMostMs, outagesOr, playOn } from "./harness/scenario.ts";
import { type Lease, leasesOf, onlyForward, slicesOf, type Takeover, takenOver, told } from "./harness/takeover.ts";

/*
 * A cluster of which two projectors are on hosts of their own, and lose the network to PostgreSQL or to the log: packets are
 * dropped, and nobody is told. EVENTSTORE_URL names an EventStoreDB of one node (several name each other by addresses that mean
 * nothing there); PostgreSQL and Redis are of the test's own. FAULT_KILLS says how often a cable is pulled.
 */

const SENDS = Number(process.env.FAULT_SENDS ?? 1_000);
/** Within so long another projector has the slices of one that is cut off, in milliseconds. */
const TAKEN_OVER_MS = 5_000;

const CABLES = ["database", "log"] as const;
const CUTS = outagesOr(CABLES.length);

/** `host:port` of the only node. */
const [, node] = /^esdb:\/\/(?:[^@/?]*@)?([^,/?]+)(?:[/?]|$)/.exec(EVENTSTORE_URL) ?? [];
const missing =
  EVENTSTORE_URL === ""
    ? "it takes EVENTSTORE_URL"
    : node === undefined
      ? "it takes an EVENTSTORE_URL of one node, esdb://host:port"
      : await noHosts();
if (missing !== undefined) skipped(`no projector is cut off by its network: ${missing}`);
const canRun = missing === undefined && canStartServers("a projector that is cut off by its network");

test.skipIf(!canRun)(
  `projectors that are cut off from PostgreSQL or from the log, ${CUTS} times`,
  { timeout: atMostMs(SENDS, CUTS, UP_MS) },
  async () => {
    const rng = randomOf(seed("the order of cuts"));
    const order = rng.some(
      Array.from({ length: CUTS }, (_, n) => CABLES[n % CABLES.length] as (typeof CABLES)[number]),
      CUTS,
    );
    const hosts = await Promise.all([1, 2].map(() => remoteHost("database", "log", "rest")));
    onTestFinished(async () => void (await Promise.all(hosts.map((host) => host.remove()))));
    const [database, redis, ...relays] = await Promise.all([
      ownPostgres({ addresses: hosts.map(({ links }) => links.database.near) }),
      ownRedis({ addresses: hosts.map(({ links }) => links.rest.near) }),
      ...hosts.map(({ links }) => relay(`http://${node}`, links.log.near)),
    ]);
    onTestFinished(async () => {
      await Promise.all([database.remove(), redis.remove(), ...relays.map((each) => each[Symbol.asyncDispose]())]);
    });
    const places = hosts.map(({ host, links }, index) => ({
      host,
      settings: {
        EVENTSTORE_URL: EVENTSTORE_URL.replace(node ?? "", relays[index]?.host ?? ""),
        DATABASE_URL: database.url.replace("127.0.0.1", links.database.near),
        REDIS_URL: redis.url.replace("127.0.0.1", links.rest.near),
      },
    }));

    /** What somebody commits who had a slice, and does not know that others have it. */
    const commitTooLate = async ({ schema }: Cluster, { slice, fence }: Lease): Promise<void> => {
      const store = await postgresViewStore(database.url, { schema, shared: true });
      const late = store.heldBy({ slice, fence });
      const row = { table: "late", partition: String(slice), sort: "" };
      await expect(late.commit([{ op: "put", ...row, value: "too late" }])).rejects.toBeInstanceOf(CheckpointMoved);
      expect(await store.get(row.table, row.partition, row.sort)).toBeUndefined();
      await late.close();
      await store.close();
    };

    const takeovers: Takeover[] = [];
    const reads = readBack();
    await playOn<Cluster>((settings) => startCluster({ settings, database, redis, projectors: [...places, {}] }), {
      name: "projectors that are cut off",
      sends: SENDS,
      outages: CUTS,
      settings: {},
      isExpectedFault: tellsOfTheStores,
      meanwhile: async (cluster, scene, chance, over) =>
        void (await Promise.all([reads.goOn(scene, chance, over), onlyForward(cluster, over)])),
      outage: async (cluster, nth) => {
        const cable = order[nth - 1] as (typeof CABLES)[number];
        const index = rng.below(hosts.length);
        const [victim, link] = [cluster.projectors[index], hosts[index]?.links[cable]];
        if (victim === undefined || link === undefined) throw new Error(`there is no host ${index}`);
        const leases = leasesOf(cluster);
        try {
          const held = await slicesOf(leases, victim);
          const began = performance.now();
          await link.cut();
          const took = await takenOver(leases, held, began);
          takeovers.push(took);
          for (const lease of held) await commitTooLate(cluster, lease);
          await until("it says itself that it is not ready", async () => (await victim.readiness()).status === 503);
          const cutMs = performance.now() - began;
          await link.heal();
          const healed = performance.now();
          await cluster.allReady();
          await slicesOf(leases, victim);
          const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
          process.stdout.write(
            `${nth}: ${cable} cut for ${seconds(cutMs)}, ${told([took])}; back after ${seconds(performance.now() - healed)}\n`,
          );
        } finally {
          await link.heal();
          await leases.close();
        }
      },
      afterwards: (cluster) => cluster.verifyAll(),
    });
    for (const { leasedMs } of takeovers) expect(leasedMs, "ms until others had the slices").toBeLessThan(TAKEN_OVER_MS);
    process.stdout.write(`${reads.count()} messages read back while others wrote\n`);
  },
);
