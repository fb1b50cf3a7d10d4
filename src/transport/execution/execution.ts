import { Refusal } from "../../domain/refusal.ts";
import type { Pace } from "./pacing.ts";

/*
 * One execution is held to what it may use while it runs, whatever its operation was priced at: the bytes of its answer,
 * those of the rows that the answer is made of, and its time. One that is over goes no further (instrument.ts).
 */

export type ExecutionLimits = {
  /** Of one answer. */
  answerBytesMax: number;
  /** Within which an operation is answered. */
  executionMs: number;
};

export type Execution = Pace & {
  readonly limits: ExecutionLimits;
  /** What the operation does is done, whether or not its answer can be given. */
  readonly isMutation: boolean;
  /** Of the values in the answer so far. */
  answerBytes: number;
  /** Of the rows that were read for it. */
  rowBytes: number;
  /** Pages that are being read, and what waits until one is. */
  pages: number;
  readonly pagesWaiting: (() => void)[];
  /** What gives the owner's places back, of the pages that are being read. */
  readonly leaving: Set<() => void>;
  /** Why it was given up. */
  fault: Error | undefined;
  /** Told once, when it is given up. */
  onOver: ((fault: Error) => void) | undefined;
};

/** Bytes of rows for each byte that the answer may have: rows are read whole, also where little of them is asked for. */
const ROWS_FOR_ANSWER = 4;

/**
 * `owner`: who asks, with whose other executions it shares what one may do at a time. Property by property, its `Pace` too:
 * one is made for each operation, and copied properties take many times as long.
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
  leaving: new Set(),
  fault: undefined,
  onOver: undefined,
});

/** Gives an execution up. */
export function giveUp(execution: Execution, fault: Error): void {
  if (execution.isOver) return;
  execution.isOver = true;
  execution.fault = fault;
  execution.pagesWaiting.length = 0;
  // What it reads may never come.
  for (const leave of execution.leaving) leave();
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

/** Rows were read for an execution, of about so many bytes. */
export function readRows(execution: Execution, bytes: number): void {
  execution.rowBytes += bytes;
  if (execution.rowBytes > execution.limits.answerBytesMax * ROWS_FOR_ANSWER) giveUp(execution, tooMuchRead(execution));
}

/** The answer has so many bytes more. */
export function countAnswer(execution: Execution, bytes: number): void {
  execution.answerBytes += bytes;
  if (execution.answerBytes > execution.limits.answerBytesMax) giveUp(execution, tooLarge(execution));
}

/** The execution whose compiled code runs now: it is set whenever that code is entered, and the code runs to its end at once. */
let running: Execution | undefined;

/** Enters an execution's compiled code. */
export function within<T>(execution: Execution, step: () => T): T {
  const before = running;
  running = execution;
  try {
    return step();
  } finally {
    running = before;
  }
}

/** The execution whose compiled code runs now, if any does. */
export const runningNow = (): Execution | undefined => running;
