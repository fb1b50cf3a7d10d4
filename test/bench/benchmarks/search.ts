import { bareSqlite, bareSqliteRate } from "../bareSqlite.ts";
import { type Bench, type Benchmark, rested, settled } from "../bench.ts";
import { cpuCost, costText } from "../cpu.ts";
import type { Figure } from "../figures.ts";
import { clockMs } from "../measure.ts";
import { searchLines } from "../searchLines.ts";
import { writeSearchLog } from "../searchLog.ts";
import { searchTexts, type Texts } from "../searchQueries.ts";
import { elasticsearchFigures } from "./searchElasticsearch.ts";
import { CAUGHT_UP_MS, GOAL_RATE, indexed, PAGE_EVENTS, searchFigures, WARM_UP } from "./searchFigures.ts";

const GOAL_P99_MS = 5;
/** Texts of each kind. */
const SAMPLES = 400;

export const search: Benchmark = {
  name: "search",
  about: "finding words in the whole history, and indexing it, beside the bare engine doing the same",
  limitSeconds: 2_400,
  run: async (bench) => {
    const messages = bench.count(1_000_000, 100_000);
    const dataDir = await bench.folder();
    const { name, lines } = await searchLines();
    bench.say(`writing ${messages.toLocaleString("en")} messages of ${name}`);
    await writeSearchLog(dataDir, lines, messages);
    const texts = searchTexts(lines, SAMPLES + WARM_UP);
    const url = process.env["ELASTICSEARCH_URL"] ?? "";
    if (url === "") bench.say("ELASTICSEARCH_URL is not set: Elasticsearch is not measured");
    return [
      ...(await embedded(bench, dataDir, messages, texts)),
      ...(url === "" ? [] : await elasticsearchFigures(bench, { url, dataDir, messages, texts })),
    ];
  },
};

async function embedded(bench: Bench, dataDir: string, messages: number, texts: readonly Texts[]): Promise<Figure[]> {
  const server = await bench.server({ DATA_DIR: dataDir });
  bench.say("embedded: folding views and index");
  await settled(server, CAUGHT_UP_MS);
  await indexed(server);
  await rested(server);
  const bare = bareSqlite(dataDir);
  const bytes = bare.bytes() / messages;
  bench.say("embedded: searching");
  const found = await searchFigures(bench, server, texts, (some) => Promise.resolve(bare.search(some)));
  bare.close();
  bench.say("embedded: indexing anew");
  const [before, began] = [await server.ask("cpu"), clockMs()];
  await server.ask("replaySearch");
  const rate = (messages * 1_000) / ((await indexed(server)) - began);
  const cost = cpuCost(before, await server.ask("cpu"), messages);
  await server.stop();
  const floor = await bareSqliteRate(dataDir, await bench.folder(), PAGE_EVENTS);
  return [
    ...found.map((figure) => ({ ...figure, most: GOAL_P99_MS })),
    {
      name: "indexed by a replay; floor: SQLite given ready-made rows",
      unit: "messages/s",
      measured: rate,
      floor: floor.rate,
      goal: GOAL_RATE,
      note: `a message${costText(cost ? [cost] : [])}; SQLite${costText(floor.costs)}`,
    },
    { name: "a message in the index, its text included", unit: "B", measured: bytes },
  ];
}
