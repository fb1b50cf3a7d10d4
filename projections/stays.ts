import { heldBy, maySee, seesAll, type SeqRange, type Sight, type Stay, wasMemberAt } from "../src/domain/visibility.ts";
import { justAbove, put, type Reader, seqKey, seqOfKey, type TableWrite } from "../src/projecting/projection.ts";
import type { Awaitable } from "../src/ports/awaitable.ts";

/*
 * The stays of a member, however many. The newest one is where the projection keeps it; when another one follows, it becomes rows
 * of its own. So joining and leaving writes as much the thousandth time as the first, and a question about one message or one
 * moment reads at most one row.
 */

/** By `<conversation>~<user>` and first seq: the last seq. The ranges do not touch, and something was sent in each of them. */
const RANGES = "ranges";
/** By `<conversation>~<user>` and the position of joining: the position of leaving. */
const SPANS = "spans";

/** Whether a table has stays: its partitions are `<conversation>~<user>`. */
export const isOfStays = (table: string): boolean => table === RANGES || table === SPANS;

const nameOf = (conversation: string, user: string): string => `${conversation}~${user}`;

/** A member's next stay, which begins at a position and after the seq `head`, and the rows that the earlier stay becomes. */
export function entered(
  conversation: string,
  user: string,
  before: Stay | undefined,
  position: string,
  head: number,
): { stay: Stay; writes: TableWrite[] } {
  if (before === undefined) return { stay: { from: position, fromSeq: head + 1 }, writes: [] };
  // A member who is already in keeps their stay.
  if (before.to === undefined || before.toSeq === undefined) return { stay: before, writes: [] };
  const earlier = nameOf(conversation, user);
  const writes = [put(SPANS, earlier, before.from, before.to)];
  if (before.toSeq === head) return { stay: { from: position, fromSeq: before.fromSeq, earlier }, writes };
  if (before.toSeq >= before.fromSeq) writes.push(put(RANGES, earlier, seqKey(before.fromSeq), before.toSeq));
  return { stay: { from: position, fromSeq: head + 1, earlier }, writes };
}

/** The same stay, ended. */
export const left = (stay: Stay, to: string, toSeq: number): Stay => ({ ...stay, to, toSeq });

/** How a page of a timeline is asked for: the `seq`s are exclusive. */
export type RangeQuery = { after?: number; before?: number; count: number; fromEnd: boolean };

/** Finds the last row of a partition whose sort key is not higher, in a projection's own rows or in a reader's. */
type Floor<Table extends string> = <T>(
  table: Table,
  partition: string,
  sort: string,
) => Awaitable<{ sort: string; value: T } | undefined>;

/** Whether an earlier stay holds a message: one row is read. */
async function heldEarlier(floor: Floor<typeof RANGES>, name: string, seq: number): Promise<boolean> {
  const range = await floor<number>(RANGES, name, seqKey(seq));
  return range !== undefined && seq <= range.value;
}

/** Whether any of someone's stays holds a message. */
export function isHeld(floor: Floor<typeof RANGES>, stay: Stay | undefined, seq: number): Awaitable<boolean> {
  if (stay === undefined) return false;
  return heldBy(stay, seq) ?? heldEarlier(floor, stay.earlier ?? "", seq);
}

const PAGE = 1_000;

/** The only functions that read the rows of stays. */
export const stayReads = (reader: Reader) => {
  const floor: Floor<typeof RANGES | typeof SPANS> = async <T>(table: string, partition: string, sort: string) => {
    const [found] = await reader.range<T>(table, partition, { before: justAbove(sort), limit: 1, reverse: true });
    return found;
  };

  const rangesOf = async (name: string, query: Parameters<Reader["range"]>[2]): Promise<SeqRange[]> =>
    (await reader.range<number>(RANGES, name, query)).map(({ sort, value }) => ({ fromSeq: seqOfKey(sort), toSeq: value }));

  return {
    /** Whether a message may be seen: `maySee`, with the earlier stays looked up. */
    sees: (sight: Sight, seq: number): Awaitable<boolean> => maySee(sight, seq) ?? isHeld(floor, sight.stay, seq),

    /**
     * What may be seen, as ranges in order: the newest stay, and at most `limit` of the earlier ones, the newest of them. A stay
     * in which nothing was sent is a range without a seq.
     */
    rangesOf: async (sight: Sight, limit: number): Promise<"all" | SeqRange[]> => {
      if (seesAll(sight)) return "all";
      const { stay } = sight;
      if (stay?.earlier === undefined) return stay ? [stay] : [];
      const found: SeqRange[] = [stay];
      for (let before = seqKey(stay.fromSeq); found.length <= limit;) {
        const count = Math.min(PAGE, limit + 1 - found.length);
        const page = await rangesOf(stay.earlier, { before, limit: count, reverse: true });
        found.push(...page);
        const last = page[page.length - 1];
        if (page.length < count || last === undefined) break;
        before = seqKey(last.fromSeq);
      }
      return found.reverse();
    },

    /**
     * As many of the ranges as a page needs, in order: those that it is in, and the first and the last of all, which show whether
     * there is more on either side. At most `count` + 5.
     */
    rangesFor: async (sight: Sight, { after, before, count, fromEnd }: RangeQuery): Promise<"all" | SeqRange[]> => {
      if (seesAll(sight)) return "all";
      const { stay } = sight;
      if (stay?.earlier === undefined) return stay ? [stay] : [];
      const name = stay.earlier;
      const end = seqKey(stay.fromSeq);
      const first = rangesOf(name, { before: end, limit: 1 });
      const last = rangesOf(name, { before: end, limit: 1, reverse: true });
      // Something was sent in each of them, so one more than the page has messages is enough.
      const upTo = before === undefined || before > stay.fromSeq ? end : seqKey(before);
      const near = fromEnd
        ? rangesOf(name, { before: upTo, limit: count + 1, reverse: true })
        : rangesOf(name, { ...(after === undefined ? {} : { after: seqKey(after) }), before: end, limit: count + 1 });
      // It may begin before the page and reach into it.
      const reaching =
        fromEnd || after === undefined ? [] : rangesOf(name, { before: justAbove(seqKey(after)), limit: 1, reverse: true });
      const ranges = new Map<number, SeqRange>();
      for (const found of await Promise.all([first, last, near, reaching]))
        for (const range of found) ranges.set(range.fromSeq, range);
      return [...[...ranges.values()].sort((one, other) => one.fromSeq - other.fromSeq), stay];
    },

    /**
     * A test whether someone was a member at a position, for positions from one to another, both included. The earlier stays
     * between them are read once.
     */
    memberBetween: async (stay: Stay, from: string, to: string): Promise<(position: string) => boolean> => {
      const { earlier } = stay;
      if (earlier === undefined || from >= stay.from) return (position) => wasMemberAt(stay, position) === true;
      const before = await floor<string>(SPANS, earlier, from);
      const spans = before ? [before] : [];
      for (let after = from; ;) {
        const page = await reader.range<string>(SPANS, earlier, { after, before: justAbove(to), limit: PAGE });
        spans.push(...page);
        const last = page[page.length - 1];
        if (page.length < PAGE || last === undefined) break;
        after = last.sort;
      }
      return (position) => wasMemberAt(stay, position) ?? spans.some(({ sort, value }) => position >= sort && position <= value);
    },

    /** Whether any of someone's stays holds a message. */
    isHeld: (stay: Stay | undefined, seq: number): Awaitable<boolean> => isHeld(floor, stay, seq),
  };
};
