import type { Client, estypes } from "@elastic/elasticsearch";
import type { SearchStatus } from "../../../ports/searchIndex.ts";

/** How long each question may take, in milliseconds. They are asked at the same time. */
const ANSWER_MS = 1_800;

/** What a cluster says about itself, and how many bytes the indexes with this prefix take. Never rejects. */
export async function statusOfCluster(client: Client, prefix: string): Promise<SearchStatus> {
  const options = { requestTimeout: ANSWER_MS, maxRetries: 0 };
  const optional = async <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined);
  // Not every distribution serves `/`, and not every user may ask for all of this.
  const [health, versions, stats] = await Promise.all([
    client.cluster.health({}, options).catch((error: unknown) => error as Error),
    optional(client.nodes.info({ metric: "process", filter_path: "nodes.*.version" }, options)),
    optional(client.indices.stats({ index: `${prefix}-*`, metric: "store" }, options)),
  ]);
  if (health instanceof Error) return { kind: "elasticsearch", reachable: false, detail: health.message };
  const version = [...new Set(Object.values(versions?.nodes ?? {}).map((node) => node.version))].sort().join(", ");
  const bytes = stats?._all?.total?.store?.size_in_bytes;
  return {
    kind: "elasticsearch",
    reachable: true,
    ...(version !== "" && { version }),
    detail: sentenceOf(health),
    ...(bytes !== undefined && { bytes }),
  };
}

function sentenceOf({ status, number_of_nodes: nodes, unassigned_shards: unassigned }: estypes.ClusterHealthResponse): string {
  const shards = unassigned === 0 ? "" : `, ${unassigned} shard${unassigned === 1 ? "" : "s"} on no node`;
  return `the cluster is ${status}: ${nodes} node${nodes === 1 ? "" : "s"}${shards}`;
}
