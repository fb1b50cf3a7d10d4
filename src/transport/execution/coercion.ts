import { type GraphQLError, type GraphQLSchema, getVariableValues } from "graphql";
import { type ApiError, badInput, badRequest, fieldOf } from "../errors.ts";
import type { Variables } from "./givenInputs.ts";
import type { Operation } from "./operations.ts";

/** The longest message that a coercion error may have, since it repeats the client's input. */
const MESSAGE_CHARS = 500;

/** At most so many coercion errors are shown for one operation. */
const MAX_ERRORS = 10;

/** The operation's variables coerced by the schema, or the errors in them. */
export const coerced = (schema: GraphQLSchema, { definition }: Operation, variables: Variables) =>
  getVariableValues(schema, definition.variableDefinitions ?? [], variables, { maxErrors: MAX_ERRORS });

/** The errors that a client gets for variables that cannot be coerced. `found` is used if a second coercion finds no errors. */
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
 * The input that a coercion error is about. Example: `Variable "$input" got invalid value 1 at "input.tags[0].name"; …` gives
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
