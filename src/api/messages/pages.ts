import type { SeqRange } from "../../domain/visibility.ts";
import { pageSize } from "../arguments.ts";
import { badInput } from "../badInput.ts";
import { seqArgument } from "./inputs.ts";

/** Seqs from the first to the last, both included. */
export type Run = { from: number; to: number };

/** The requested part of a timeline. */
export type MessageQuery = { after?: number; before?: number; count: number; fromEnd: boolean };

/** The seqs of a page in ascending order, and whether the viewer may see others before and after it. */
export type MessagePage = { runs: Run[]; hasPrevious: boolean; hasNext: boolean };

/** Default: the newest page of this size. */
const USUAL_PAGE = 30;

/** A page with a seq in its middle, as far as there are enough messages on both sides of it. */
export type AroundQuery = { around: number; count: number };

type Arguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
  around?: number | null;
};

export function messageQuery({ first, after, last, before, around }: Arguments): MessageQuery | AroundQuery {
  if (around != null) {
    if (last != null || after != null || before != null) throw badInput("around", "give only first beside around");
    return { around: seqArgument(around, "around"), count: pageSize(first, USUAL_PAGE) };
  }
  if (first != null && last != null) throw badInput("last", "give one of first and last");
  const bounds = { ...bound("after", after), ...bound("before", before) };
  if (first != null) return { ...bounds, count: pageSize(first, USUAL_PAGE), fromEnd: false };
  return { ...bounds, count: pageSize(last, USUAL_PAGE, "last"), fromEnd: true };
}

function bound(name: "after" | "before", cursor: string | null | undefined): { [Name in "after" | "before"]?: number } {
  const seq = seqCursor(name, cursor);
  return seq === undefined ? {} : { [name]: seq };
}

/** The seq that the cursor of a message's edge is. */
export function seqCursor(name: string, cursor: string | null | undefined): number | undefined {
  if (cursor == null) return undefined;
  if (!/^(0|[1-9][0-9]{0,9})$/.test(cursor)) throw badInput(name, "the cursor of a message is its seq in decimal");
  return Number(cursor);
}

/**
 * The parts of these ranges that exist in a conversation whose newest message is `head`, as ordered runs that do not touch.
 * Seqs have no gaps, so this tells which messages exist without reading any.
 */
export function visibleRuns(seen: "all" | readonly SeqRange[], head: number): Run[] {
  if (head < 1) return [];
  if (seen === "all") return [{ from: 1, to: head }];
  const runs: Run[] = [];
  for (const { fromSeq, toSeq } of seen) {
    const run = { from: fromSeq, to: Math.min(toSeq ?? head, head) };
    const last = runs[runs.length - 1];
    if (run.to < run.from) continue;
    if (last !== undefined && run.from <= last.to + 1) last.to = Math.max(last.to, run.to);
    else runs.push(run);
  }
  return runs;
}

/** One page out of the visible runs, by Relay's rules. Only the runs that it needs must be given (projections/stays.ts). */
export function pageOf(
  visible: readonly Run[],
  { after = 0, before = Number.MAX_SAFE_INTEGER, count, fromEnd }: MessageQuery,
): MessagePage {
  const asked = visible
    .map(({ from, to }) => ({ from: Math.max(from, after + 1), to: Math.min(to, before - 1) }))
    .filter(({ from, to }) => from <= to);
  const runs: Run[] = [];
  let left = count;
  for (const { from, to } of fromEnd ? asked.reverse() : asked) {
    if (left === 0) break;
    const length = Math.min(left, to - from + 1);
    left -= length;
    if (fromEnd) runs.unshift({ from: to - length + 1, to });
    else runs.push({ from, to: from + length - 1 });
  }
  const first = runs[0]?.from ?? after + 1;
  const last = runs[runs.length - 1]?.to ?? before - 1;
  return { runs, hasPrevious: visible.some(({ from }) => from < first), hasNext: visible.some(({ to }) => to > last) };
}

/** The two pages that meet at a seq: what is below it, and it with what is above it. */
export const halvesOf = ({ around, count }: AroundQuery): { below: MessageQuery; above: MessageQuery } => ({
  below: { before: around, count, fromEnd: true },
  above: { after: around - 1, count, fromEnd: false },
});

/** The page around a seq, out of the two that meet there. Where one side has too few messages, the other side has more. */
export function pageAround(below: MessagePage, above: MessagePage, count: number): MessagePage {
  const [down, up] = [lengthOf(below.runs), lengthOf(above.runs)];
  const fromBelow = Math.min(down, Math.max(Math.floor(count / 2), count - up));
  const fromAbove = Math.min(up, count - fromBelow);
  return {
    runs: joined([...newestOf(below.runs, fromBelow), ...oldestOf(above.runs, fromAbove)]),
    hasPrevious: below.hasPrevious || fromBelow < down,
    hasNext: above.hasNext || fromAbove < up,
  };
}

const lengthOf = (runs: readonly Run[]): number => runs.reduce((sum, { from, to }) => sum + to - from + 1, 0);

function oldestOf(runs: readonly Run[], count: number): Run[] {
  let left = count;
  return runs.flatMap(({ from, to }) => {
    const length = Math.min(left, to - from + 1);
    left -= length;
    return length > 0 ? [{ from, to: from + length - 1 }] : [];
  });
}

const newestOf = (runs: readonly Run[], count: number): Run[] => {
  const mirrored = runs.map(({ from, to }) => ({ from: -to, to: -from })).reverse();
  return oldestOf(mirrored, count)
    .map(({ from, to }) => ({ from: -to, to: -from }))
    .reverse();
};

/** Runs that touch become one, so that they are read in one go. */
function joined(runs: readonly Run[]): Run[] {
  const made: Run[] = [];
  for (const run of runs) {
    const last = made[made.length - 1];
    if (last !== undefined && last.to + 1 === run.from) last.to = run.to;
    else made.push({ ...run });
  }
  return made;
}
