import { type GraphQLFieldResolver, type GraphQLSchema, isLeafType, isObjectType } from "graphql";
import { countAnswer, type Execution, giveUp, runningNow, within } from "./execution.ts";
import { listSizeOf } from "./listSizes.ts";
import { hasHadShare, HEAVY, later } from "./pacing.ts";
import { readPage } from "./reading.ts";

/**
 * The compiled code calls resolvers, and it continues when their promises have settled. The calls and the continuations pass
 * through here. So an execution can make way for others, and a stopped one does not continue: it never gets what it waited
 * for.
 */

/** The approximate size of an entry in `errors`. */
const ERROR_BYTES = 256;
/** Two quotation marks and a comma; and the size of a number or a boolean. */
const QUOTES = 3;
const PLAIN_BYTES = 5;

type Settled = (value: unknown) => void;
/** The compiled code takes this for a promise. It calls `then` once and ignores the result of `then`. */
type Thenable = { then(onValue: Settled, onFault: Settled): void };

/** Never settles, so a stopped execution does not continue. */
const NEVER: Thenable = { then: () => undefined };

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;

function goOn(execution: Execution, weight: number, step: () => void): void {
  if (execution.isOver) return;
  if (hasHadShare(execution, weight)) later(execution, () => taken(execution, step));
  else taken(execution, step);
}

/** Runs a step that nobody awaits. If the compiled code throws, only this execution ends. */
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

/** Calls a resolver later. */
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
  countAnswer(execution, ERROR_BYTES);
  return fault;
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

const instrumented = new WeakSet<GraphQLSchema>();

/**
 * Makes the resolvers of a schema obey the limits of the execution that calls them. For other callers they behave as before.
 */
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
    const execution = runningNow();
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
    const execution = runningNow();
    if (execution === undefined) return resolve(source, given, context, info);
    if (execution.isOver) return NEVER;
    return settling(
      execution,
      HEAVY,
      readPage(execution, () => resolve(source, given, context, info)),
    );
  };

/** Serializers for the compiled code: as each type defines, and counted. */
export function countingSerializers(schema: GraphQLSchema): Record<string, (value: unknown) => unknown> {
  return Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter(isLeafType)
      .map((type) => [type.name, (value: unknown) => countedValue(type.serialize(value))]),
  );
}

function countedValue(value: unknown): unknown {
  const execution = runningNow();
  if (execution === undefined) return value;
  countAnswer(execution, typeof value === "string" ? value.length + QUOTES : PLAIN_BYTES);
  return value;
}
