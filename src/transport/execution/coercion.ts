import { type GraphQLError, type GraphQLSchema, getVariableValues } from "graphql";
import { type ApiError, badInput, badRequest, fieldOf } from "../errors.ts";
import type { Variables } from "./givenInputs.ts";
import type { Operation } from "./operations.ts";

/** What a coercion error repeats of a client's input. */
const MESSAGE_CHARS = 500;

/** Faults of coercion that are told, of one operation. */
const MAX_ERRORS = 10;

/** The values of an operation's variables as the schema takes them, or what is wrong with them. */
export const coerced = (schema: GraphQLSchema, { definition }: Operation, variables: Variables) =>
  getVariableValues(schema, definition.variableDefinitions ?? [], variables, { maxErrors: MAX_ERRORS });

/** What a client is told of variables that cannot be taken. `found`: what to tell where looking again finds nothing wrong. */
export function uncoerced(
  schema: GraphQLSchema,
  operation: Operation,
  variables: Variables,
  found: readonly GraphQLError[],
): ApiError[] {
  return (coerced(schema, operation, variables).errors ?? found).map(({ message }) => {
    const [variable, text] = [variableAt(message), message.slice(0, MESSAGE_CHARS)];
    return variable === undefined ? badRequest(text) : badInput(variable, text);
  });
}

/**
 * The input that a coercion error is about: `Variable "$input" got invalid value 1 at "input.tags[0].name"; …` is about
 * `tags.0.name`.
 */
function variableAt(message: string): string | undefined {
  const [, variable] = /^Variable "\$(\w+)"/.exec(message) ?? [];
  if (variable === undefined) return undefined;
  const [, path = variable] = / at "([\w.[\]]+)"; /.exec(message) ?? [];
  const [, member] = /; Field "(\w+)" (?:of required type|is not defined)/.exec(message) ?? [];
  const [, ...below] = [...path.replaceAll("[", ".").replaceAll("]", "").split("."), ...(member === undefined ? [] : [member])];
  return below.length > 0 ? fieldOf(below) : variable;
}
