import type { Role } from "../src/domain/groupState.ts";
import type { Stay } from "../src/domain/visibility.ts";
import type { Standing } from "./standing.ts";

/**
 * A member, or a former member: then the stay has an end. `joined…` are about the stay: `joinedSeq` is the newest message's seq
 * at joining. `leftCount` is how many members the group had when the stay had ended. What became of them later is not for someone
 * who has left. `standing`: in a channel, what they are now.
 */
export type MemberRow = {
  role: Role;
  joinedAt: string;
  joinedSeq: number;
  stay: Stay;
  leftCount?: number;
  standing?: Standing;
  /** May not write until then (ISO 8601). It stays when they leave and come back. */
  silencedUntil?: string;
};

/** What membership is decided on. */
export type GroupRelationsRow = {
  memberCount: number;
  public: boolean;
  historyVisible: boolean;
  /** Where it was dissolved, and after which message. The followers of a channel, who may be very many, have no other end. */
  dissolved?: { position: string; seq: number };
};

/** A conversation that a user is in now. */
export type MembershipRow = { joinPosition: string; joinedAt: string; joinedSeq: number };

/** All public groups are in one partition. */
export const EVERYONE = "";
