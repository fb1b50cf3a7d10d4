import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import { LRUCache } from "lru-cache";
import type { Awaitable } from "../ports/awaitable.ts";
import { neverThrowing } from "./abstractTypes.ts";
import type { Caller } from "./auth.ts";
import { ownBytes } from "./bytes.ts";
import { deadlines } from "./deadlines.ts";
import { type ApiError, apiErrorOf, badDocument, badInput, type ErrorCode, fieldOf, refusalText } from "./errors.ts";
import {
  countingSerializers,
  type Execution,
  giveUp,
  instrument,
  newExecution,
  readRows,
  tooLarge,
  tooLong,
  within,
} from "./execution.ts";
import type { Variables } from "./givenInputs.ts";
import { unpriced } from "./listSizes.ts";
import type { TransportConfig } from "./limits.ts";
import { ITEMS_MAX, type Price, type Pricing, pricing } from "./price.ts";
import type { Payer, RateLimit } from "./rateLimit.ts";
import { documentRules, type DocumentLimits } from "./rules.ts";
import { TooManyFields } from "./selections.ts";
import { type Reads, readsOf, rootFieldOf, unknownFields } from "./shared.ts";

/**
 * `correlationId` names the request in the log, and in the metadata of the events that it makes. `address`: what it costs is counted for; none: for no
 * address.
 */
export type RequestInfo = { transport: "http" | "socket"; correlationId: string; address: string | undefined };

/** What a context is made for. `readRows`: rows of about so many bytes were read for the answer. */
export type ContextRequest = RequestInfo & { readRows(bytes: number): void };

/** Makes what resolvers get as their context: once a request, and once for each delivery of a subscription. */
export type ContextOf = (caller: Caller, request: ContextRequest) => unknown;

/**
 * What a subscription's `subscribe` yields. `root` is the root value that the operation is run with: `{ [name of the field]: value }`, unless the
 * field has a `resolve`. `shared` says that the result is the same for whoever reads only shared fields: it is then computed once for each such
 * key. Whatever changes the result must be in the key; that each subscriber may see it is for who yields it.
 */
export type Delivery = { root: unknown; shared?: string };

export type { Variables } from "./givenInputs.ts";

/** A response as JSON text. `executed`: it has `data`. */
export type Answer = {
  text: string;
  executed: boolean;
  errors?: readonly ApiError[];
  /** Errors took the root field's value with them: what was asked for is not there. */
  isEmpty?: boolean;
};

/** A document's operation, parsed, validated and compiled. */
export type Operation = {
  /** Unique among the operations of an executor. */
  readonly id: number;
  readonly kind: `${OperationDefinitionNode["operation"]}`;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly pricing: Pricing;
  readonly query: CompiledQuery["query"];
  /** Of a subscription. */
  readonly reads: Reads | undefined;
};

/** Why a delivery has no result: its entry could not be had, and with it the cursor that a client goes on from. */
export type Undelivered = { errors: readonly ApiError[] };

export const isUndelivered = (rendered: Buffer | Undelivered): rendered is Undelivered => !Buffer.isBuffer(rendered);

/** A running subscription: the iterator is to be returned when nobody reads on. */
export type Stream = {
  deliveries: AsyncIterator<Delivery>;
  /**
   * The result of one delivery, JSON in UTF-8; at once where it was computed for someone else. A field below the entry that failed and may be null is
   * null in it, and told in `errors`.
   */
  render(delivery: Delivery): Awaitable<Buffer | Undelivered>;
};

export type Counts = {
  operations: Record<Operation["kind"], number>;
  errors: Partial<Record<ErrorCode, number>>;
  shared: number;
};

export type Executor = {
  /**
   * The operation of that name, or what is wrong with the document. Throws a `Refusal` RATE_LIMITED where who asks may not ask more; one that is not
   * known yet costs them more.
   */
  prepare(query: string, operationName: string | undefined, payer: Payer): Operation | readonly ApiError[];
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

/** Of the operations kept: about what their documents, and the code that was made of them, take. */
const OPERATIONS_BYTES = 67_108_864;
/** Of one field of an operation, and of one character of its text, about. */
const FIELD_BYTES = 4_096;
const CHARACTER_BYTES = 64;
const SHARED_BYTES = 33_554_432;
/** What a result that is kept takes beside its own bytes. */
const RESULT_BYTES = 256;
/** Of an operation that is compiled: characters and fields that cost a unit. */
const CHARACTERS_A_UNIT = 500;
const FIELDS_A_UNIT = 25;
/** Lines of an import that weigh as much as an event of another operation, where it is about what one operation may write. */
const IMPORTED_AN_EVENT = 10;
/** Values of an answer that cost a unit. */
const VALUES_A_UNIT = 4_000;
/** What a coercion error repeats of a client's input. */
const MESSAGE_CHARS = 500;

/** Runs operations of both transports: one parser, one set of rules, one cache, one compiler. */
export function executor({ schema, contextOf, sharedFields = new Set(), limits, rate, log }: ExecutorOptions): Executor {
  const unknown = unknownFields(schema, sharedFields);
  if (unknown.length > 0) throw new Error(`shared fields that the schema does not have: ${unknown.join(", ")}`);
  const free = unpriced(schema);
  if (free.length > 0) throw new Error(`what these cost is not said by @listSize or @appends: ${free.join(", ")}`);
  instrument(schema);
  const serializers = countingSerializers(schema);
  const late = deadlines<Execution>(
    limits.executionMs,
    (execution) => giveUp(execution, tooLong(execution)),
    (fault) => log.error({ err: fault }, "an operation that took too long could not be given up"),
  );
  neverThrowing(schema, (fault) => log.error({ err: fault }, "a type could not be resolved"));
  const rules = documentRules(limits);
  const operations = new LRUCache<string, Operation>({
    maxSize: OPERATIONS_BYTES,
    sizeCalculation: ({ pricing: { fields } }, key) => (fields + 1) * FIELD_BYTES + key.length * CHARACTER_BYTES,
  });
  const results = new LRUCache<string, Buffer>({
    maxSize: SHARED_BYTES,
    sizeCalculation: (bytes, key) => bytes.length + 2 * key.length + RESULT_BYTES,
  });
  const rendering = new Map<string, Promise<Buffer | Undelivered>>();
  const counts: Counts = { operations: { query: 0, mutation: 0, subscription: 0 }, errors: {}, shared: 0 };
  let latest: Latest = NONE;
  let ids = 0;

  function compiled(query: string, operationName: string | undefined): Operation | readonly ApiError[] {
    let document: DocumentNode;
    try {
      document = parse(query, { maxTokens: limits.maxTokens });
    } catch (fault) {
      if (fault instanceof GraphQLError) return [badDocument(fault)];
      throw fault;
    }
    const faults = validate(schema, document, rules);
    if (faults.length > 0) return faults.map(badDocument);
    const definition = getOperationAST(document, operationName);
    if (!definition) return [badInput(noOperation(document, operationName), "operationName")];
    const own = withOperation(document, definition);
    const priced = pricedOf(own, definition);
    if ("message" in priced) return [priced];
    // Without the option a fragment that is spread twice has the conditions of one place in both.
    const code = compileQuery(schema, own, definition.name?.value, {
      useExperimentalPathBasedSkipInclude: true,
      disablingCapturingStackErrors: true,
      customSerializers: serializers,
    });
    if (!isCompiledQuery(code)) throw new AggregateError(code.errors ?? [], "an operation does not compile");
    const kind: Operation["kind"] = definition.operation;
    ids += 1;
    return {
      id: ids,
      kind,
      document: own,
      definition,
      pricing: priced,
      query: code.query,
      reads: kind === "subscription" ? readsOf(schema, own, definition, sharedFields) : undefined,
    };
  }

  /** Before it is compiled: spread out, a small document may have fields without number. */
  function pricedOf(document: DocumentNode, definition: OperationDefinitionNode): Pricing | ApiError {
    try {
      return pricing(schema, document, definition, limits.maxFields);
    } catch (fault) {
      if (fault instanceof TooManyFields) return badInput(fault.message);
      throw fault;
    }
  }

  /** Takes what an operation costs from who asks; what is too dear for anyone is refused. */
  function paid(operation: Operation, variables: Variables, caller: Caller, { address }: RequestInfo): ApiError | undefined {
    const price = operation.pricing.price(variables);
    const dear = tooDear(price, limits);
    const field = dear && operation.pricing.tooMany(variables);
    if (field !== undefined) return badInput(`${field}: no list gives more than ${ITEMS_MAX} at once`, field);
    if (dear !== undefined) return dear;
    const units = Math.max(0, price.events - 1) + Math.floor(price.values / VALUES_A_UNIT);
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
    return (coerced.errors ?? found).map(({ message }) => badInput(message.slice(0, MESSAGE_CHARS), variableAt(message)));
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
    const execution = newExecution(limits, operation.kind === "mutation");
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
      const key = operationName === undefined ? query : `${operationName}\u0000${query}`;
      const known = operations.get(key);
      if (known !== undefined) return known;
      rate.take(payer, Math.ceil(query.length / CHARACTERS_A_UNIT));
      const operation = compiled(query, operationName);
      if ("id" in operation) {
        operations.set(key, operation);
        rate.take(payer, Math.floor(operation.pricing.fields / FIELDS_A_UNIT));
      } else refused(operation);
      return operation;
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
        return { deliveries: source[Symbol.asyncIterator](), render: rendererOf(operation, variables, render) };
      } catch (fault) {
        return refusal([explain(fault, caller, request)]);
      }
    },
  };

  function rendererOf(
    { id, reads }: Operation,
    variables: Variables,
    execute: (root: unknown) => Awaitable<Answer>,
  ): Stream["render"] {
    const alone = (root: unknown): Awaitable<Buffer | Undelivered> => {
      const answer = execute(root);
      return answer instanceof Promise ? answer.then(delivered) : delivered(answer);
    };
    if (!reads?.shareable) return ({ root }) => alone(root);
    const readers = `${id}:${JSON.stringify(reads.variables.map((name) => variables[name] ?? null))}:`;
    return ({ root, shared }) => {
      if (shared === undefined) return alone(root);
      // One event comes to thousands of subscribers one after the other.
      if (shared !== latest.shared || readers !== latest.readers) {
        const key = readers + shared;
        const known = results.get(key) ?? rendering.get(key);
        if (known === undefined) return first(key, root);
        latest = { readers, shared, result: known };
      }
      counts.shared += 1;
      return latest.result;
    };

    function first(key: string, root: unknown): Awaitable<Buffer | Undelivered> {
      const answer = execute(root);
      if (!(answer instanceof Promise)) return kept(key, answer);
      const later = answer.then((settled) => {
        rendering.delete(key);
        if (latest.result === later) latest = NONE;
        return kept(key, settled);
      });
      rendering.set(key, later);
      return later;
    }
  }

  /** A result with errors is not kept: they may have passed at the next reader. */
  function kept(key: string, answer: Answer): Buffer | Undelivered {
    const result = delivered(answer);
    if (answer.errors === undefined && !isUndelivered(result)) results.set(key, result);
    return result;
  }
}

/** The result that was asked for last, of a subscription and its variables, under its key. */
type Latest = { readers: string; shared: string; result: Awaitable<Buffer | Undelivered> };
/** No subscription is called so. */
const NONE: Latest = { readers: "", shared: "", result: Buffer.alloc(0) };

/** An answer that is no longer than one may be. Throws a `Refusal` LIMIT_EXCEEDED: quoted, and in UTF-8, texts are longer than they were. */
function fitting(execution: Execution, answer: Answer): Answer {
  const { answerBytesMax } = execution.limits;
  // A character is three bytes at most.
  if (answer.text.length * 3 > answerBytesMax && Buffer.byteLength(answer.text) > answerBytesMax) throw tooLarge(execution);
  return answer;
}

function tooDear(
  { values, keyBytes, events, imported }: Price,
  { maxCost, maxEvents, answerBytesMax }: OperationLimits,
): ApiError | undefined {
  if (values > maxCost)
    return badInput(`Cost limit of ${maxCost} exceeded, found ${values}: ask for smaller pages or fewer fields`);
  if (keyBytes > answerBytesMax)
    return badInput(`the names alone would take ${keyBytes} bytes of the answer, which has at most ${answerBytesMax}`);
  const written = Math.max(events, imported / IMPORTED_AN_EVENT);
  if (written <= maxEvents) return undefined;
  return {
    message: `the operation may write ${events + imported} events, which is too much for one: make several of it`,
    extensions: { code: "LIMIT_EXCEEDED" },
  };
}

/** An answer without data. */
export const refusal = (errors: readonly ApiError[]): Answer => ({ text: refusalText(errors), executed: false, errors });

const delivered = ({ text, executed, errors = [], isEmpty = false }: Answer): Buffer | Undelivered =>
  executed && !isEmpty ? ownBytes(text) : { errors };

/** Whether no root field has a value: of a subscription, there is one. */
const isEmpty = (data: ExecutionResult["data"]): boolean => data == null || Object.values(data).every((value) => value === null);

const isAsyncIterable = (value: unknown): value is AsyncIterable<Delivery> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  return Object.fromEntries(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
}

/** The document without its other operations: what compiles and what is priced is the one asked for. */
function withOperation(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  return {
    ...document,
    definitions: document.definitions.filter((node) => node === operation || node.kind !== Kind.OPERATION_DEFINITION),
  };
}

function noOperation({ definitions }: DocumentNode, operationName: string | undefined): string {
  if (operationName !== undefined) return `the document has no operation named ${JSON.stringify(operationName.slice(0, 100))}`;
  const several = definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return several ? "the document has several operations: name one by operationName" : "the document has no operation";
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
