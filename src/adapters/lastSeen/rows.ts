import type { Open } from "../../ports/awaitable.ts";
import type { LastSeen, Seen } from "../../ports/lastSeen.ts";
import type { ViewStore, Write } from "../../ports/viewStore.ts";

/** A table outside every generation: one partition a user. */
const TABLE = "seen";

/** When devices were last seen, in a view store that servers share. It is written beside the views, and closed with them. */
export const lastSeenInRows = (store: Pick<ViewStore, "getMany" | "commit">): Open<LastSeen> => ({
  of: async (keys) =>
    (await store.getMany(keys.map(({ user, device }) => ({ table: TABLE, partition: user, sort: device })))) as (
      Seen | undefined
    )[],
  note: (seen) =>
    store.commit(
      seen.map(({ user, device, at, online }): Write => ({
        op: "put",
        table: TABLE,
        partition: user,
        sort: device,
        value: { at, online },
      })),
    ),
  forget: (keys) =>
    store.commit(keys.map(({ user, device }): Write => ({ op: "del", table: TABLE, partition: user, sort: device }))),
  close: async () => undefined,
});
