import type { Bench, Load, Server } from "./bench.ts";
import { amount, type Figure, latencies } from "./figures.ts";
import { alternating, median } from "./measure.ts";
import type { RawRead } from "./rawReads.ts";

/** A query of a user (several texts are asked in turn), and what LevelDB is asked for so that it can be answered. */
export type Reading = { name: string; user: string; requests: string[]; raw: RawRead[] };

const NOTHING = JSON.stringify({ query: "{ __typename }" });

/**
 * What a query costs over HTTP, one at a time, beside its floor: a query of nothing, and the same rows asked of LevelDB, in turn
 * with it.
 */
export async function figureOfReading(
  bench: Bench,
  server: Server,
  load: Load,
  { name, user, requests, raw }: Reading,
): Promise<Figure> {
  const answered = await load.ask("once", { port: server.port, user, request: requests[0] ?? "" });
  if (answered.includes('"errors"')) throw new Error(`${name}: ${answered}`);
  const asked = (of: readonly string[]) => () =>
    load.ask("ask", { port: server.port, user, requests: of, seconds: bench.seconds(1) });
  const rounds = await alternating(
    bench.count(3, 2),
    {
      nothing: asked([NOTHING]),
      raw: () => server.ask("rawRead", { reads: raw, seconds: bench.seconds(1) }),
      read: asked(requests),
    },
    true,
  );
  const of = (all: readonly { p50: number }[]) => median(all.map(({ p50 }) => p50));
  return {
    name,
    unit: "ms",
    measured: of(rounds.read),
    floor: of(rounds.nothing) + of(rounds.raw),
    note: `${latencies(of(rounds.read), median(rounds.read.map(({ p99 }) => p99)))}; nothing ${amount(of(rounds.nothing), "ms")}, LevelDB ${amount(of(rounds.raw), "ms")}`,
  };
}
