import {
  type ExecutionResult,
  type FragmentDefinitionNode,
  getArgumentValues,
  getVariableValues,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  type DocumentNode,
} from "graphql";
import type { Awaitable } from "../../ports/awaitable.ts";
import { neverThrowing } from "./abstractTypes.ts";
import type { Caller } from "../auth.ts";
import { deadlines } from "./deadlines.ts";
import { type ApiError, apiErrorOf, badInput, badRequest, type ErrorCode, fieldOf, refusalText } from "../errors.ts";
import { type Execution, giveUp, instrument, newExecution, readRows, tooLarge, tooLong, within } from "./execution.ts";
import type { Variables } from "./givenInputs.ts";
import type { TransportConfig } from "../limits.ts";
import { unpriced } from "./listSizes.ts";
import { type Operation, type Operations, operations, type Prepared } from "./operations.ts";
import { ITEMS_MAX, type Price } from "./price.ts";
import type { RateLimit } from "../rateLimit.ts";
import { type Answer, type Delivery, renderer, type Stream } from "./rendering.ts";
import type { DocumentLimits } from "./rules.ts";
import { rootFieldOf, unknownFields } from "./shared.ts";

/**
 * `correlationId` names the request in the log, and in the metadata of the events that it makes. `address`: what it costs is counted for; none: for no
 * address.
 */
export type RequestInfo = { transport: "http" | "socket"; correlationId: string; address: string | undefined };

/** What a context is made for. `readRows`: rows of about so many bytes were read for the answer. */
export type ContextRequest = RequestInfo & { readRows(bytes: number): void };

/** Makes what resolvers get as their context: once a request, and once for each delivery of a subscription. */
export type ContextOf = (caller: Caller, request: ContextRequest) => unknown;

export type Counts = {
  operations: Record<Operation["kind"], number>;
  errors: Partial<Record<ErrorCode, number>>;
  shared: number;
};

export type Executor = {
  prepare: Operations["prepare"];
  run(operation: Operation, variables: Variables, caller: Caller, request: RequestInfo): Awaitable<Answer>;
  /** Never rejects: what `subscribe` throws is an answer that was not executed. */
  subscribe(operation: Operation, variables: Variables, caller: Caller, request: RequestInfo): Promise<Stream | Answer>;
  /** Any fault as a client sees it, logged where it is a bug. */
  explain(fault: unknown, caller: Caller | undefined, request: RequestInfo): ApiError;
  /** What was done so far. */
  readonly counts: Counts;
};

/** Where faults are told. */
export type Log = { error(fields: object, message: string): void; warn(fields: object, message: string): void };

export type ExecutorOptions = {
  schema: GraphQLSchema;
  contextOf: ContextOf;
  /** Fields whose value does not depend on who looks, by the names of object types: `Message.text`. */
  sharedFields?: ReadonlySet<string>;
  limits: DocumentLimits & OperationLimits;
  rate: RateLimit;
  log: Log;
};

type OperationLimits = Pick<
  TransportConfig,
  "maxTokens" | "maxFields" | "maxCost" | "maxEvents" | "answerBytesMax" | "executionMs"
>;

/** Lines of an import that weigh as much as an event of another operation, where it is about what one operation may write. */
const IMPORTED_AN_EVENT = 10;
/** Values of an answer that cost a unit, and rows of pages that do: to read one takes many times as long as to answer with it. */
const VALUES_A_UNIT = 4_000;
const ROWS_A_UNIT = 500;
/** What a coercion error repeats of a client's input. */
const MESSAGE_CHARS = 500;

/** Runs operations of both transports: one parser, one set of rules, one cache, one compiler. */
export function executor({ schema, contextOf, sharedFields = new Set(), limits, rate, log }: ExecutorOptions): Executor {
  const unknown = unknownFields(schema, sharedFields);
  if (unknown.length > 0) throw new Error(`shared fields that the schema does not have: ${unknown.join(", ")}`);
  const free = unpriced(schema);
  if (free.length > 0) throw new Error(`what these cost is not said by @listSize or @appends: ${free.join(", ")}`);
  instrument(schema);
  const late = deadlines<Execution>(
    limits.executionMs,
    (execution) => giveUp(execution, tooLong(execution)),
    (fault) => log.error({ err: fault }, "an operation that took too long could not be given up"),
  );
  const known = operations({ schema, sharedFields, limits, rate });
  neverThrowing(schema, (fault) => log.error({ err: fault }, "a type could not be resolved"));
  const rendererOf = renderer(() => void (counts.shared += 1));
  const counts: Counts = { operations: { query: 0, mutation: 0, subscription: 0 }, errors: {}, shared: 0 };

  /** Takes what an operation costs from who asks; what is too dear for anyone is refused. */
  function paid(operation: Operation, variables: Variables, caller: Caller, { address }: RequestInfo): ApiError | undefined {
    const price = operation.pricing.price(variables);
    const dear = tooDear(price, limits);
    const field = dear && operation.pricing.tooMany(variables);
    if (field !== undefined) return badInput(field, `${field}: no list gives more than ${ITEMS_MAX} at once`);
    if (dear !== undefined) return dear;
    const units = Math.max(0, price.events - 1) + Math.floor(readingUnits(price));
    if (units > 0) rate.take({ userId: caller.userId, address }, units);
    return undefined;
  }

  function explain(fault: unknown, caller: Caller | undefined, { correlationId, transport }: RequestInfo): ApiError {
    const error = apiErrorOf(fault, correlationId, (level, err) => {
      const place = fault instanceof GraphQLError ? fault.path?.join(".") : undefined;
      log[level](
        { err, correlationId, transport, user: caller?.userId, path: place },
        level === "error" ? "a request failed" : "a server behind is away",
      );
    });
    counts.errors[error.extensions.code] = (counts.errors[error.extensions.code] ?? 0) + 1;
    return error;
  }

  function answered(
    operation: Operation,
    variables: Variables,
    caller: Caller,
    request: RequestInfo,
    execution: Execution,
    result: ExecutionResult,
  ): Answer {
    if (execution.fault) throw execution.fault;
    if (result.errors === undefined) return fitting(execution, { text: JSON.stringify(result), executed: true });
    if (!("data" in result)) return refused(uncoerced(operation, variables, result.errors));
    const errors = result.errors.map((error) => explain(error, caller, request));
    return fitting(execution, {
      text: JSON.stringify({ errors, data: result.data }),
      executed: true,
      errors,
      isEmpty: isEmpty(result.data),
    });
  }

  function uncoerced({ definition }: Operation, variables: Variables, found: readonly GraphQLError[]): ApiError[] {
    const coerced = getVariableValues(schema, definition.variableDefinitions ?? [], variables, { maxErrors: 10 });
    return (coerced.errors ?? found).map(({ message }) => {
      const [variable, text] = [variableAt(message), message.slice(0, MESSAGE_CHARS)];
      return variable === undefined ? badRequest(text) : badInput(variable, text);
    });
  }

  function told(prepared: Prepared): Prepared {
    if (!("id" in prepared)) refused(prepared);
    return prepared;
  }

  function refused(errors: readonly ApiError[]): Answer {
    for (const { extensions } of errors) counts.errors[extensions.code] = (counts.errors[extensions.code] ?? 0) + 1;
    return refusal(errors);
  }

  function execute(
    operation: Operation,
    root: unknown,
    variables: Variables,
    caller: Caller,
    request: RequestInfo,
  ): Awaitable<Answer> {
    const execution = newExecution(limits, operation.kind === "mutation", caller.userId);
    const broken = (fault: unknown): Answer => refusal([explain(fault, caller, request)]);
    const answer = (result: ExecutionResult): Answer => answered(operation, variables, caller, request, execution, result);
    try {
      const context = contextOf(caller, { ...request, readRows: (bytes) => readRows(execution, bytes) });
      const result = within(execution, () => operation.query(root, context, variables));
      if (execution.fault) return broken(execution.fault);
      if (!(result instanceof Promise)) return answer(result);
      late.begin(execution);
      return new Promise((resolve) => {
        const end = (ended: Answer): void => {
          late.end(execution);
          resolve(ended);
        };
        // What is given up is answered now: what it waits for never comes.
        execution.onOver = (fault) => end(broken(fault));
        result.then(answer).catch(broken).then(end, end);
      });
    } catch (fault) {
      return broken(fault);
    }
  }

  async function sourceOf(
    operation: Operation,
    variables: Variables,
    caller: Caller,
    request: RequestInfo,
  ): Promise<AsyncIterable<Delivery> | Answer> {
    const { definition, document } = operation;
    const { coerced, errors } = getVariableValues(schema, definition.variableDefinitions ?? [], variables, { maxErrors: 10 });
    if (errors) return refused(uncoerced(operation, variables, errors));
    const type = schema.getSubscriptionType();
    const node = rootFieldOf(document, definition);
    const field = type?.getFields()[node?.name.value ?? ""];
    if (!type || !node || !field?.subscribe) throw new Error(`the subscription ${node?.name.value} has no source`);
    const info: GraphQLResolveInfo = {
      fieldName: field.name,
      fieldNodes: [node],
      returnType: field.type,
      parentType: type,
      path: { prev: undefined, key: node.alias?.value ?? field.name, typename: type.name },
      schema,
      fragments: fragmentsOf(document),
      rootValue: undefined,
      operation: definition,
      variableValues: coerced,
    };
    const source: unknown = await field.subscribe(
      undefined,
      getArgumentValues(field, node, coerced),
      contextOf(caller, { ...request, readRows: () => undefined }),
      info,
    );
    if (!isAsyncIterable(source)) throw new Error(`the subscription ${field.name} gave no async iterable`);
    return source;
  }

  return {
    counts,
    explain,

    prepare(query, operationName, payer) {
      const prepared = known.prepare(query, operationName, payer);
      return prepared instanceof Promise ? prepared.then(told) : told(prepared);
    },

    run(operation, variables, caller, request) {
      counts.operations[operation.kind] += 1;
      try {
        const dear = paid(operation, variables, caller, request);
        if (dear !== undefined) return refused([dear]);
      } catch (fault) {
        return refusal([explain(fault, caller, request)]);
      }
      return execute(operation, undefined, variables, caller, request);
    },

    async subscribe(operation, variables, caller, request) {
      counts.operations.subscription += 1;
      try {
        const dear = paid(operation, variables, caller, request);
        if (dear !== undefined) return refused([dear]);
        const source = await sourceOf(operation, variables, caller, request);
        if ("text" in source) return source;
        const render = (root: unknown): Awaitable<Answer> => execute(operation, root, variables, caller, request);
        const units = unitsOfDelivery(operation, variables);
        return {
          deliveries: source[Symbol.asyncIterator](),
          render: rendererOf(operation, variables, render),
          delivered: () => rate.delivered(caller.userId, units),
        };
      } catch (fault) {
        return refusal([explain(fault, caller, request)]);
      }
    },
  };
}

/** An answer that is no longer than one may be. Throws a `Refusal` LIMIT_EXCEEDED: quoted, and in UTF-8, texts are longer than they were. */
function fitting(execution: Execution, answer: Answer): Answer {
  const { answerBytesMax } = execution.limits;
  // A character is three bytes at most.
  if (answer.text.length * 3 > answerBytesMax && Buffer.byteLength(answer.text) > answerBytesMax) throw tooLarge(execution);
  return answer;
}

/** What it costs to read what an operation asks for. */
const readingUnits = ({ values, rows }: Price): number => values / VALUES_A_UNIT + rows / ROWS_A_UNIT;

/** What is made once for all who read it costs none of them. */
const unitsOfDelivery = ({ reads, pricing }: Operation, variables: Variables): number =>
  reads?.shareable ? 0 : readingUnits(pricing.price(variables));

function tooDear(
  { values, keyBytes, events, imported }: Price,
  { maxCost, maxEvents, answerBytesMax }: OperationLimits,
): ApiError | undefined {
  if (values > maxCost)
    return badRequest(`Cost limit of ${maxCost} exceeded, found ${values}: ask for smaller pages or fewer fields`);
  if (keyBytes > answerBytesMax)
    return badRequest(`the names of the fields alone would take ${keyBytes} bytes, and an answer has at most ${answerBytesMax}`);
  const written = Math.max(events, imported / IMPORTED_AN_EVENT);
  if (written <= maxEvents) return undefined;
  return {
    message: `the operation may write ${events + imported} events, which is too many: split it into several`,
    extensions: { code: "LIMIT_EXCEEDED" },
  };
}

/** An answer without data. */
export const refusal = (errors: readonly ApiError[]): Answer => ({ text: refusalText(errors), executed: false, errors });

/** Whether no root field has a value: of a subscription, there is one. */
const isEmpty = (data: ExecutionResult["data"]): boolean => data == null || Object.values(data).every((value) => value === null);

const isAsyncIterable = (value: unknown): value is AsyncIterable<Delivery> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  return Object.fromEntries(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
}

/** The input that a coercion error is about: `Variable "$input" got invalid value 1 at "input.tags[0].name"; …` is about `tags.0.name`. */
function variableAt(message: string): string | undefined {
  const [, variable] = /^Variable "\$(\w+)"/.exec(message) ?? [];
  if (variable === undefined) return undefined;
  const [, path = variable] = / at "([\w.[\]]+)"; /.exec(message) ?? [];
  const [, member] = /; Field "(\w+)" (?:of required type|is not defined)/.exec(message) ?? [];
  const [, ...below] = [...path.replaceAll("[", ".").replaceAll("]", "").split("."), ...(member === undefined ? [] : [member])];
  return below.length > 0 ? fieldOf(below) : variable;
}
