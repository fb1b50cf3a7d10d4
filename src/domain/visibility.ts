/**
 * One stay of a member in a group: from joining to leaving, both ends included, as positions of the log and as seqs. `fromSeq` is
 * the seq that the next message had at joining. A stay that goes on has no end. The events of joining and leaving are in the
 * stay.
 */
export type Window = { from: string; fromSeq: number; to?: string; toSeq?: number };

/**
 * A user's newest stay. Most questions need only this one, however often they left and came back: the earlier stays are kept in
 * rows of their own and looked up one by one. If nothing was sent between two stays, the seqs of the newer one include those of
 * the older one.
 */
export type Stay = Window & {
  /** The name under which the earlier stays are kept; absent: this is the first one. */
  earlier?: string;
};

/** What decides who sees what of a conversation's messages. */
export type Sight = {
  /** The viewer's newest stay; a stranger has none. */
  stay?: Stay;
  /** Members see what was sent before they joined. */
  historyVisible: boolean;
  /** Everyone sees everything. */
  public: boolean;
};

export const isMember = (stay: Window | undefined): boolean => stay !== undefined && stay.to === undefined;

/** Whether the viewer may see what happens from now on. */
export const seesLive = (sight: Sight): boolean => sight.public || isMember(sight.stay);

/** Whether nothing that one sight shows of what happens is closed by another, later one: by its end, or another stay. */
export function stillShows(before: Sight, now: Sight | undefined): boolean {
  if (now === undefined || (before.public && !now.public) || (before.historyVisible && !now.historyVisible)) return false;
  // A stay that began later is another one.
  return !isMember(before.stay) || (isMember(now.stay) && (now.stay?.from ?? "") <= (before.stay?.from ?? ""));
}

/** Messages by their seqs, both ends included; without `toSeq`, to the end of the conversation. */
export type SeqRange = { fromSeq: number; toSeq?: number };

const holds = ({ fromSeq, toSeq }: SeqRange, seq: number): boolean => seq >= fromSeq && (toSeq === undefined || seq <= toSeq);

/**
 * Whether every message of the conversation may be seen: the history is open to members and the viewer is one, or it is open to
 * everyone.
 */
export const seesAll = ({ stay, historyVisible, public: isPublic }: Sight): boolean =>
  isPublic || (historyVisible && isMember(stay));

/**
 * The one rule of what may be seen of a conversation's messages, wherever they appear: those of the viewer's stays, or all of
 * them if `seesAll`. Undefined: an earlier stay decides, and whoever has the rows looks it up (projections/stays.ts).
 */
export function maySee(sight: Sight, seq: number): boolean | undefined {
  if (seesAll(sight)) return true;
  return sight.stay !== undefined && heldBy(sight.stay, seq);
}

/** Whether the newest stay holds a message. Undefined: an earlier stay may. */
export function heldBy(stay: Stay, seq: number): boolean | undefined {
  if (holds(stay, seq)) return true;
  return stay.earlier !== undefined && seq < stay.fromSeq ? undefined : false;
}

/** Whether the conversation may be opened at all, also by those whose stays are over. */
export const mayOpen = (sight: Sight): boolean => sight.public || sight.stay !== undefined;

/** A sight without what is open to everyone: that of a present member as it is, that of anyone else with only their own stays. */
export const ownSight = (sight: Sight): Sight => (sight.public && !isMember(sight.stay) ? { ...sight, public: false } : sight);

/**
 * Whether someone was a member when the event at this position happened. Their own joining and leaving count as in it. Undefined:
 * an earlier stay decides.
 */
export function wasMemberAt(stay: Stay, position: string): boolean | undefined {
  if (position >= stay.from) return stay.to === undefined || position <= stay.to;
  return stay.earlier === undefined ? false : undefined;
}

/** All of a direct conversation belongs to its two members. */
export const DIRECT_STAY: Stay = { from: "", fromSeq: 1 };
