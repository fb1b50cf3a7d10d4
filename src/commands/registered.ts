import type { Views } from "../../projections/views.ts";
import { Refusal } from "../domain/refusal.ts";
import { byteCache } from "../ports/byteCache.ts";

/** Who has registered. A user who is known to have registered is not looked up again, because that never changes. */
export type Registered = {
  /** Whether this user is known to have registered. False means only that it is not known. */
  knows(userId: string): boolean;
  has(userId: string): Promise<boolean>;
  /** Throws NOT_FOUND, with advice to call `register`, if the user has not registered. */
  require(userId: string): Promise<void>;
  /** Throws NOT_FOUND, with the ids, if one of them has not registered. `field`: the input that names them. */
  requireAll(userIds: readonly string[], field: string): Promise<void>;
};

/** Memory for the users who are known. For others the rows are asked. */
const USERS_BYTES = 16_777_216;
/** How many ids a refusal names at most. */
const NAMED = 10;

export function registeredUsers({ user, users }: Pick<Views["directory"], "user" | "users">): Registered {
  const known = byteCache<true>(USERS_BYTES);
  const knows = (userId: string): boolean => known.get(userId) === true;

  const has = async (userId: string): Promise<boolean> => {
    if (knows(userId)) return true;
    if (!(await user(userId))) return false;
    known.set(userId, true);
    return true;
  };

  return {
    knows,
    has,
    require: async (userId) => {
      if (await has(userId)) return;
      throw new Refusal("NOT_FOUND", "you have not registered yet: call the mutation register first");
    },
    requireAll: async (userIds, field) => {
      const asked = userIds.filter((id) => !knows(id));
      if (asked.length === 0) return;
      const rows = await users(asked);
      const missing = asked.filter((_, index) => rows[index] === undefined);
      if (missing.length > 0) {
        const named = `${missing.slice(0, NAMED).join(", ")}${missing.length > NAMED ? " …" : ""}`;
        throw new Refusal("NOT_FOUND", `there is no user ${named}`, { field });
      }
      for (const id of asked) known.set(id, true);
    },
  };
}
