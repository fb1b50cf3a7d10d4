import type { UserRow } from "../../projections/directory.ts";
import type { Views } from "../../projections/views.ts";
import { Refusal } from "../domain/refusal.ts";
import { andThen, type Awaitable } from "../ports/awaitable.ts";
import { byteCache } from "../ports/byteCache.ts";

/** Who has registered, and may act. A user who was found active is not looked up again for a while. */
export type Registered = {
  /** Whether this user is known to have registered, and was active a moment ago. False means only that it is not known. */
  knows(userId: string): boolean;
  has(userId: string): Awaitable<boolean>;
  /** Whether the user has registered and is not deactivated. */
  isActive(userId: string): Awaitable<boolean>;
  /** Throws NOT_FOUND, with advice to call `register`, if the user has not registered; FORBIDDEN if they are deactivated. */
  require(userId: string): Awaitable<void>;
  /**
   * Throws NOT_FOUND, with the ids, if one of them has not registered. `field`: the input that names them. `active`: whoever is
   * deactivated counts as not registered.
   */
  requireAll(userIds: readonly string[], field: string, who?: "active"): Awaitable<void>;
};

/** Memory for the users who are known. For others the rows are asked. */
const USERS_BYTES = 16_777_216;
/** How long a user counts as active without another look, in milliseconds: somebody may deactivate them elsewhere. */
const ACTIVE_MS = 10_000;
/** How many ids a refusal names at most. */
const NAMED = 10;

export function registeredUsers({ user, users }: Pick<Views["directory"], "user" | "users">): Registered {
  /** When each user was found active. */
  const known = byteCache<number>(USERS_BYTES);
  const knows = (userId: string): boolean => performance.now() - (known.get(userId) ?? Number.NEGATIVE_INFINITY) < ACTIVE_MS;

  const note = (userId: string, row: UserRow | undefined): UserRow | undefined => {
    if (row && !row.deactivated) known.set(userId, performance.now());
    return row;
  };
  const has = (userId: string): Awaitable<boolean> =>
    knows(userId) || andThen(user(userId), (row) => note(userId, row) !== undefined);

  const required = (row: UserRow | undefined): void => {
    if (row === undefined) throw new Refusal("NOT_FOUND", "you have not registered yet: call the mutation register first");
    if (row.deactivated) throw new Refusal("FORBIDDEN", "this account is deactivated");
  };

  return {
    knows,
    has,
    isActive: (userId) =>
      knows(userId) || andThen(user(userId), (row) => note(userId, row) !== undefined && row?.deactivated !== true),
    require: (userId) => (knows(userId) ? undefined : andThen(user(userId), (row) => required(note(userId, row)))),
    requireAll: (userIds, field, who) => {
      const asked = userIds.filter((id) => !knows(id));
      if (asked.length === 0) return undefined;
      return andThen(users(asked), (rows) => {
        const missing = asked.filter((_, index) => {
          const row = rows[index];
          return row === undefined || (who === "active" && row.deactivated === true);
        });
        if (missing.length > 0) {
          const named = `${missing.slice(0, NAMED).join(", ")}${missing.length > NAMED ? " …" : ""}`;
          throw new Refusal("NOT_FOUND", `there is no user ${named}`, { field });
        }
        for (const [index, id] of asked.entries()) note(id, rows[index]);
      });
    },
  };
}
