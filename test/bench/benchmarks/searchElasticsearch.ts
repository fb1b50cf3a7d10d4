import { randomBytes } from "node:crypto";
import { SEARCH_VIEW } from "../../../projections/search/search.ts";
import { bareElasticsearch } from "../bareElasticsearch.ts";
import type { Bench } from "../bench.ts";
import { cpuCost, costText } from "../cpu.ts";
import type { Figure } from "../figures.ts";
import { clockMs } from "../measure.ts";
import type { Texts } from "../searchQueries.ts";
import { GOAL_RATE, indexed, PAGE_EVENTS, searchFigures } from "./searchFigures.ts";

export type Searched = { url: string; dataDir: string; messages: number; texts: readonly Texts[] };

/** A server over the log and the views of a folder that were folded before, whose index is in the Elasticsearch at `url`. */
export async function elasticsearchFigures(bench: Bench, { url, dataDir, messages, texts }: Searched): Promise<Figure[]> {
  const prefix = `bench-${randomBytes(5).toString("hex")}`;
  const bare = bareElasticsearch(url);
  try {
    bench.say("Elasticsearch: indexing");
    const server = await bench.server({ DATA_DIR: dataDir, ELASTICSEARCH_URL: url, ELASTICSEARCH_PREFIX: prefix });
    // It began with the server.
    const [before, began] = [await server.ask("cpu"), clockMs()];
    const rate = (messages * 1_000) / ((await indexed(server)) - began);
    const cost = cpuCost(before, await server.ask("cpu"), messages);
    const view = `${prefix}-${await server.ask("logId")}-${SEARCH_VIEW.replace("@", "-v")}`;
    const bytes = (await bare.bytes(`${prefix}-*`)) / messages;
    bench.say("Elasticsearch: searching");
    const found = await searchFigures(bench, server, texts, (some) => bare.search(view, some));
    await server.stop();
    bench.say("Elasticsearch: the floor of indexing");
    const floor = await bare.rate(`${prefix}-bare`, dataDir, await bench.folder(), PAGE_EVENTS);
    return [
      ...found,
      {
        name: "indexed; floor: ready-made requests",
        unit: "messages/s" as const,
        measured: rate,
        floor,
        goal: GOAL_RATE,
        note: `a message${costText(cost ? [cost] : [])}`,
      },
      { name: "a message in the index, its text included", unit: "B" as const, measured: bytes },
    ].map((figure) => ({ ...figure, name: `Elasticsearch, ${figure.name}` }));
  } finally {
    await bare.drop(prefix);
  }
}
