import type { Views } from "../../projections/views.ts";
import { Refusal } from "../domain/refusal.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";

/** Who has registered. A user who is known to have registered is not looked up again, because that never changes. */
export type Registered = {
  /** Whether this user is known to have registered. False means only that it is not known. */
  knows(userId: string): boolean;
  has(userId: string): Awaitable<boolean>;
  /** Throws NOT_FOUND, with advice to call `register`, if the user has not registered. */
  require(userId: string): Awaitable<void>;
  /** Throws NOT_FOUND, with the ids, if one of them has not registered. `field`: the input that names them. */
  requireAll(userIds: readonly string[], field: string): Awaitable<void>;
};

/** Memory for the users who are known. For others the rows are asked. */
const USERS_BYTES = 16_777_216;
/** How many ids a refusal names at most. */
const NAMED = 10;

export function registeredUsers({ user, users }: Pick<Views["directory"], "user" | "users">): Registered {
  const known = byteCache<true>(USERS_BYTES);
  const knows = (userId: string): boolean => known.get(userId) === true;

  const note = (userId: string, isThere: boolean): boolean => {
    if (isThere) known.set(userId, true);
    return isThere;
  };
  const has = (userId: string): Awaitable<boolean> =>
    knows(userId) || andThen(user(userId), (row) => note(userId, row !== undefined));

  const required = (isThere: boolean): void => {
    if (!isThere) throw new Refusal("NOT_FOUND", "you have not registered yet: call the mutation register first");
  };

  return {
    knows,
    has,
    require: (userId) => andThen(has(userId), required),
    requireAll: (userIds, field) => {
      const asked = userIds.filter((id) => !knows(id));
      if (asked.length === 0) return undefined;
      return andThen(users(asked), (rows) => {
        const missing = asked.filter((_, index) => rows[index] === undefined);
        if (missing.length > 0) {
          const named = `${missing.slice(0, NAMED).join(", ")}${missing.length > NAMED ? " …" : ""}`;
          throw new Refusal("NOT_FOUND", `there is no user ${named}`, { field });
        }
        for (const id of asked) known.set(id, true);
      });
    },
  };
}
