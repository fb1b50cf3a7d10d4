import { type ExecutionResult, GraphQLError, type GraphQLSchema } from "graphql";
import type { Awaitable } from "../../ports/awaitable.ts";
import { type Durations, durations } from "../../ports/durations.ts";
import type { Bearer } from "../auth.ts";
import { type ApiError, apiErrorOf, type ErrorCode, NO_ERRORS, refusalText } from "../errors.ts";
import type { RateLimit } from "../rateLimit.ts";
import { neverThrowing } from "./abstractTypes.ts";
import { beginnings } from "./beginning.ts";
import { charging, costOf, type PriceLimits, unitsOfDelivery } from "./charging.ts";
import { coerced, uncoerced } from "./coercion.ts";
import { deadlines, type Timed } from "./deadlines.ts";
import {
  entered,
  type Execution,
  type ExecutionLimits,
  giveUp,
  newExecution,
  overtaken,
  readRows,
  tooLarge,
  tooLong,
} from "./execution.ts";
import type { Variables } from "./givenInputs.ts";
import { instrument } from "./instrument.ts";
import { unpriced } from "./listSizes.ts";
import { type Operation, type KnownOperations, operations, type OperationsOptions, type Prepared } from "./operations.ts";
import { type Answer, type Deliveries, type Delivery, renderer, type Stream } from "./rendering.ts";
import { unknownFields } from "./shared.ts";
import { sourceOf } from "./subscribing.ts";

/**
 * `correlationId` names the request in the log and in the metadata of its events. `address`: also pays for the request. If it
 * is undefined, no address pays. `origin`: where the client reaches this server, if it says so.
 */
export type RequestInfo = {
  transport: "http" | "socket";
  correlationId: string;
  address: string | undefined;
  origin?: string | undefined;
};

/**
 * What a context is made from. A resolver calls `readRows` with the approximate bytes of the rows that it has read for the
 * answer. Whoever makes the context may say with `beforeAnswer` what is asked once the answer is made: if that is false, the
 * answer is not given. Deliveries of a subscription are given as they are.
 */
export type ContextRequest = RequestInfo & {
  readRows(bytes: number): void;
  beforeAnswer(isStillTrue: () => Awaitable<boolean>): void;
};

/** Makes the context of the resolvers: once for each request, and once for each delivery of a subscription. */
export type ContextOf = (caller: Bearer, request: ContextRequest) => unknown;

export type Counts = {
  operations: Record<Operation["kind"], number>;
  errors: Record<ErrorCode, number>;
  shared: number;
  /** How long operations took. That of a subscription: until it began. */
  took: Record<Operation["kind"], Durations>;
};

export type Executor = {
  known: KnownOperations["known"];
  prepare: KnownOperations["prepare"];
  /** Calls `done` once, now or later. It does not throw. */
  begin(operation: Operation, variables: Variables, caller: Bearer, request: RequestInfo, done: (answer: Answer) => void): void;
  /** The same, for whoever awaits it. */
  run(operation: Operation, variables: Variables, caller: Bearer, request: RequestInfo): Awaitable<Answer>;
  /** Never rejects. If `subscribe` throws, the result is an answer that was not executed. */
  subscribe(operation: Operation, variables: Variables, caller: Bearer, request: RequestInfo): Promise<Stream | Answer>;
  /** What an operation costs, as JSON text. */
  cost(operation: Operation, variables: Variables): string;
  /** Maps any fault to what a client sees. Bugs are logged. */
  explain(fault: unknown, caller: Bearer | undefined, request: RequestInfo): ApiError;
  /** Totals since the start. */
  readonly counts: Counts;
};

export type Log = { error(fields: object, message: string): void; warn(fields: object, message: string): void };

export type ExecutorOptions = {
  schema: GraphQLSchema;
  contextOf: ContextOf;
  /** Fields whose value is the same for every viewer, as `Type.field` of object types (`Message.text`). */
  sharedFields?: ReadonlySet<string>;
  limits: OperationsOptions["limits"] & PriceLimits & ExecutionLimits;
  rate: RateLimit;
  log: Log;
};

/**
 * How often an operation is carried out whose answer is true no more once it is made. A mutation that is carried out again is a
 * repeat: what it did is done once.
 */
const TRIES = 3;

/** Runs the operations of both transports with one parser, one set of rules, one cache and one compiler. */
export function executor({ schema, contextOf, sharedFields = new Set(), limits, rate, log }: ExecutorOptions): Executor {
  const unknown = unknownFields(schema, sharedFields);
  if (unknown.length > 0) throw new Error(`shared fields that the schema does not have: ${unknown.join(", ")}`);
  const free = unpriced(schema);
  if (free.length > 0) throw new Error(`neither @listSize nor @appends says what these cost: ${free.join(", ")}`);
  instrument(schema);
  const charge = charging(limits, rate);
  const late = deadlines<Execution>(
    limits.executionMs,
    (execution) => giveUp(execution, tooLong(execution)),
    (fault) => log.error({ err: fault }, "an operation that took too long could not be given up"),
  );
  const begun = beginnings();
  const known = operations({ schema, sharedFields, limits, rate });
  neverThrowing(schema, (fault) => log.error({ err: fault }, "a type could not be resolved"));
  const rendererOf = renderer(() => void (counts.shared += 1));
  const counts: Counts = {
    operations: { query: 0, mutation: 0, subscription: 0 },
    errors: { ...NO_ERRORS },
    shared: 0,
    took: { query: durations(), mutation: durations(), subscription: durations() },
  };

  function explain(fault: unknown, caller: Bearer | undefined, { correlationId, transport }: RequestInfo): ApiError {
    const error = apiErrorOf(fault, correlationId, (level, err) => {
      const place = fault instanceof GraphQLError ? fault.path?.join(".") : undefined;
      log[level](
        { err, correlationId, transport, user: caller?.userId, path: place },
        level === "error" ? "a request failed" : "a server behind is away",
      );
    });
    counts.errors[error.extensions.code] += 1;
    return error;
  }

  function answered(
    operation: Operation,
    variables: Variables,
    caller: Bearer,
    request: RequestInfo,
    execution: Execution,
    result: ExecutionResult,
  ): Answer {
    if (execution.fault) throw execution.fault;
    if (result.errors === undefined) return fitting(execution, { text: JSON.stringify(result), executed: true });
    if (!("data" in result)) return refused(uncoerced(schema, operation, variables, result.errors));
    const errors = result.errors.map((error) => explain(error, caller, request));
    return fitting(execution, {
      text: JSON.stringify({ errors, data: result.data }),
      executed: true,
      errors,
      isEmpty: isEmpty(result.data),
    });
  }

  function took({ kind }: Operation, began: number): void {
    counts.took[kind].add((performance.now() - began) / 1_000);
  }

  function countRefusal(prepared: Prepared): Prepared {
    if (!("id" in prepared)) refused(prepared);
    return prepared;
  }

  function refused(errors: readonly ApiError[]): Answer {
    for (const { extensions } of errors) counts.errors[extensions.code] += 1;
    return refusal(errors);
  }

  /** Calls `done` once, now or later. */
  function execute(
    operation: Operation,
    root: unknown,
    variables: Variables,
    caller: Bearer,
    request: RequestInfo,
    done: (answer: Answer) => void,
    tries = 1,
  ): void {
    const execution = newExecution(limits, operation.kind === "mutation", caller.userId);
    let isAnswered = false;
    let timed: Timed<Execution> | undefined;
    const end = (answer: Answer): void => {
      if (isAnswered) return;
      isAnswered = true;
      if (timed !== undefined) late.end(timed);
      done(answer);
    };
    const broken = (fault: unknown): void => end(refusal([explain(fault, caller, request)]));
    let isStillTrue: (() => Awaitable<boolean>) | undefined;
    const told = (isTrue: boolean, made: ExecutionResult): void => {
      if (isTrue) return end(answered(operation, variables, caller, request, execution, made));
      if (tries === TRIES) throw overtaken(execution);
      execute(operation, root, variables, caller, request, end, tries + 1);
    };
    const checked = (made: ExecutionResult): void => {
      if (isAnswered) return;
      try {
        const isDelivery = root !== undefined;
        const isTrue = isDelivery || isStillTrue === undefined || isStillTrue();
        if (isTrue instanceof Promise) isTrue.then((held) => told(held, made)).catch(broken);
        else told(isTrue, made);
      } catch (fault) {
        broken(fault);
      }
    };
    try {
      const context = contextOf(caller, {
        transport: request.transport,
        correlationId: request.correlationId,
        address: request.address,
        origin: request.origin,
        readRows: (bytes) => readRows(execution, bytes),
        beforeAnswer: (asked) => void (isStillTrue = asked),
      });
      const result = queried(operation, root, context, variables, execution);
      if (execution.fault) return broken(execution.fault);
      if (!(result instanceof Promise)) return end(answered(operation, variables, caller, request, execution, result));
      timed = late.begin(execution);
      // An operation that is given up is answered now. What it waits for may never come.
      execution.onOver = broken;
      result.then(checked, broken);
    } catch (fault) {
      broken(fault);
    }
  }

  function begin(
    operation: Operation,
    variables: Variables,
    caller: Bearer,
    request: RequestInfo,
    done: (answer: Answer) => void,
  ): void {
    counts.operations[operation.kind] += 1;
    try {
      const dear = charge(operation, variables, { userId: caller.userId, address: request.address });
      if (dear !== undefined) return done(refused([dear]));
    } catch (fault) {
      return done(refusal([explain(fault, caller, request)]));
    }
    const began = performance.now();
    const timed = (answer: Answer): void => {
      took(operation, began);
      done(answer);
    };
    // What comes over a socket has waited its turn as it came (`arrivals.ts`).
    if (request.transport === "socket" || begun.mayBegin()) execute(operation, undefined, variables, caller, request, timed);
    else begun.later(() => execute(operation, undefined, variables, caller, request, timed));
  }

  return {
    counts,
    explain,
    cost: (operation, variables) => JSON.stringify(costOf(operation, variables, limits)),

    prepare(query, operationName, payer) {
      const prepared = known.prepare(query, operationName, payer);
      return prepared instanceof Promise ? prepared.then(countRefusal) : countRefusal(prepared);
    },

    known: known.known,
    begin,
    run: (operation, variables, caller, request) => awaited((done) => begin(operation, variables, caller, request, done)),

    async subscribe(operation, variables, caller, request) {
      counts.operations.subscription += 1;
      const began = performance.now();
      try {
        const dear = charge(operation, variables, { userId: caller.userId, address: request.address });
        if (dear !== undefined) return refused([dear]);
        const { coerced: values, errors } = coerced(schema, operation, variables);
        if (errors) return refused(uncoerced(schema, operation, variables, errors));
        const context = contextOf(caller, { ...request, readRows: () => undefined, beforeAnswer: () => undefined });
        const source = await sourceOf(schema, operation, values, context);
        const render = ({ root, rootOf }: Delivery): Awaitable<Answer> => {
          const made = rootOf === undefined ? root : rootOf(context as never);
          return awaited((done) => execute(operation, made, variables, caller, request, done));
        };
        const units = unitsOfDelivery(operation, variables);
        took(operation, began);
        return {
          deliveries: source[Symbol.asyncIterator]() as Deliveries,
          render: rendererOf(operation, variables, render),
          isShared: operation.reads?.shareable === true,
          delivered: () => rate.delivered(caller.userId, units),
        };
      } catch (fault) {
        return refusal([explain(fault, caller, request)]);
      }
    },
  };
}

/**
 * Returns the answer if it is within the size limit; otherwise throws a `Refusal` LIMIT_EXCEEDED. The check is needed
 * although values were counted: quotes, escapes and UTF-8 make texts longer.
 */
function fitting(execution: Execution, answer: Answer): Answer {
  const { answerBytesMax } = execution.limits;
  // A UTF-16 unit takes at most three bytes in UTF-8.
  if (answer.text.length * 3 > answerBytesMax && Buffer.byteLength(answer.text) > answerBytesMax) throw tooLarge(execution);
  return answer;
}

/** Begins to run an operation's compiled code. */
function queried(
  operation: Operation,
  root: unknown,
  context: unknown,
  variables: Variables,
  execution: Execution,
): Awaitable<ExecutionResult> {
  const before = entered(execution);
  try {
    return operation.query(root, context, variables);
  } finally {
    entered(before);
  }
}

/** What `work` tells: at once, if it does so before it returns. */
function awaited<T>(work: (done: (value: T) => void) => void): Awaitable<T> {
  let told: { value: T } | undefined;
  let tell = (value: T): void => void (told = { value });
  work((value) => tell(value));
  return told ? told.value : new Promise((resolve) => (tell = resolve));
}

/** An answer without data. */
export const refusal = (errors: readonly ApiError[]): Answer => ({ text: refusalText(errors), executed: false, errors });

/** Whether no root field has a value. A subscription has exactly one root field. */
const isEmpty = (data: ExecutionResult["data"]): boolean => data == null || Object.values(data).every((value) => value === null);
