import { type HalfBuilt, halfBuilt, isMiddle } from "../../support/halfBuilt.ts";
import type { Server } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { UP_MS } from "./restart.ts";
import { operatorOf } from "./searching.ts";

type Status = { name: string; state: string; progress: number | null };
const STATUS = "{ admin { projections { name state progress } } }";

/** Waits until a generation is the one that is read. */
const takesPlace = (server: Pick<Server, "log">, { name }: HalfBuilt): Promise<unknown> =>
  until(`${name} took the place of what was read`, () => server.log().includes(`${name} took the place of`), UP_MS);

/**
 * Replays a projection, kills the server once a `share` is built, and starts it again. What is half built is gone on with, to its
 * end. Resolves with what was half built, if the kill came in the middle: a replay may be over before it is noticed.
 */
export async function killInReplay(
  server: Server,
  projection: string,
  share: number,
  restart: () => Promise<void>,
): Promise<HalfBuilt | undefined> {
  const operator = await operatorOf(server);
  const status = async (): Promise<Status | undefined> =>
    (await operator.ask<{ admin: { projections: Status[] } }>(STATUS)).admin.projections.find(({ name }) => name === projection);
  await until(`${projection} is at rest`, async () => (await status())?.state === "LIVE", UP_MS);
  await operator.ask("mutation ($name: String!) { replayProjection(name: $name) { name } }", { name: projection });
  const isOver = await until(
    `${projection} is built in part`,
    async () => {
      const { state, progress = null } = (await status()) ?? {};
      if (state !== "REPLAYING") return "yes";
      return (progress ?? 0) >= share ? "no" : undefined;
    },
    UP_MS,
  );
  if (isOver === "yes") return undefined;
  await server.kill();
  const found = await halfBuilt(server.environment, projection);
  await restart();
  if (!found) return undefined;
  await takesPlace(server, found);
  return isMiddle(found) ? found : undefined;
}
