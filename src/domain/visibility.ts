/**
 * One stay of a member in a group: from joining to leaving, both ends included, as positions of the log and as seqs. `fromSeq` is the seq that
 * the next message had on joining. A stay that goes on has no end. Membership's own events lie within.
 */
export type Window = { from: string; fromSeq: number; to?: string; toSeq?: number };

/**
 * The newest of a user's stays. However often they left and came back, this is all that most questions need: the stays before are kept in rows of
 * their own and looked up one by one. Where nothing was sent between two stays, the seqs of the newer one reach back over the older one.
 */
export type Stay = Window & {
  /** Under which name the stays before it are kept; absent: it is the first one. */
  earlier?: string;
};

/** What decides on who sees what of a conversation's messages. */
export type Sight = {
  /** The viewer's newest stay; a stranger has none. */
  stay?: Stay;
  /** Members see what was sent before they joined. */
  historyVisible: boolean;
  /** Everyone sees everything. */
  public: boolean;
};

export const isMember = (stay: Window | undefined): boolean => stay !== undefined && stay.to === undefined;

/** Whether one may see what happens from now on. */
export const seesLive = (sight: Sight): boolean => sight.public || isMember(sight.stay);

/** Messages by their seqs, both ends included; without `toSeq` to the end of the conversation. */
export type SeqRange = { fromSeq: number; toSeq?: number };

const holds = ({ fromSeq, toSeq }: SeqRange, seq: number): boolean => seq >= fromSeq && (toSeq === undefined || seq <= toSeq);

/** Whether every message of the conversation may be seen: the history is open to members (and the viewer is one), or to everyone. */
export const seesAll = ({ stay, historyVisible, public: isPublic }: Sight): boolean =>
  isPublic || (historyVisible && isMember(stay));

/**
 * The one rule of what may be seen of a conversation's messages, wherever they appear: those of the viewer's stays, or all of them where
 * `seesAll`. Undefined: a stay before the newest one decides, which whoever has the rows looks up (projections/stays.ts).
 */
export function maySee(sight: Sight, seq: number): boolean | undefined {
  if (seesAll(sight)) return true;
  return sight.stay !== undefined && heldBy(sight.stay, seq);
}

/** Whether the newest stay, or one before it (undefined), holds a message. */
export function heldBy(stay: Stay, seq: number): boolean | undefined {
  if (holds(stay, seq)) return true;
  return stay.earlier !== undefined && seq < stay.fromSeq ? undefined : false;
}

/** Whether the conversation may be opened at all, by those whose stays are over, too. */
export const mayOpen = (sight: Sight): boolean => sight.public || sight.stay !== undefined;

/** What is left of a sight where what is open to everyone does not count: a member's of now as it is, any other's own stays. */
export const ownSight = (sight: Sight): Sight => (sight.public && !isMember(sight.stay) ? { ...sight, public: false } : sight);

/**
 * Whether someone was a member when the event at this position happened (joining and leaving themselves included). Undefined: a stay before the
 * newest one decides.
 */
export function wasMemberAt(stay: Stay, position: string): boolean | undefined {
  if (position >= stay.from) return stay.to === undefined || position <= stay.to;
  return stay.earlier === undefined ? false : undefined;
}

/** A direct conversation is wholly its two members'. */
export const DIRECT_STAY: Stay = { from: "", fromSeq: 1 };
