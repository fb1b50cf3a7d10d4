import { type Benchmark, isAsked } from "../bench.ts";
import { delivering } from "./delivery.ts";
import { hotReads } from "./hotReads.ts";
import { hotSends, SENDS } from "./hotSends.ts";

/** Least shares of what a plain WebSocket server delivers. */
const DELIVERY = { oneByOne: 0.8, bursts: 2.5 };

export const hotpath: Benchmark = {
  name: "hotpath",
  about: "what people do all day, each beside its floor: sends by CPU and thread, delivery, history, the list, sync",
  limitSeconds: 900,
  run: async (bench) => {
    const figures = SENDS.some(isAsked) ? await hotSends(bench) : [];
    if (isAsked("reads")) figures.push(...(await hotReads(bench)));
    for (const count of !isAsked("wide") ? [] : bench.quick ? [1_000] : [1_000, 5_000])
      figures.push(...(await delivering(bench, count, "merged when read", DELIVERY)));
    return figures;
  },
};
