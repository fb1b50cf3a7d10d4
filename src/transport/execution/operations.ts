import { setFlagsFromString } from "node:v8";
import {
  type DocumentNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from "graphql";
import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import { LRUCache } from "lru-cache";
import { Refusal } from "../../domain/refusal.ts";
import type { Awaitable } from "../../ports/awaitable.ts";
import { type ApiError, badDocument, badInput, badRequest } from "../errors.ts";
import { countingSerializers } from "./instrument.ts";
import type { TransportConfig } from "../limits.ts";
import { hasHadShare, HEAVY, later, newPace, type Pace } from "./pacing.ts";
import { type Pricing, pricing } from "./price.ts";
import type { Payer, RateLimit } from "../rateLimit.ts";
import { type DocumentLimits, documentRules } from "./rules.ts";
import { TooManyFields } from "./selections.ts";
import { type Reads, readsOf } from "./shared.ts";

/** One operation of a document: parsed, validated and compiled. */
export type Operation = {
  /** Unique among the operations of an executor. */
  readonly id: number;
  readonly kind: `${OperationDefinitionNode["operation"]}`;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  readonly pricing: Pricing;
  readonly query: CompiledQuery["query"];
  /** Only for a subscription. */
  readonly reads: Reads | undefined;
  /** Its approximate size in memory: the document and the compiled code. */
  readonly bytes: number;
};

/** An operation, or the errors in its document. */
export type Prepared = Operation | readonly ApiError[];

export type KnownOperations = {
  /** The operation with that name, if it is known already. Costs nothing. */
  known(query: string, operationName: string | undefined): Operation | undefined;
  /**
   * The operation with that name. A known one is returned at once. A new one waits for its user's turn and costs more.
   * Throws, or rejects with, a `Refusal` RATE_LIMITED if the payer may not ask for more.
   */
  prepare(query: string, operationName: string | undefined, payer: Payer): Awaitable<Prepared>;
};

export type OperationsOptions = {
  schema: GraphQLSchema;
  sharedFields: ReadonlySet<string>;
  limits: DocumentLimits & Pick<TransportConfig, "maxTokens" | "maxFields">;
  rate: RateLimit;
};

/** The size of the cache of operations. */
const OPERATIONS_BYTES = 67_108_864;
/** The approximate memory of one field of an operation, and of one character of its text. */
const FIELD_BYTES = 4_096;
const CHARACTER_BYTES = 64;
/** To compile an operation, so many characters or fields cost one unit. */
const CHARACTERS_A_UNIT = 500;
const FIELDS_A_UNIT = 25;
/** So many documents of one user may wait for their turn. */
const WAITING_MAX = 100;
const RETRY_MS = 1_000;

/**
 * Turns documents into operations and caches them. A new document takes milliseconds of the shared event loop. So only a
 * little of this is done in each turn of the loop, and users take turns.
 */
export function operations({ schema, sharedFields, limits, rate }: OperationsOptions): KnownOperations {
  const serializers = countingSerializers(schema);
  const rules = documentRules(limits);
  const known = new LRUCache<string, Operation>({
    maxSize: OPERATIONS_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });
  /** The users whose documents wait. */
  const turns = new Map<string, { pace: Pace; waiting: number }>();
  const waiting = new Map<string, Promise<Prepared>>();
  const atOnce = newPace();
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
    if (!definition) return [badInput("operationName", noOperation(document, operationName))];
    const own = withOperation(document, definition);
    const priced = pricedOf(own, definition);
    if ("message" in priced) return [priced];
    // Without `useExperimentalPathBasedSkipInclude`, a fragment that is spread in two places gets the conditions of one place
    // in both.
    const code = uncached(() =>
      compileQuery(schema, own, definition.name?.value, {
        useExperimentalPathBasedSkipInclude: true,
        disablingCapturingStackErrors: true,
        customSerializers: serializers,
      }),
    );
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
      bytes: (priced.fields + 1) * FIELD_BYTES + query.length * CHARACTER_BYTES,
    };
  }

  /** Done before compilation: with its fragments spread out, even a small document can have a huge number of fields. */
  function pricedOf(document: DocumentNode, definition: OperationDefinitionNode): Pricing | ApiError {
    try {
      return pricing(schema, document, definition, limits.maxFields);
    } catch (fault) {
      if (fault instanceof TooManyFields) return badRequest(fault.message);
      throw fault;
    }
  }

  function made(key: string, query: string, operationName: string | undefined): Prepared {
    const operation = known.get(key) ?? compiled(query, operationName);
    if ("id" in operation) known.set(key, operation);
    return operation;
  }

  /** Now the number of fields is known, and the first to ask pays for them too. */
  function paid(operation: Prepared, payer: Payer): Prepared {
    if ("id" in operation) rate.take(payer, Math.floor(operation.pricing.fields / FIELDS_A_UNIT));
    return operation;
  }

  /** Calls `make` when it is the turn of `who`. */
  function inTurn(who: string, make: () => Prepared): Promise<Prepared> {
    const turn = turns.get(who) ?? { pace: newPace(), waiting: 0 };
    if (turn.waiting >= WAITING_MAX)
      throw new Refusal("RATE_LIMITED", "too many of your new documents wait: send more when some are answered", {
        retryAfterMs: RETRY_MS,
      });
    turns.set(who, turn);
    turn.waiting += 1;
    return new Promise((resolve, reject) =>
      later(turn.pace, () => {
        turn.waiting -= 1;
        if (turn.waiting === 0) turns.delete(who);
        try {
          resolve(make());
        } catch (fault) {
          reject(fault);
        }
      }),
    );
  }

  const keyOf = (query: string, operationName: string | undefined): string =>
    operationName === undefined ? query : `${operationName}\u0000${query}`;

  return {
    known: (query, operationName) => known.get(keyOf(query, operationName)),

    prepare(query, operationName, payer) {
      const key = keyOf(query, operationName);
      const found = known.get(key);
      if (found !== undefined) return found;
      rate.take(payer, Math.ceil(query.length / CHARACTERS_A_UNIT));
      // Right after a start, many clients ask for the same document.
      const same = waiting.get(key);
      if (same !== undefined) return same;
      const make = (): Prepared => made(key, query, operationName);
      const who = payer.userId ?? payer.address ?? "";
      if (!turns.has(who) && !hasHadShare(atOnce, HEAVY)) return paid(make(), payer);
      const promised = inTurn(who, make).finally(() => waiting.delete(key));
      waiting.set(key, promised);
      // The payment comes after the shared promise. If the first to ask is refused, the others are not.
      return promised.then((operation) => paid(operation, payer));
    },
  };
}

/**
 * Compiles without V8's compilation cache. That cache keeps each code for several garbage collections: if every document is
 * new, the heap grows to a gigabyte. Operations that are asked for again are in the cache here.
 */
function uncached<T>(compile: () => T): T {
  setFlagsFromString("--no-compilation-cache");
  try {
    return compile();
  } finally {
    setFlagsFromString("--compilation-cache");
  }
}

/** The document without its other operations, so that only the requested one is compiled and priced. */
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
