import type { MessageFieldsFragment } from "./operations.ts";
import { gapsWithin, rangeAt, type SeqRanges, withRange } from "./seqRanges.ts";
import type { Gap, Message, Person } from "./types.ts";

/** A page of messages as the server gave it, and the seqs that it speaks for: what it lacks of them the viewer may not see. */
export type Page = { messages: readonly MessageFieldsFragment[]; from: number; to: number };

/** What an answer says of the message that it answers. */
export type Answered = Pick<MessageFieldsFragment, "seq" | "replyCount" | "lastReplyAt">;

/** The part of a conversation that is shown: seqs, both included. An empty one has `to` below `from`. */
export type View = { from: number; to: number };

/**
 * So many messages are shown at most. Beyond it those at the other end than the last ones loaded leave. Whoever draws them goes
 * through all of them with each page that is loaded, within one frame.
 */
export const SHOWN = 500;

/** So many are kept beside those that are shown, so that who comes back finds them. */
const KEPT_BESIDE = 3_500;

export type Timeline = ReturnType<typeof createTimeline>;

/**
 * The messages of one conversation that are loaded. Their seqs are dense: so it is known which are missing, and pages that were
 * loaded apart join where they touch.
 */
export function createTimeline(conversationId: string) {
  const known = new Map<number, Message>();
  /** Which loaded messages answer a message, by its seq. */
  const answers = new Map<number, Set<number>>();
  let ranges: SeqRanges = [];
  let view: View | undefined;
  /** The end is shown: what comes live is shown too. */
  let isFollowing = false;
  /** A page was loaded, which may have been empty. */
  let isLoaded = false;
  let items: readonly (Message | Gap)[] | undefined;

  /** A message answers another one no more, or is not loaded any more. */
  const unlink = ({ seq, replyTo }: Message): void => {
    const set = replyTo && answers.get(replyTo.seq);
    if (set?.delete(seq) && set.size === 0) answers.delete(replyTo?.seq ?? 0);
  };

  const put = (message: Message): void => {
    const before = known.get(message.seq);
    if (before) unlink(before);
    known.set(message.seq, message);
    if (message.replyTo) {
      const set = answers.get(message.replyTo.seq) ?? new Set();
      answers.set(message.replyTo.seq, set.add(message.seq));
    }
  };

  const forget = (seq: number): void => {
    const message = known.get(seq);
    if (!message) return;
    known.delete(seq);
    unlink(message);
  };

  /** In its place among the items, without making the others anew. */
  const show = (message: Message): void => {
    if (!items) return;
    const last = items.at(-1);
    if (view?.to === message.seq && endOf(last) === message.seq - 1) {
      items = [...items, message];
      return;
    }
    const at = indexOf(items, message.seq);
    if (items[at]?.type === "message" && items[at].seq === message.seq) {
      const copy = [...items];
      copy[at] = message;
      items = copy;
    } else if (view && view.from <= message.seq && message.seq <= view.to) items = undefined;
  };

  const make = (): readonly (Message | Gap)[] => {
    if (!view) return [];
    const made: (Message | Gap)[] = [];
    const shown = (from: number, to: number): void => {
      for (let seq = from; seq <= to; seq++) {
        const message = known.get(seq);
        if (message) made.push(message);
      }
    };
    let next = view.from;
    for (const { from, to } of gapsWithin(ranges, view.from, view.to)) {
      shown(next, from - 1);
      made.push({ type: "gap", from, to });
      next = to + 1;
    }
    shown(next, view.to);
    return made;
  };

  /** How many answers a message has now. */
  const answered = ({ seq, replyCount, lastReplyAt }: Answered): void => {
    const parent = known.get(seq);
    if (!parent) return;
    const message = { ...parent, replyCount, lastReplyAt };
    put(message);
    show(message);
  };

  /** A message as it is now, also where others answer it. False: nothing of it is loaded. */
  const replace = (message: Message): boolean => {
    let isSeen = known.has(message.seq);
    if (isSeen) {
      put(message);
      show(message);
    }
    for (const seq of [...(answers.get(message.seq) ?? [])]) {
      const answer = known.get(seq);
      if (!answer?.replyTo) continue;
      const { id, kind, text, recalledAt, sender } = message;
      const quoting = { ...answer, replyTo: { id, seq: message.seq, kind, text, recalledAt, sender } };
      put(quoting);
      show(quoting);
      isSeen = true;
    }
    return isSeen;
  };

  /** Lets go of what is far from what is shown. */
  const trim = (keep: "from" | "to"): void => {
    if (!view) return;
    if (view.to - view.from >= SHOWN) {
      view = keep === "from" ? { from: view.from, to: view.from + SHOWN - 1 } : { from: view.to - SHOWN + 1, to: view.to };
      if (keep === "from") isFollowing = false;
      items = undefined;
    }
    if (known.size <= SHOWN + KEPT_BESIDE) return;
    const { from, to } = view;
    for (const seq of [...known.keys()]) if (seq < from || seq > to) forget(seq);
    ranges = ranges.flatMap((range) =>
      range.to < from || range.from > to ? [] : [{ from: Math.max(range.from, from), to: Math.min(range.to, to) }],
    );
  };

  return {
    get view() {
      return view;
    },
    get ranges() {
      return ranges;
    },
    get isFollowing() {
      return isFollowing;
    },
    has: (seq: number): boolean => rangeAt(ranges, seq) !== undefined,
    message: (seq: number): Message | undefined => known.get(seq),
    items: (): readonly (Message | Gap)[] => (items ??= make()),

    /** Shows this part; `following`: it is the end. What of it is not loaded is a gap. `keep`: the end of it that must stay. */
    look(next: View, following: boolean, keep: "from" | "to" = "to"): void {
      isFollowing = following;
      if (view?.from !== next.from || view.to !== next.to) {
        view = next;
        items = undefined;
      }
      trim(keep);
    },

    merge({ messages, from, to }: Page): void {
      for (const message of messages) put(messageOf(conversationId, message));
      ranges = withRange(ranges, from, to);
      isLoaded = true;
      items = undefined;
    },

    /** A message that came live. */
    received(message: Message): void {
      // The page that is asked for has it, or it is told again after that.
      if (!isLoaded) return;
      put(message);
      ranges = withRange(ranges, message.seq, message.seq);
      if (isFollowing && view && message.seq > view.to) {
        // What lies between is a gap.
        if (message.seq > view.to + 1) items = undefined;
        view = { from: view.from, to: message.seq };
      }
      show(message);
      trim("to");
    },

    replace,
    answered,

    /** A person is called otherwise, or looks otherwise. False: none of the messages shows them. */
    renamed(person: Person): boolean {
      let isSeen = false;
      for (const message of known.values()) {
        const renamed = withPerson(message, person);
        if (renamed === message) continue;
        isSeen = true;
        known.set(message.seq, renamed);
      }
      if (isSeen) items = undefined;
      return isSeen;
    },

    /** Forgets all of it: what the viewer may see has changed. */
    clear(): void {
      known.clear();
      answers.clear();
      ranges = [];
      view = undefined;
      isFollowing = isLoaded = false;
      items = undefined;
    },
  };
}

export const messageOf = (conversationId: string, message: MessageFieldsFragment): Message => ({
  ...message,
  type: "message",
  conversationId,
});

/** The message with this person as they are now, or the same one where it does not show them. */
export function withPerson<T extends MessageFieldsFragment>(message: T, person: Person): T {
  const isIn = ({ id }: Person): boolean => id === person.id;
  const { sender, replyTo, forwardedFrom, mentions } = message;
  if (
    !isIn(sender) &&
    !(replyTo && isIn(replyTo.sender)) &&
    !(forwardedFrom && isIn(forwardedFrom.sender)) &&
    !mentions.some(isIn)
  )
    return message;
  const now = (one: Person): Person => (isIn(one) ? person : one);
  return {
    ...message,
    sender: now(sender),
    mentions: mentions.map(now),
    replyTo: replyTo && { ...replyTo, sender: now(replyTo.sender) },
    forwardedFrom: forwardedFrom && { ...forwardedFrom, sender: now(forwardedFrom.sender) },
  };
}

const endOf = (item: Message | Gap | undefined): number | undefined => (item?.type === "gap" ? item.to : item?.seq);

/** Where an item that begins at or after `seq` stands. */
function indexOf(items: readonly (Message | Gap)[], seq: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item && (item.type === "gap" ? item.from : item.seq) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
