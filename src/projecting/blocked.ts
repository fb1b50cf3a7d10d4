import { isDirect } from "../domain/ids.ts";
import { Withheld } from "../ports/faults.ts";
import type { Projection } from "./projection.ts";
import { EVERY_KEY } from "./slices.ts";

/** The most keys that are told one by one. With more of them, all keys count as blocked. */
export const BLOCKED_MAX = 1_000;

/** The keys with parked events of one projection; "all" if there are too many to tell. */
export type Keys = readonly string[] | "all";

/** Such keys of each projection that commands rely on (`isReliedOn`), by its name. */
export type BlockedKeys = Readonly<Record<string, Keys>>;

/** The keys as they are told. */
export const toldKeys = (keys: ReadonlySet<string>): Keys =>
  keys.size > BLOCKED_MAX || keys.has(EVERY_KEY) ? "all" : [...keys].sort();

/** Whether commands are refused under the keys of its parked events. */
export const isReliedOn = ({ holdsRights, reliedOn }: Pick<Projection, "holdsRights" | "reliedOn">): boolean =>
  holdsRights === true || reliedOn === true;

/**
 * Which keys have parked events of a projection that commands rely on. One of those events may take a right away: until it is
 * healed, nothing is granted under its key. Or it may be what a command has to know: the very message that is sent again, or that
 * a channel was closed. Other keys are not touched.
 */
export type Blocked = {
  /** Whether a projection's rows say nothing reliable under a key. */
  isBlocked(projection: string, key: string): boolean;
  /** Whether they say nothing reliable under some key. */
  isAnyBlocked(projection: string): boolean;
  /** Throws `Withheld` if no command may append under a routing key, because rights are not known there. */
  check(key: string): void;
  /** Takes in the keys of some projections. */
  change(now: BlockedKeys): void;
  /** How many keys are blocked, by projection. Those without any are left out. */
  counts(): Readonly<Record<string, number | "all">>;
};

export function createBlocked(projections: readonly Pick<Projection, "name" | "holdsRights">[]): Blocked {
  const holders = projections.filter(({ holdsRights }) => holdsRights).map(({ name }) => name);
  const blocked = new Map<string, ReadonlySet<string> | "all">();

  const isBlocked = (projection: string, key: string): boolean => {
    const keys = blocked.get(projection);
    return keys !== undefined && (keys === "all" || keys.has(key));
  };
  const areRightsBlocked = (key: string): boolean => holders.some((name) => isBlocked(name, key));

  return {
    isBlocked,
    isAnyBlocked: (projection) => blocked.has(projection),
    check: (key) => {
      if (blocked.size === 0) return;
      // What two users are to each other decides what they may do in their conversation.
      if (areRightsBlocked(key) || (isDirect(key) && areRightsBlocked(key.slice("d:".length)))) throw new Withheld();
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
