/** A reaction: who, by which emoji. */
export type Reaction = { user: number; emoji: Emoji };
/** What an emoji is called. One object for all reactions with it. */
export type Emoji = { name: string; code: string | null; type: string | null };

/** Reactions that are kept until their messages come: more than any archive has that was seen. */
const MAX_REACTIONS = 5_000_000;
/** Different emoji that they have: several times what there are in Unicode. */
const MAX_EMOJI = 50_000;
const FIRST = 1_024;

/**
 * The reactions of an archive by their messages. Each takes 24 bytes, since there may be millions of them. Throws an `Error` for
 * more than any archive has.
 */
export function reactionStore() {
  let messages = new Float64Array(FIRST);
  let users = new Float64Array(FIRST);
  let emoji = new Uint16Array(FIRST);
  let count = 0;
  const known: Emoji[] = [];
  const numbers = new Map<string, number>();
  /** Places by message, and among those of one message as they came. Made when the first one is asked for. */
  let order: Uint32Array | undefined;

  const grown = <A extends Float64Array | Uint16Array>(array: A, larger: A): A => {
    larger.set(array);
    return larger;
  };
  const numberOf = (given: Emoji): number => {
    const key = JSON.stringify([given.name, given.code, given.type]);
    const found = numbers.get(key);
    if (found !== undefined) return found;
    if (known.length >= MAX_EMOJI) throw new Error(`the archive has more than ${MAX_EMOJI} different emoji`);
    numbers.set(key, known.length);
    return known.push(given) - 1;
  };
  const messageAt = (place: number): number => messages[order?.[place] ?? 0] ?? 0;

  return {
    add: (message: number, user: number, given: Emoji): void => {
      if (count >= MAX_REACTIONS) throw new Error(`the archive has more than ${MAX_REACTIONS} reactions`);
      if (count === messages.length) {
        messages = grown(messages, new Float64Array(2 * count));
        users = grown(users, new Float64Array(2 * count));
        emoji = grown(emoji, new Uint16Array(2 * count));
      }
      messages[count] = message;
      users[count] = user;
      emoji[count++] = numberOf(given);
      order = undefined;
    },
    /** Those of one message, in the order in which they came. */
    of: function* (message: number): Generator<Reaction, void, void> {
      order ??= Uint32Array.from({ length: count }, (_, place) => place).sort(
        (one, other) => (messages[one] ?? 0) - (messages[other] ?? 0) || one - other,
      );
      let from = 0;
      for (let to = count; from < to;) {
        const middle = (from + to) >>> 1;
        if (messageAt(middle) < message) from = middle + 1;
        else to = middle;
      }
      for (; from < count && messageAt(from) === message; from++) {
        const place = order[from] ?? 0;
        const found = known[emoji[place] ?? 0];
        if (found) yield { user: users[place] ?? 0, emoji: found };
      }
    },
  };
}
