import type { SeqRange } from "../../domain/visibility.ts";
import { pageSize } from "../arguments.ts";
import { badInput } from "../badInput.ts";

/** Seqs from the first to the last, both included. */
export type Run = { from: number; to: number };

/** The requested part of a timeline. */
export type MessageQuery = { after?: number; before?: number; count: number; fromEnd: boolean };

/** The seqs of a page in ascending order, and whether the viewer may see others before and after it. */
export type MessagePage = { runs: Run[]; hasPrevious: boolean; hasNext: boolean };

/** Default: the newest page of this size. */
const USUAL_PAGE = 30;

type Arguments = { first?: number | null; after?: string | null; last?: number | null; before?: string | null };

export function messageQuery({ first, after, last, before }: Arguments): MessageQuery {
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
