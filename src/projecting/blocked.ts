import { isDirect } from "../domain/ids.ts";
import { Withheld } from "../ports/faults.ts";
import { EVERY_KEY } from "./slices.ts";

/** The most keys that are told one by one. With more of them, all keys count as blocked. */
const BLOCKED_MAX = 1_000;

/** The keys with parked events of one projection; "all" if there are too many to tell. */
export type Keys = readonly string[] | "all";

/** Such keys of each projection that holds rights, by its name. */
export type BlockedKeys = Readonly<Record<string, Keys>>;

/** The keys as they are told. */
export const toldKeys = (keys: ReadonlySet<string>): Keys =>
  keys.size > BLOCKED_MAX || keys.has(EVERY_KEY) ? "all" : [...keys].sort();

/**
 * Which keys have parked events of a projection that holds rights. One of those events may take a right away. So until it is
 * healed, nothing is granted under such a key. Other keys are not touched.
 */
export type Blocked = {
  /** Whether a projection's rows say nothing reliable under a key. */
  isBlocked(projection: string, key: string): boolean;
  /** Throws `Withheld` if no command may append under a routing key. */
  check(key: string): void;
  /** Takes in the keys of some projections. */
  change(now: BlockedKeys): void;
  /** How many keys are blocked, by projection. Those without any are left out. */
  counts(): Readonly<Record<string, number | "all">>;
};

export function createBlocked(): Blocked {
  const blocked = new Map<string, ReadonlySet<string> | "all">();

  const isBlocked = (projection: string, key: string): boolean => {
    const keys = blocked.get(projection);
    return keys !== undefined && (keys === "all" || keys.has(key));
  };
  const isBlockedAnywhere = (key: string): boolean => {
    for (const projection of blocked.keys()) if (isBlocked(projection, key)) return true;
    return false;
  };

  return {
    isBlocked,
    check: (key) => {
      if (blocked.size === 0) return;
      // What two users are to each other decides what they may do in their conversation.
      if (isBlockedAnywhere(key) || (isDirect(key) && isBlockedAnywhere(key.slice("d:".length)))) throw new Withheld();
    },
    change: (now) => {
      for (const [projection, keys] of Object.entries(now)) {
        if (keys.length === 0) blocked.delete(projection);
        else blocked.set(projection, keys === "all" ? keys : new Set(keys));
      }
    },
    counts: () => Object.fromEntries([...blocked].map(([name, keys]) => [name, keys === "all" ? keys : keys.size])),
  };
}
