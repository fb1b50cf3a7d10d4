import { readConfig } from "../../../src/config.ts";
import { fractionOf } from "../../../src/ports/eventStore.ts";
import { examine } from "../../../src/server/examine.ts";
import { readLog } from "../../../src/server/log.ts";
import { type Server, type Settings } from "../../support/server.ts";
import { until } from "../../support/until.ts";
import { UP_MS } from "./restart.ts";
import { operatorOf } from "./searching.ts";

/** What counts as the middle, by what is stored after the kill. */
const [LEAST, MOST] = [0.2, 0.8];

type Status = { name: string; state: string; progress: number | null };
const STATUS = "{ admin { projections { name state progress } } }";

/** A generation that is half built: how much of the log is in it. */
export type HalfBuilt = { name: string; share: number };

/** What of a projection is half built in a DATA_DIR that nobody holds. */
export async function halfBuilt(environment: Settings, projection: string): Promise<HalfBuilt | undefined> {
  const config = readConfig({ ...environment });
  const { generations } = await examine(config, 0);
  const found = generations.find((each) => each.projection === projection && each.state === "BUILDING");
  if (!found) return undefined;
  const log = await readLog(config);
  try {
    return { name: found.name, share: found.cursor === undefined ? 0 : fractionOf(found.cursor, await log.end()) };
  } finally {
    await log.close();
  }
}

const isMiddle = ({ share }: HalfBuilt): boolean => share >= LEAST && share <= MOST;

/** Waits until a generation is the one that is read. */
export const takesPlace = (server: Pick<Server, "log">, { name }: HalfBuilt): Promise<unknown> =>
  until(`${name} took the place of what was read`, () => server.log().includes(`${name} took the place of`), UP_MS);

/**
 * Replays a projection, kills the server once a part is built, and starts it again. What is half built is gone on with, to its
 * end. Resolves with what was half built, if the kill came in the middle: a replay may be over before it is noticed.
 */
export async function killInReplay(
  server: Server,
  projection: string,
  restart: () => Promise<void>,
): Promise<HalfBuilt | undefined> {
  const operator = await operatorOf(server);
  const status = async (): Promise<Status | undefined> =>
    (await operator.ask<{ admin: { projections: Status[] } }>(STATUS)).admin.projections.find(({ name }) => name === projection);
  await until(`${projection} is at rest`, async () => (await status())?.state === "LIVE", UP_MS);
  await operator.ask("mutation ($name: String!) { replayProjection(name: $name) { name } }", { name: projection });
  const isOver = await until(`${projection} is built in part`, async () => {
    const { state, progress = null } = (await status()) ?? {};
    if (state !== "REPLAYING") return "yes";
    return (progress ?? 0) >= LEAST ? "no" : undefined;
  });
  if (isOver === "yes") return undefined;
  await server.kill();
  const found = await halfBuilt(server.environment, projection);
  await restart();
  if (!found) return undefined;
  await takesPlace(server, found);
  return isMiddle(found) ? found : undefined;
}
