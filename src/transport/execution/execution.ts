import { Refusal } from "../../domain/refusal.ts";
import type { Pace } from "./pacing.ts";

/**
 * Limits on what one execution uses while it runs, whatever its price was: the bytes of its answer, the bytes of the rows
 * read for it, and its time. An execution over a limit is stopped (instrument.ts).
 */

export type ExecutionLimits = {
  /** The size of one answer. */
  answerBytesMax: number;
  /** An operation must be answered within this time. */
  executionMs: number;
};

export type Execution = Pace & {
  readonly limits: ExecutionLimits;
  /** A mutation's effects stay, even if its answer cannot be given. */
  readonly isMutation: boolean;
  /** Bytes of the values in the answer so far. */
  answerBytes: number;
  /** Bytes of the rows that were read for the answer. */
  rowBytes: number;
  /** The number of pages that are being read, and the callbacks that wait for one to end. */
  pages: number;
  readonly pagesWaiting: (() => void)[];
  /** For each page that is being read: gives its owner's place back. */
  leaving: Set<() => void> | undefined;
  /** Why it was given up. */
  fault: Error | undefined;
  /** Called once, when it is given up. */
  onOver: ((fault: Error) => void) | undefined;
};

/**
 * So many bytes of rows may be read for each byte that the answer may have. Rows are read whole, even if only a small part is
 * asked for.
 */
const ROWS_FOR_ANSWER = 4;

/**
 * `owner`: the caller. All executions of one owner share what the owner may do at a time. The properties of `Pace` are listed
 * one by one: this runs for every operation, and a spread takes many times as long.
 */
export const newExecution = (limits: ExecutionLimits, isMutation: boolean, owner: string): Execution => ({
  owner,
  turn: 0,
  since: 0,
  steps: 0,
  waiting: [],
  isWaiting: false,
  isOver: false,
  limits,
  isMutation,
  answerBytes: 0,
  rowBytes: 0,
  pages: 0,
  pagesWaiting: [],
  leaving: undefined,
  fault: undefined,
  onOver: undefined,
});

/** Gives up an execution. */
export function giveUp(execution: Execution, fault: Error): void {
  if (execution.isOver) return;
  execution.isOver = true;
  execution.fault = fault;
  execution.pagesWaiting.length = 0;
  // The pages that it reads may never come.
  for (const leave of execution.leaving ?? []) leave();
  execution.onOver?.(fault);
}

const done = ({ isMutation }: Execution): string => (isMutation ? ". What the mutation did is done" : "");

export const tooLarge = (execution: Execution): Refusal =>
  new Refusal(
    "LIMIT_EXCEEDED",
    `the answer would have more than ${execution.limits.answerBytesMax} bytes: ask for smaller pages or fewer fields${done(execution)}`,
  );

const tooMuchRead = (execution: Execution): Refusal =>
  new Refusal(
    "LIMIT_EXCEEDED",
    `more would have to be read for the answer than ${execution.limits.answerBytesMax * ROWS_FOR_ANSWER} bytes: ask for smaller pages${done(execution)}`,
  );

export const tooLong = ({ limits, isMutation }: Execution): Refusal =>
  new Refusal(
    "UNAVAILABLE",
    `the operation took longer than ${limits.executionMs} ms and was given up: ${
      isMutation ? "the outcome is unknown, send the same clientMutationId again" : "ask for less, or try again"
    }`,
    { retryAfterMs: 1_000 },
  );

export const overtaken = (execution: Execution): Refusal =>
  new Refusal("UNAVAILABLE", `what you may see changed while this was answered: ask again${done(execution)}`, {
    retryAfterMs: 1_000,
  });

/** Counts about so many bytes of rows that were read for an execution. */
export function readRows(execution: Execution, bytes: number): void {
  execution.rowBytes += bytes;
  if (execution.rowBytes > execution.limits.answerBytesMax * ROWS_FOR_ANSWER) giveUp(execution, tooMuchRead(execution));
}

/** Counts so many more bytes in the answer. */
export function countAnswer(execution: Execution, bytes: number): void {
  execution.answerBytes += bytes;
  if (execution.answerBytes > execution.limits.answerBytesMax) giveUp(execution, tooLarge(execution));
}

/**
 * The execution whose compiled code runs now. It is set at each entry into that code, and the code runs synchronously to its
 * end.
 */
let running: Execution | undefined;

/** Runs a step of an execution's compiled code. */
export function within<T>(execution: Execution, step: () => T): T {
  const before = entered(execution);
  try {
    return step();
  } finally {
    entered(before);
  }
}

/** Says whose compiled code runs from now on. Returns whose ran before, which must be entered again at the end. */
export function entered(execution: Execution | undefined): Execution | undefined {
  const before = running;
  running = execution;
  return before;
}

/** The execution whose compiled code runs now, if there is one. */
export const runningNow = (): Execution | undefined => running;
