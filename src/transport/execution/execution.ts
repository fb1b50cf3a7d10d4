import { type GraphQLFieldResolver, type GraphQLSchema, isLeafType, isObjectType } from "graphql";
import { Refusal } from "../../domain/refusal.ts";
import type { Awaitable } from "../../ports/awaitable.ts";
import { listSizeOf } from "./listSizes.ts";
import { hasHadShare, HEAVY, later, newPace, type Pace } from "./pacing.ts";

/*
 * One execution is held to what it may use while it runs, whatever its operation was priced at: the bytes of its answer, those of the rows that the answer
 * is made of, and its time. The compiled code calls resolvers, and goes on where a promise of theirs has settled: both ways lead through here. So an
 * execution can give way to others, and one that is over goes no further: what it waited for is never told to it.
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
/** Pages that one execution reads at a time: all that are being read are in memory. */
const PAGES_AT_ONCE = 4;
/** Pages that are read at a time for all executions of one owner: whoever else reads one waits behind so many of theirs. */
const PAGES_OF_OWNER = 16;
/** What an entry in `errors` takes, about. */
const ERROR_BYTES = 256;
/** Quotation marks and a comma; a number or a truth value. */
const QUOTES = 3;
const PLAIN_BYTES = 5;

/**
 * `owner`: who asks, with whose other executions it shares what one may do at a time. Property by property, its `Pace` too: one is made for each
 * operation, and copied properties take many times as long.
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

const reads = newPace();
/** They have had their share of this turn, when last asked: all that follow are asked of, not one of many. */
let isReadEnough = false;

/**
 * Reads a row at once, or in a later turn where so much was read in this one that others wait. Hundreds that were waiting for the same answer go
 * on in one moment, each with a row to read; what is left for later waits with the rest of its execution.
 */
export function pacedRead<T>(read: () => Awaitable<T>): Awaitable<T> {
  isReadEnough = hasHadShare(reads, isReadEnough ? HEAVY : 1);
  if (!isReadEnough) return read();
  return new Promise<T>((resolve, reject) =>
    later(running ?? reads, () => {
      try {
        resolve(read());
      } catch (fault) {
        reject(fault);
      }
    }),
  );
}

type Settled = (value: unknown) => void;
/** What the compiled code takes for a promise. It calls `then` once, and uses nothing that `then` returns. */
type Thenable = { then(onValue: Settled, onFault: Settled): void };

/** Is never settled: what is over goes no further. */
const NEVER: Thenable = { then: () => undefined };

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;

function goOn(execution: Execution, weight: number, step: () => void): void {
  if (execution.isOver) return;
  if (hasHadShare(execution, weight)) later(execution, () => taken(execution, step));
  else taken(execution, step);
}

/** Takes a step that nobody awaits: where the compiled code throws, that is this execution's end, and nobody else's. */
function taken(execution: Execution, step: () => void): void {
  try {
    within(execution, step);
  } catch (fault) {
    giveUp(execution, fault instanceof Error ? fault : new Error(String(fault)));
  }
}

function settling(execution: Execution, weight: number, promise: Promise<unknown>): Thenable {
  return {
    then: (onValue, onFault) => {
      promise.then(
        (value) => goOn(execution, weight, () => onValue(value)),
        (fault: unknown) => goOn(execution, weight, () => onFault(counted(execution, fault))),
      );
    },
  };
}

/** A resolver that is called later. */
function calledLater(execution: Execution, call: () => unknown): Thenable {
  return {
    then: (onValue, onFault) =>
      later(execution, () =>
        taken(execution, () => {
          let value: unknown;
          try {
            value = call();
          } catch (fault) {
            onFault(counted(execution, fault));
            return;
          }
          if (isPromise(value)) settling(execution, 1, value).then(onValue, onFault);
          else onValue(value);
        }),
      ),
  };
}

function counted(execution: Execution, fault: unknown): unknown {
  execution.answerBytes += ERROR_BYTES;
  if (execution.answerBytes > execution.limits.answerBytesMax) giveUp(execution, tooLarge(execution));
  return fault;
}

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
async function readPage(execution: Execution, call: () => unknown): Promise<unknown> {
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

type Resolver = GraphQLFieldResolver<unknown, unknown>;

const instrumented = new WeakSet<GraphQLSchema>();

/** Makes the resolvers of a schema keep to the execution that calls them; called by anyone else they do what they did. */
export function instrument(schema: GraphQLSchema): void {
  if (instrumented.has(schema)) return;
  instrumented.add(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields())) {
      const isPage = (listSizeOf(schema, field)?.slicingArguments.length ?? 0) > 0;
      if (field.resolve) field.resolve = isPage ? aPage(field.resolve) : aField(field.resolve);
    }
  }
}

const aField =
  (resolve: Resolver): Resolver =>
  (source, given, context, info) => {
    const execution = running;
    if (execution === undefined) return resolve(source, given, context, info);
    if (execution.isOver) return NEVER;
    if (hasHadShare(execution)) return calledLater(execution, () => resolve(source, given, context, info));
    let value: unknown;
    try {
      value = resolve(source, given, context, info);
    } catch (fault) {
      throw counted(execution, fault);
    }
    return isPromise(value) ? settling(execution, 1, value) : value;
  };

const aPage =
  (resolve: Resolver): Resolver =>
  (source, given, context, info) => {
    const execution = running;
    if (execution === undefined) return resolve(source, given, context, info);
    if (execution.isOver) return NEVER;
    return settling(
      execution,
      HEAVY,
      readPage(execution, () => resolve(source, given, context, info)),
    );
  };

/** How the compiled code writes plain values: as their types say, and counted. */
export function countingSerializers(schema: GraphQLSchema): Record<string, (value: unknown) => unknown> {
  return Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter(isLeafType)
      .map((type) => [type.name, (value: unknown) => answering(type.serialize(value))]),
  );
}

function answering(value: unknown): unknown {
  const execution = running;
  if (execution === undefined) return value;
  execution.answerBytes += typeof value === "string" ? value.length + QUOTES : PLAIN_BYTES;
  if (execution.answerBytes > execution.limits.answerBytesMax) giveUp(execution, tooLarge(execution));
  return value;
}
