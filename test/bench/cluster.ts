import { randomBytes } from "node:crypto";
import { cpus } from "node:os";
import { removePostgresViews } from "../../src/adapters/viewStore/postgres/postgresViewStore.ts";
import { bareElasticsearch } from "./bareElasticsearch.ts";
import { type Bench, type Part, type Server, settled } from "./bench.ts";
import { costByThread, type CpuTime } from "./cpu.ts";
import { waitFor } from "./measure.ts";

/** The servers that all processes of a cluster share. `elasticsearch`: if there is none, there is no indexer and no search. */
export type ClusterUrls = { eventStore: string; database: string; redis: string; elasticsearch: string | undefined };

/** The addresses in the environment. Undefined: one of those that are needed is not set. */
export function clusterUrls(): ClusterUrls | undefined {
  const of = (name: string): string | undefined => process.env[name] || undefined;
  const [eventStore, database, redis] = [of("EVENTSTORE_URL"), of("DATABASE_URL"), of("REDIS_URL")];
  if (eventStore === undefined || database === undefined || redis === undefined) return undefined;
  return { eventStore, database, redis, elasticsearch: of("ELASTICSEARCH_URL") };
}

export type Cluster = {
  /** What serves clients. */
  nodes: readonly Server[];
  /** By its parts, what each of so many operations took between two readings of `used`: microseconds of a processor. */
  costs(before: Used, after: Used, operations: number): Record<string, number>;
  used(): Promise<Used>;
  /** Waits until all nodes have what the log holds. */
  settled(): Promise<void>;
  stop(): Promise<void>;
};

/** Milliseconds of processors: of the processes by what they do, and of the whole machine. */
export type Used = { parts: Record<string, number>; machine: number };

export type ClusterShape = { nodes: number; projectors: number; slices: number };

/** A cluster of real processes, with names of its own on the servers. */
export async function startCluster(bench: Bench, urls: ClusterUrls, shape: ClusterShape): Promise<Cluster> {
  const name = `bench-${randomBytes(5).toString("hex")}`;
  const schema = name.replace("-", "_");
  const settings = {
    EVENTSTORE_URL: urls.eventStore,
    EVENTSTORE_PREFIX: name,
    DATABASE_URL: urls.database,
    DATABASE_SCHEMA: schema,
    PROJECTION_SLICES: String(shape.slices),
    REDIS_URL: urls.redis,
    REDIS_PREFIX: name,
    ...(urls.elasticsearch === undefined ? {} : { ELASTICSEARCH_URL: urls.elasticsearch, ELASTICSEARCH_PREFIX: name }),
  };
  const projectors: Part[] = [];
  const indexers: Part[] = [];
  const nodes: Server[] = [];
  for (let index = 0; index < shape.projectors; index++) projectors.push(await bench.part({ ...settings, ROLE: "projector" }));
  for (let index = 0; index < shape.nodes; index++) nodes.push(await bench.server({ ...settings, ROLE: "api" }));
  if (urls.elasticsearch !== undefined) indexers.push(await bench.part({ ...settings, ROLE: "indexer" }));
  for (const part of [...projectors, ...indexers]) await waitFor("a part is ready", () => part.ask("isReady"), 30_000, 50);

  const used = async (): Promise<Used> => {
    const sum = async (all: readonly Promise<CpuTime | undefined>[]): Promise<number> =>
      (await Promise.all(all)).reduce((ms, each) => ms + (each?.all ?? 0), 0);
    const parts = {
      api: await sum(nodes.map((node) => node.ask("cpu"))),
      projectors: await sum(projectors.map((part) => part.ask("cpu"))),
      indexer: await sum(indexers.map((part) => part.ask("cpu"))),
    };
    return { parts, machine: machineMs() };
  };
  return {
    nodes,
    used,
    costs: (before, after, operations) => ({
      ...costByThread(before.parts, after.parts, operations),
      "whole machine": ((after.machine - before.machine) * 1_000) / operations,
    }),
    settled: async () => void (await Promise.all(nodes.map((node) => settled(node)))),
    stop: async () => {
      await Promise.all([...nodes, ...projectors, ...indexers].map((child) => child.stop()));
      await removePostgresViews(urls.database, schema);
      if (urls.elasticsearch !== undefined) await bareElasticsearch(urls.elasticsearch).drop(name);
    },
  };
}

/** What all processors of this machine have worked so far. */
const machineMs = (): number => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
