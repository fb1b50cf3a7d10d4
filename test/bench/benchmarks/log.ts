import { sqliteEventStore } from "../../../src/adapters/eventStore/sqlite/sqliteEventStore.ts";
import { appender } from "../appending.ts";
import { type Bench, type Benchmark, isAsked } from "../bench.ts";
import { type Figure, latencies } from "../figures.ts";
import { syncedWrites } from "../fsync.ts";
import { alternating, median, percentile } from "../measure.ts";
import { messageSent, textOf } from "../seed.ts";
import { serverLogFigures } from "./serverLog.ts";

export const log: Benchmark = {
  name: "log",
  about: "durable appends, so many in flight, beside one fsync for that many; on EventStoreDB beside its bare client",
  limitSeconds: 400,
  runsItself: true,
  run: async (bench) => {
    const url = process.env["EVENTSTORE_URL"] ?? "";
    if (url === "") bench.say("EVENTSTORE_URL is not set: EventStoreDB is not measured");
    return [...(isAsked("embedded") ? await embedded(bench) : []), ...(url === "" ? [] : await serverLogFigures(bench, url))];
  },
};

async function embedded(bench: Bench): Promise<Figure[]> {
  const store = await sqliteEventStore(await bench.folder());
  const folder = await bench.folder();
  const bytes = JSON.stringify(messageSent("g:bench", "u000000", textOf(0))).length;
  const appends = appender((stream, event, revision) => store.append(stream, [event], revision));
  const figures: Figure[] = [];
  for (const inFlight of [1, 64, 512]) {
    const rounds = await alternating(
      bench.count(5, 3),
      {
        synced: async () => syncedWrites(folder, bytes * inFlight, bench.seconds(1)),
        appended: () => appends(inFlight, bench.seconds(1)),
      },
      true,
    );
    const rate = (times: number[], each: number) => (each * times.length * 1_000) / times.reduce((sum, one) => sum + one, 0);
    const all = rounds.appended.flatMap(({ times }) => times);
    figures.push({
      name: `${inFlight} in flight`,
      unit: "events/s",
      measured: median(rounds.appended.map(({ rate: one }) => one)),
      floor: median(rounds.synced.map((times) => rate(times, inFlight))),
      note: latencies(median(all), percentile(all, 0.99)),
    });
  }
  await store.close();
  return figures;
}
