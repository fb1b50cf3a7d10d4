import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { expect, onTestFinished } from "vitest";
import { viewProjections } from "../../../projections/index.ts";
import { realElasticsearch } from "../../support/realElasticsearch.ts";
import { realEventStore } from "../../support/realEventStore.ts";
import { runTidings, searchIsLive, type Server, type ServerOptions, type Settings, startServer } from "../../support/server.ts";
import type { OwnServer } from "../../support/ownServers.ts";
import { tempDir } from "../../support/tempDir.ts";
import { until } from "../../support/until.ts";
import { tellsOfAnOutage } from "./eventStoreDb.ts";
import { UP_MS } from "./restart.ts";
import type { Subject } from "./scenario.ts";

/* The processes of a cluster, over an EventStoreDB, PostgreSQL and Redis. */

export const API_NODES = 2;
export const PROJECTORS = 3;
export const SLICES = 8;

/** How long a comparison of all views may take. */
const VERIFIED_MS = 600_000;

/** Those who serve clients are one server to them, as behind a load balancer that sends each call to another node. */
export type Cluster = Subject & {
  apis: readonly Server[];
  projectors: readonly Server[];
  database: OwnServer;
  redis: OwnServer;
  schema: string;
  /** Waits until every process is ready. */
  allReady(): Promise<void>;
  /** Compares all views with folds of the log, and the log with its checksums, by the commands. */
  verifyAll(): Promise<void>;
};

/** What is logged as an error while the log or PostgreSQL is away: that it is. */
export const tellsOfTheStores = (line: string): boolean =>
  tellsOfAnOutage(line) || /"detail":"the view store's server cannot be used now: /.test(line);

export type ClusterOptions = {
  settings: Settings;
  database: OwnServer;
  redis: OwnServer;
  /** For each projector what is other there: its settings, or its host. */
  projectors?: readonly Pick<ServerOptions, "settings" | "host">[];
  /** What it is told of EventStoreDB, where that is not EVENTSTORE_URL. */
  eventStoreUrl?: string;
};

/** Starts all of them at once. They are ended with the test. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { database, redis, projectors: places = Array.from({ length: PROJECTORS }, () => ({})) } = options;
  const log = realEventStore("a cluster");
  const engine = realElasticsearch("the search of a cluster");
  if (!log) throw new Error("a cluster takes EVENTSTORE_URL");
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  const schema = "tidings";
  const settings: Settings = {
    ...options.settings,
    EVENTSTORE_URL: options.eventStoreUrl ?? log.url,
    EVENTSTORE_PREFIX: log.newPrefix(),
    DATABASE_URL: database.url,
    DATABASE_SCHEMA: schema,
    REDIS_URL: redis.url,
    AUTH_SECRET: randomUUID() + randomUUID(),
    PROJECTION_SLICES: String(SLICES),
    ...(engine ? { ELASTICSEARCH_URL: engine.url, ELASTICSEARCH_PREFIX: engine.newPrefix() } : {}),
  };
  const started = async (name: string, role: string, more: Pick<ServerOptions, "settings" | "host"> = {}): Promise<Server> => {
    const server = await startServer({
      ...more,
      dataDir: join(path, name),
      settings: { ...settings, ROLE: role, ...more.settings },
      ready: false,
    });
    onTestFinished(() => server.remove());
    return server;
  };
  const [apis, projectors, indexers] = await Promise.all([
    Promise.all(Array.from({ length: API_NODES }, (_, n) => started(`api ${n}`, "api"))),
    Promise.all(places.map((place, n) => started(`projector ${n}`, "projector", place))),
    Promise.all(engine ? [started("indexer", "indexer")] : []),
  ]);
  const nodes = [...apis, ...projectors, ...indexers];
  const [first] = apis as [Server];

  const isReady = async (node: Server): Promise<boolean> => (await node.readiness().catch(() => undefined))?.status === 200;
  const allReady = async (): Promise<void> => {
    let away: Server[] = [];
    const look = async (): Promise<boolean> => {
      const ready = await Promise.all(nodes.map(isReady));
      away = nodes.filter((_, n) => !ready[n]);
      return away.length === 0;
    };
    await until("every process is ready", look, UP_MS, 50).catch(async (error: Error) => {
      const said = await Promise.all(away.map(async (node) => JSON.stringify(await node.readiness().catch(String))));
      throw new Error(`${error.message}: ${said.join("\n")}`);
    });
  };

  let turn = 0;
  const urlOf = (node: Server): string | undefined => {
    try {
      return node.url;
    } catch {
      return undefined;
    }
  };
  /** Of the node whose turn it is, of those that run. */
  const address = async (): Promise<string> => {
    const urls = apis.map(urlOf).filter((url) => url !== undefined);
    return urls[turn++ % urls.length] ?? (await Promise.race(apis.map((api) => api.address())));
  };

  const operator = { ...settings, DATA_DIR: join(path, "operator") };
  await allReady();
  return {
    apis,
    projectors,
    database,
    redis,
    schema,
    address,
    token: first.token,
    environment: operator,
    readiness: first.readiness,
    faults: () => nodes.flatMap((node) => node.faults()),
    stop: async () => {
      const codes = await Promise.all(nodes.map((node) => node.stop()));
      return codes.find((code) => code !== 0) ?? 0;
    },
    start: async () => {
      await Promise.all(nodes.map((node) => node.start()));
      await allReady();
    },
    allReady,
    verifyAll: async () => {
      if (engine) await searchIsLive(first);
      const names = engine ? ["all"] : viewProjections.map(({ name }) => name);
      for (const name of [...names, "log"]) {
        const environment = name === "log" ? operator : { ...operator, SERVER_URL: await address() };
        const { code, out, err } = await runTidings(["verify", name], environment, { withinMs: VERIFIED_MS });
        expect({ code, out: code === 0 ? "" : out, err }, `verify ${name}`).toEqual({ code: 0, out: "", err: "" });
        const compared = name === "all" ? [...viewProjections.map((each) => each.name), "search"] : name === "log" ? [] : [name];
        for (const each of compared) expect(out).toContain(`${each}: 0 differences\n`);
      }
    },
  };
}
