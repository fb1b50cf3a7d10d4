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

/**
 * The one rule of what may be seen of a message, wherever it appears: its seq lies in one of the viewer's windows, or the history is open to
 * members (and the viewer is one), or to all.
 */
export function maySee(sight: Sight, seq: number): boolean {
  if (sight.public) return true;
  if (sight.historyVisible && isMember(sight.windows)) return true;
  return sight.windows.some((window) => seq >= window.fromSeq && (window.toSeq === undefined || seq <= window.toSeq));
}

/** Whether someone was a member when the event at this position happened (joining and leaving themselves included). */
export function wasMemberAt(windows: readonly Window[], position: string): boolean {
  return windows.some((window) => position >= window.from && (window.to === undefined || position <= window.to));
}

/** A direct conversation is wholly its two members'. */
export const DIRECT_WINDOWS: readonly Window[] = [{ from: "", fromSeq: 1 }];
