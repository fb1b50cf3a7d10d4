import type { Bench, Load, Server } from "../bench.ts";
import { costByThread, type CpuCost, cpuCost, costText, threadsText } from "../cpu.ts";
import { type Figure, latencies } from "../figures.ts";
import { clockMs, percentile, waitFor } from "../measure.ts";
import { GROUPS, MANY_GROUPS, MEMBER, WIDE_MEMBER } from "../searchLog.ts";
import type { Texts } from "../searchQueries.ts";

/** As the keeper of the index reads. */
export const PAGE_EVENTS = 4_096;
export const GOAL_RATE = 0.6;
/** So many of the texts warm up; the others are measured. */
export const WARM_UP = 100;
/** How often they are asked: V8 compiles what is called often, and the first thousand searches take up to twice as long. */
const TIMES = 10;
/** Texts asked in one go, before the floor is asked the same. */
const IN_A_ROW = 50;
/** How long an index of all messages may take. */
export const CAUGHT_UP_MS = 900_000;
const PAGE = 20;
const query = `query Search($text: String!) { searchMessages(query: { text: $text }, first: ${PAGE}) { edges { node { message { id text } highlights { text hit } } } pageInfo { hasNextPage } } }`;

/** Waits until the index is whole and follows the log; gives when it was whole. */
export async function indexed(server: Server): Promise<number> {
  const state = () => server.ask("searchState");
  await waitFor("the search index is whole", async () => (await state()).state === "LIVE", CAUGHT_UP_MS, 50);
  const whole = clockMs();
  await waitFor("the search index has caught up", async () => (await state()).behind === 0, CAUGHT_UP_MS, 50);
  return whole;
}

/** What a question for the texts takes, one at a time, as someone in the groups that hold all, and as someone in many more. */
export async function searchFigures(
  bench: Bench,
  server: Server,
  texts: readonly Texts[],
  floor: (texts: readonly string[]) => Promise<number[]>,
): Promise<Figure[]> {
  const load = await bench.load();
  const figures: Figure[] = [];
  for (const kind of texts)
    figures.push(await searchFigure(server, load, { ...kind, name: `${kind.name}, ${GROUPS} groups` }, MEMBER, floor));
  const [first] = texts;
  if (first)
    figures.push(
      await searchFigure(server, load, { ...first, name: `${first.name}, ${MANY_GROUPS} groups` }, WIDE_MEMBER, floor),
    );
  await load.stop();
  return figures;
}

async function searchFigure(
  server: Server,
  load: Load,
  { name, texts }: Texts,
  user: string,
  floor: (texts: readonly string[]) => Promise<number[]>,
): Promise<Figure> {
  const ask = (some: readonly string[]) => {
    const requests = some.map((text) => JSON.stringify({ query, variables: { text } }));
    return load.ask("search", { port: server.port, user, requests });
  };
  const measured = texts.slice(0, -WARM_UP);
  for (let time = 0; time < TIMES; time++) await ask(texts.slice(-WARM_UP));
  await floor(texts.slice(-WARM_UP));
  const [times, floors]: number[][] = [[], []];
  const costs: CpuCost[] = [];
  const threads: Record<string, number>[] = [];
  let empty = 0;
  for (let from = 0; from < measured.length; from += IN_A_ROW) {
    const some = measured.slice(from, from + IN_A_ROW);
    const before = [await server.ask("cpu"), await server.ask("threads")] as const;
    const asked = await ask(some);
    const cost = cpuCost(before[0], await server.ask("cpu"), some.length);
    if (cost) costs.push(cost);
    threads.push(costByThread(before[1], await server.ask("threads"), some.length));
    times?.push(...asked.times);
    empty += asked.empty;
    floors?.push(...(await floor(some)));
  }
  if (empty > measured.length / 10) throw new Error(`${name}: nothing was found for ${empty} of ${measured.length} texts`);
  const of = (samples: readonly number[] = []) => ({ p50: percentile(samples, 0.5), p99: percentile(samples, 0.99) });
  const [ours, bare] = [of(times), of(floors)];
  return {
    name: `p99 of a${/^[aeiou]/i.test(name) ? "n" : ""} ${name}`,
    unit: "ms",
    measured: ours.p99,
    floor: bare.p99,
    note: `${latencies(ours.p50, ours.p99)}; bare engine ${latencies(bare.p50, bare.p99)}${costText(costs)}: ${threadsText(threads)}`,
  };
}
