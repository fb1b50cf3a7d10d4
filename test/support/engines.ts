import { realElasticsearch } from "./realElasticsearch.ts";
import type { Settings } from "./server.ts";

/** Where the search index of a test's server is. */
export type Engine = {
  name: string;
  /** The kind that the server says it is. */
  kind: "sqlite" | "elasticsearch";
  settings: Settings;
  /** Removes what it left where nothing else does. */
  drop(): Promise<void>;
};

export const embeddedEngine: Engine = {
  name: "the embedded engine",
  kind: "sqlite",
  settings: { ELASTICSEARCH_URL: "" },
  drop: async () => undefined,
};

/**
 * The embedded engine and, where `ELASTICSEARCH_URL` names one, Elasticsearch, with indexes that no other test uses; it is said
 * aloud where it names none.
 */
export function engines(what: string): Engine[] {
  const real = realElasticsearch(what);
  if (!real) return [embeddedEngine];
  return [embeddedEngine, elasticsearchEngine(real.url, real.newPrefix())];
}

export const elasticsearchEngine = (url: string, prefix: string): Engine => ({
  name: "Elasticsearch",
  kind: "elasticsearch",
  settings: { ELASTICSEARCH_URL: url, ELASTICSEARCH_PREFIX: prefix },
  drop: () => dropIndexes(url, prefix),
});

/** Removes every index whose name begins with a prefix of a test's. The client is large: it is loaded only where it is used. */
async function dropIndexes(url: string, prefix: string): Promise<void> {
  const { Client } = await import("@elastic/elasticsearch");
  const client = new Client({ nodes: url.split(",").map((node) => node.trim()) });
  try {
    const found = Object.keys(await client.indices.getAlias({ index: `${prefix}-*` }));
    if (found.length > 0) await client.indices.delete({ index: found, ignore_unavailable: true });
  } finally {
    await client.close();
  }
}
