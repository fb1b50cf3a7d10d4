import { join } from "node:path";
import type { Views } from "../../projections/views.ts";
import { levelLastSeen } from "../adapters/lastSeen/level.ts";
import type { Registered } from "../commands/registered.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";
import { createPresence, type Presence } from "../presence/presence.ts";
import type { Logger } from "./logger.ts";

/** In DATA_DIR. It may be deleted while no server runs: then nobody is known to have been seen. */
const SEEN = "seen";

/** Opens the store of when devices were last seen, and what knows who is online. */
export async function openPresence(
  { dataDir, presenceGraceMs }: Pick<Config, "dataDir" | "presenceGraceMs">,
  parts: { ephemeral: Ephemeral; views: Pick<Views, "devices">; registered: Registered },
  logger: Logger,
): Promise<Open<Presence>> {
  const { ephemeral, views, registered } = parts;
  const lastSeen = await levelLastSeen(join(dataDir, SEEN), (message) => logger.warn({}, message));
  const presence = await createPresence({
    lastSeen,
    ephemeral,
    devicesOf: async (users) => {
      const [added, known] = await Promise.all([
        views.devices.ofMany(users),
        Promise.all(users.map(async (user) => registered.has(user))),
      ]);
      return users.map((_, index) => (known[index] ? (added[index] ?? []).map(({ id }) => id) : undefined));
    },
    graceMs: presenceGraceMs,
    warn: (message, error) => logger.warn({ err: error }, message),
  });
  return {
    ...presence,
    close: async () => {
      await presence.close();
      await lastSeen.close();
    },
  };
}
