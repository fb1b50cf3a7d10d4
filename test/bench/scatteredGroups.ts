import { type SeededGroup, userName } from "./seed.ts";

/** Groups whose members lie all over the users, so that inboxes are written at random. `first` is a member of all of them. */
export function scatteredGroups(
  count: number,
  members: number,
  users: number,
  prefix = "g:bench-",
  first?: string,
): SeededGroup[] {
  return Array.from({ length: count }, (_, group) => ({
    id: `${prefix}${group}`,
    members: [
      ...(first === undefined ? [] : [first]),
      // Two primes, so that no member comes twice.
      ...Array.from({ length: members - (first === undefined ? 0 : 1) }, (__, member) =>
        userName((group * 7_919 + member * 2_741) % users),
      ),
    ],
  }));
}
