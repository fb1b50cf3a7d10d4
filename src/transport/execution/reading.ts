import type { Awaitable } from "../../ports/awaitable.ts";
import { type Execution, runningNow } from "./execution.ts";
import { hasHadShare, HEAVY, later, newPace } from "./pacing.ts";

/** Limits how fast pages of rows, and single rows, are read for answers. */

/** So many pages one execution reads at a time. All of them are in memory meanwhile. */
const PAGES_AT_ONCE = 4;
/** So many pages all executions of one owner read at a time. Another owner's page waits behind at most these. */
const PAGES_OF_OWNER = 16;

/** For each owner: the number of pages that are being read, and the callbacks that wait for a place. */
const readers = new Map<string, { pages: number; readonly waiting: (() => void)[] }>();

/** Resolves when the owner reads fewer pages than allowed, and counts one more. */
async function enterOwner(owner: string): Promise<void> {
  const reader = readers.get(owner) ?? { pages: 0, waiting: [] };
  readers.set(owner, reader);
  if (reader.pages < PAGES_OF_OWNER) reader.pages += 1;
  // A page that ends hands its place over, so the count stays.
  else await new Promise<void>((go) => reader.waiting.push(go));
}

function leaveOwner(owner: string): void {
  const reader = readers.get(owner);
  if (reader === undefined) return;
  const next = reader.waiting.shift();
  if (next) return next();
  reader.pages -= 1;
  if (reader.pages === 0) readers.delete(owner);
}

/** Reads a page when the execution and its owner read fewer pages than allowed. */
export async function readPage(execution: Execution, call: () => unknown): Promise<unknown> {
  const { owner = "" } = execution;
  if (execution.pages >= PAGES_AT_ONCE) await new Promise<void>((go) => execution.pagesWaiting.push(go));
  execution.pages += 1;
  await enterOwner(owner);
  const leave = (): void => {
    if (execution.leaving?.delete(leave)) leaveOwner(owner);
  };
  (execution.leaving ??= new Set()).add(leave);
  try {
    // Given up meanwhile, so nobody gets the result.
    return execution.isOver ? undefined : await call();
  } finally {
    leave();
    execution.pages -= 1;
    execution.pagesWaiting.shift()?.();
  }
}

const reads = newPace();
/** Whether the single rows had used their share of this turn at the last check. If so, the clock is read at every row. */
let isReadEnough = false;

/**
 * Reads a row at once, or in a later turn if this turn has read so much that others wait. Hundreds of deliveries may wait for
 * the same answer and then continue at the same moment, each with a row to read. A postponed read waits with the other steps
 * of its execution.
 */
export function pacedRead<T>(read: () => Awaitable<T>): Awaitable<T> {
  isReadEnough = hasHadShare(reads, isReadEnough ? HEAVY : 1);
  if (!isReadEnough) return read();
  return new Promise<T>((resolve, reject) =>
    later(runningNow() ?? reads, () => {
      try {
        resolve(read());
      } catch (fault) {
        reject(fault);
      }
    }),
  );
}
