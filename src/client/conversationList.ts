import type { ConversationState } from "./types.ts";

export type ConversationList = ReturnType<typeof createConversationList>;

/**
 * The conversations that are known, in the order of `conversations(pinnedFirst: true)`. Only those that stand no lower than the
 * last one that was loaded are listed: between others there may be some that are not known.
 */
export function createConversationList() {
  const known = new Map<string, ConversationState>();
  let listed: readonly ConversationState[] = [];
  /** Undefined: all are loaded. */
  let boundary: ConversationState | undefined;

  const isListed = (conversation: ConversationState): boolean =>
    conversation.membership !== null &&
    !conversation.membership.hidden &&
    (boundary === undefined || compare(conversation, boundary) <= 0);

  const rebuild = (): void => {
    listed = [...known.values()].filter(isListed).sort(compare);
  };

  return {
    get items() {
      return listed;
    },
    get boundary() {
      return boundary;
    },
    get: (id: string): ConversationState | undefined => known.get(id),
    all: (): IterableIterator<ConversationState> => known.values(),

    /** Replaces or adds one, and moves it to its place. */
    put(conversation: ConversationState): void {
      const before = known.get(conversation.id);
      if (before === conversation) return;
      known.set(conversation.id, conversation);
      const from = before && isListed(before) ? placeOf(listed, before) : -1;
      const isThere = from >= 0 && listed[from] === before;
      const copy = [...listed];
      if (isThere) copy.splice(from, 1);
      if (isListed(conversation)) copy.splice(placeOf(copy, conversation), 0, conversation);
      else if (!isThere) return;
      listed = copy;
    },

    /** `end`: the last one that is loaded, where there are more. */
    load(conversations: readonly ConversationState[], end: ConversationState | undefined): void {
      for (const conversation of conversations) known.set(conversation.id, conversation);
      boundary = end;
      rebuild();
    },

    clear(): void {
      known.clear();
      listed = [];
      boundary = undefined;
    },
  };
}

/** As the server orders them: pinned ones first, then by the newest activity; of the same moment by their place in the log. */
export function compare(one: ConversationState, other: ConversationState): number {
  return (
    Number(other.membership?.pinned ?? false) - Number(one.membership?.pinned ?? false) ||
    descending(one.lastActivityAt ?? "", other.lastActivityAt ?? "") ||
    descending(one.lastMessage?.cursor ?? "", other.lastMessage?.cursor ?? "") ||
    descending(one.id, other.id)
  );
}

const descending = (one: string, other: string): number => (one === other ? 0 : one > other ? -1 : 1);

function placeOf(sorted: readonly ConversationState[], conversation: ConversationState): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(sorted[middle] as ConversationState, conversation) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
