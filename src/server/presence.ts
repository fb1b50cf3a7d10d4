import { join } from "node:path";
import type { Views } from "../../projections/views.ts";
import { levelLastSeen } from "../adapters/lastSeen/level.ts";
import { lastSeenInRows } from "../adapters/lastSeen/rows.ts";
import type { Registered } from "../commands/registered.ts";
import type { Config } from "../config.ts";
import type { Open } from "../ports/awaitable.ts";
import type { Elsewhere } from "../ports/elsewhere.ts";
import type { Ephemeral } from "../ports/ephemeral.ts";
import type { ViewStore } from "../ports/viewStore.ts";
import { createPresence, type Presence } from "../presence/presence.ts";
import type { Logger } from "./logger.ts";

/** In DATA_DIR. It may be deleted while no server runs: then nobody is known to have been seen. */
const SEEN = "seen";

/** `elsewhere`: undefined where there are no other servers. `rows`: the view store, where servers share it. */
export type PresenceParts = {
  ephemeral: Ephemeral;
  elsewhere: Elsewhere | undefined;
  rows: ViewStore;
  views: Pick<Views, "devices">;
  registered: Registered;
};

/** Opens the store of when devices were last seen, and what knows who is online. */
export async function openPresence(
  { dataDir, databaseUrl, presenceGraceMs }: Pick<Config, "dataDir" | "databaseUrl" | "presenceGraceMs">,
  { ephemeral, elsewhere, rows, views, registered }: PresenceParts,
  logger: Logger,
): Promise<Open<Presence>> {
  const lastSeen =
    elsewhere !== undefined && databaseUrl !== undefined
      ? lastSeenInRows(rows)
      : await levelLastSeen(join(dataDir, SEEN), (message) => logger.warn({}, message));
  const presence = await createPresence({
    lastSeen,
    ephemeral,
    ...(elsewhere ? { elsewhere } : {}),
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
