import { pulled } from "../../delivery/pulled.ts";
import { isUserId, USER_ID_RULE } from "../../domain/ids.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { Area } from "../area.ts";
import { andThen } from "../../ports/awaitable.ts";
import { badInput } from "../badInput.ts";
import { readAt } from "../entities.ts";
import { presenceFeed } from "./feed.ts";

const USERS_MAX = 500;

/** Who is online. */
export const presence = {
  User: {
    presence: ({ id, at }, _, context) => {
      const key = { viewer: context.caller.userId, user: id };
      const rows = readAt(context, at, () => context.loaders.presence(key));
      return andThen(rows, (found) => found ?? []);
    },
  },

  Subscription: {
    presence: {
      subscribe: async (_, { userIds }, context) => {
        await context.requireRegistered();
        const users = [...new Set(userIds)];
        if (users.length < 1 || users.length > USERS_MAX) throw badInput("userIds", `1 to ${USERS_MAX} ids of users`);
        const wrong = users.findIndex((id) => !isUserId(id));
        if (wrong >= 0) throw badInput(`userIds.${wrong}`, USER_ID_RULE);
        const { services, caller } = context;
        const ended = services.presence.watch(caller.userId, users.length);
        if (ended) return pulled(presenceFeed(context, users, ended));
        throw new Refusal("LIMIT_EXCEEDED", "you watch too many users at once: end some subscriptions of presence", {
          field: "userIds",
        });
      },
      resolve: ({ presence }) => presence,
    },
  },
} satisfies Area;
