import type { Awaitable } from "../../ports/awaitable.ts";
import { type Execution, runningNow } from "./execution.ts";
import { hasHadShare, HEAVY, later, newPace } from "./pacing.ts";

/*
 * Rows are read for answers in turns: pages of them, and single rows.
 */

/** Pages that one execution reads at a time: all that are being read are in memory. */
const PAGES_AT_ONCE = 4;
/** Pages that are read at a time for all executions of one owner: whoever else reads one waits behind so many of theirs. */
const PAGES_OF_OWNER = 16;

/** Of each owner who reads pages, how many, and what waits until one is read. */
const readers = new Map<string, { pages: number; readonly waiting: (() => void)[] }>();

/** Resolves once an owner reads fewer pages than may be, and counts one more. */
async function enterOwner(owner: string): Promise<void> {
  const reader = readers.get(owner) ?? { pages: 0, waiting: [] };
  readers.set(owner, reader);
  if (reader.pages < PAGES_OF_OWNER) reader.pages += 1;
  // It is given the place of one that is read.
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

/** Reads a page once fewer than so many are read. */
export async function readPage(execution: Execution, call: () => unknown): Promise<unknown> {
  const { owner = "" } = execution;
  if (execution.pages >= PAGES_AT_ONCE) await new Promise<void>((go) => execution.pagesWaiting.push(go));
  execution.pages += 1;
  await enterOwner(owner);
  const leave = (): void => {
    if (execution.leaving.delete(leave)) leaveOwner(owner);
  };
  execution.leaving.add(leave);
  try {
    // Given up meanwhile: nobody is told.
    return execution.isOver ? undefined : await call();
  } finally {
    leave();
    execution.pages -= 1;
    execution.pagesWaiting.shift()?.();
  }
}

const reads = newPace();
/** They have had their share of this turn, when last asked: all that follow are asked of, not one of many. */
let isReadEnough = false;

/**
 * Reads a row at once, or in a later turn where so much was read in this one that others wait. Hundreds that were waiting for
 * the same answer go on in one moment, each with a row to read; what is left for later waits with the rest of its execution.
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
