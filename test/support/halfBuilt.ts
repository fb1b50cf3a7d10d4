import { readConfig } from "../../src/config.ts";
import { fractionOf } from "../../src/ports/eventStore.ts";
import { examine } from "../../src/server/examine.ts";
import { readLog } from "../../src/server/log.ts";
import type { Settings } from "./server.ts";

/** What counts as the middle of a replay. */
export const LEAST = 0.2;
const MOST = 0.8;

/** A generation that is half built: how much of the log is in it. */
export type HalfBuilt = { name: string; share: number };

/** What of a projection is half built in a DATA_DIR. Undefined too while somebody writes there: then it is asked for again. */
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

export const isMiddle = ({ share }: HalfBuilt): boolean => share >= LEAST && share <= MOST;
