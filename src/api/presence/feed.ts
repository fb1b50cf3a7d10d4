import { viewsAt } from "../../commands/authorise.ts";
import type { Source } from "../../delivery/pulled.ts";
import { presenceTopic } from "../../presence/presence.ts";
import type { Delivery } from "../area.ts";
import type { Context } from "../context.ts";
import { type UserPresenceEntity, userEntity } from "../entities.ts";

/** So many users are read at a time. */
const AT_ONCE = 100;

/**
 * The presence of these users: of each as it is, then of each that changes. Of those whom the viewer may not see nothing comes.
 * `ended` is called once, at the end.
 */
export function presenceFeed(
  context: Context,
  users: readonly string[],
  ended: () => void,
): Source<Delivery<UserPresenceEntity>> {
  const { services, loaders, caller } = context;
  /** Whose presence may be another one than was told. */
  const changed = new Set(users);
  const told = new Map<string, string>();
  let stop: (() => void) | undefined;
  let graceOver: NodeJS.Timeout | undefined;
  let isClosed = false;

  const close = (): void => {
    isClosed = true;
    ended();
    stop?.();
    clearTimeout(graceOver);
  };

  return {
    open: async (wake) => {
      stop = await services.ephemeral.listen(users.map(presenceTopic), (_, topic) => {
        changed.add(topic.slice(presenceTopic("").length));
        wake();
      });
      if (isClosed) return stop();
      // Whoever became a friend a moment ago is seen: nobody tells of that here later.
      await viewsAt(services.watermark, await services.log.end());
      if (isClosed) return;
      // Those who do not come back after a restart are told of by nobody.
      const leftMs = services.presence.graceUntil - Date.now();
      if (leftMs < 0) return;
      graceOver = setTimeout(() => {
        for (const user of users) changed.add(user);
        wake();
      }, leftMs + 1).unref();
    },
    pull: async () => {
      const some = [...changed].slice(0, AT_ONCE);
      for (const user of some) changed.delete(user);
      const found = await Promise.all(some.map(async (user) => loaders.presence({ viewer: caller.userId, user })));
      const items = some.flatMap((user, index): Delivery<UserPresenceEntity>[] => {
        const presence = found[index];
        // Who goes on being online is seen all the time: that alone is no news.
        const text = presence && JSON.stringify(presence.map((row) => (row.online ? { ...row, lastSeenAt: null } : row)));
        if (presence === undefined || text === undefined || told.get(user) === text) return [];
        told.set(user, text);
        return [{ root: { presence: { user: userEntity(user), presence } } }];
      });
      return { items, more: changed.size > 0 };
    },
    current: (item) => item,
    close,
  };
}
