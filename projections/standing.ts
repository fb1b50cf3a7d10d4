/**
 * What somebody is in a channel: a member of its staff, a follower, or both. One stay covers whatever they are: it begins when
 * they become one of the two, and ends when they are neither.
 */
export type Standing = "STAFF" | "FOLLOWER" | "BOTH";

/** They are of the staff from now on, or no longer; they follow the channel from now on, or no longer. */
export type StandingChange = { staff: boolean } | { follows: boolean };

export const isStaff = (standing: Standing | undefined): boolean => standing === "STAFF" || standing === "BOTH";

/** Undefined: they are neither. */
export function standingAfter(before: Standing | undefined, change: StandingChange): Standing | undefined {
  const staff = "staff" in change ? change.staff : isStaff(before);
  const follows = "follows" in change ? change.follows : before === "FOLLOWER" || before === "BOTH";
  if (staff) return follows ? "BOTH" : "STAFF";
  return follows ? "FOLLOWER" : undefined;
}
