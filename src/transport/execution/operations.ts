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
  /** What it takes in memory, about: its document, and the code that was made of it. */
  readonly bytes: number;
};

/** An operation, or what is wrong with its document. */
export type Prepared = Operation | readonly ApiError[];

export type KnownOperations = {
  /**
   * The operation of that name: at once where it is known, else in its user's turn. Throws, or rejects with, a `Refusal`
   * RATE_LIMITED where who asks may not ask more; one that is not known yet costs them more.
   */
  prepare(query: string, operationName: string | undefined, payer: Payer): Awaitable<Prepared>;
};

export type OperationsOptions = {
  schema: GraphQLSchema;
  sharedFields: ReadonlySet<string>;
  limits: DocumentLimits & Pick<TransportConfig, "maxTokens" | "maxFields">;
  rate: RateLimit;
};

/** Of the operations kept. */
const OPERATIONS_BYTES = 67_108_864;
/** Of one field of an operation, and of one character of its text, about. */
const FIELD_BYTES = 4_096;
const CHARACTER_BYTES = 64;
/** Of an operation that is compiled: characters and fields that cost a unit. */
const CHARACTERS_A_UNIT = 500;
const FIELDS_A_UNIT = 25;
/** Documents of one user that wait for their turn. */
const WAITING_MAX = 100;
const RETRY_MS = 1_000;

/**
 * Makes operations of documents, and keeps them. What is not known yet takes milliseconds of everyone's event loop: little of
 * it is done in one turn of the loop, and users take turns at it.
 */
export function operations({ schema, sharedFields, limits, rate }: OperationsOptions): KnownOperations {
  const serializers = countingSerializers(schema);
  const rules = documentRules(limits);
  const known = new LRUCache<string, Operation>({
    maxSize: OPERATIONS_BYTES,
    sizeCalculation: ({ bytes }) => bytes,
  });
  /** Of those who have documents that wait. */
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
    // Without the option a fragment that is spread twice has the conditions of one place in both.
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

  /** Before it is compiled: spread out, a small document may have fields without number. */
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

  /** Whoever asked for it first pays for the fields too, now that it is known how many there are. */
  function paid(operation: Prepared, payer: Payer): Prepared {
    if ("id" in operation) rate.take(payer, Math.floor(operation.pricing.fields / FIELDS_A_UNIT));
    return operation;
  }

  /** `make`, once it is the turn of who asks. */
  function inTurn(who: string, make: () => Prepared): Promise<Prepared> {
    const turn = turns.get(who) ?? { pace: newPace(), waiting: 0 };
    if (turn.waiting >= WAITING_MAX)
      throw new Refusal("RATE_LIMITED", "too many new documents of yours wait to be read: send more when some are answered", {
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

  return {
    prepare(query, operationName, payer) {
      const key = operationName === undefined ? query : `${operationName}\u0000${query}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      rate.take(payer, Math.ceil(query.length / CHARACTERS_A_UNIT));
      // Many of one client ask the same when a server has just begun.
      const same = waiting.get(key);
      if (same !== undefined) return same;
      const make = (): Prepared => made(key, query, operationName);
      const who = payer.userId ?? payer.address ?? "";
      if (!turns.has(who) && !hasHadShare(atOnce, HEAVY)) return paid(make(), payer);
      const promised = inTurn(who, make).finally(() => waiting.delete(key));
      waiting.set(key, promised);
      // Those who wait for the same are not refused with who asked first.
      return promised.then((operation) => paid(operation, payer));
    },
  };
}

/**
 * Compiles without V8's cache of texts that were compiled: it would keep the code of each for several collections of its
 * heap, which grows to a gigabyte where each document is a new one. What is asked again is kept here.
 */
function uncached<T>(compile: () => T): T {
  setFlagsFromString("--no-compilation-cache");
  try {
    return compile();
  } finally {
    setFlagsFromString("--compilation-cache");
  }
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
