/**
 * One stay of a member in a group: from joining to leaving, both ends included, as positions of the log and as seqs. `fromSeq` is the seq that
 * the next message had on joining. A stay that goes on has no end. Membership's own events lie within.
 */
export type Window = { from: string; fromSeq: number; to?: string; toSeq?: number };

/** What decides on who sees what of a conversation's messages. */
export type Sight = {
  /** The viewer's stays, oldest first; none for a stranger. */
  windows: readonly Window[];
  /** Members see what was sent before they joined. */
  historyVisible: boolean;
  /** Everyone sees everything. */
  public: boolean;
};

export const isMember = (windows: readonly Window[]): boolean => {
  const last = windows[windows.length - 1];
  return last !== undefined && last.to === undefined;
};

/** Messages by their seqs, both ends included; without `toSeq` to the end of the conversation. */
export type SeqRange = { fromSeq: number; toSeq?: number };

/**
 * The one rule of what may be seen of a conversation's messages, wherever they appear: those of the viewer's stays, or all of them where the
 * history is open to members (and the viewer is one), or to everyone. A stay in which nothing was sent is a range without a seq.
 */
export function seenOf({ windows, historyVisible, public: isPublic }: Sight): "all" | readonly SeqRange[] {
  return isPublic || (historyVisible && isMember(windows)) ? "all" : windows;
}

/** The rule for one message. */
export function maySee(sight: Sight, seq: number): boolean {
  const seen = seenOf(sight);
  return seen === "all" || seen.some(({ fromSeq, toSeq }) => seq >= fromSeq && (toSeq === undefined || seq <= toSeq));
}

/** Whether the conversation may be opened at all, by those whose stays are over, too. */
export const mayOpen = (sight: Sight): boolean => sight.public || sight.windows.length > 0;

/** What is left of a sight where what is open to everyone does not count: a member's of now as it is, any other's own stays. */
export const ownSight = (sight: Sight): Sight => (sight.public && !isMember(sight.windows) ? { ...sight, public: false } : sight);

/** Whether someone was a member when the event at this position happened (joining and leaving themselves included). */
export function wasMemberAt(windows: readonly Window[], position: string): boolean {
  return windows.some((window) => position >= window.from && (window.to === undefined || position <= window.to));
}

/** A direct conversation is wholly its two members'. */
export const DIRECT_WINDOWS: readonly Window[] = [{ from: "", fromSeq: 1 }];
