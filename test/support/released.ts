import { CriticalityLevel, diff, DiffRule } from "@graphql-inspector/core";
import { type GraphQLSchema, parse, validate } from "graphql";

/**
 * What a schema breaks of a released one, in words. Removed may be what was deprecated in the release, as long as no operation of
 * the release asks for it. Directives say what a list costs, and no client asks for them.
 */
export async function broken(
  released: GraphQLSchema,
  schema: GraphQLSchema,
  operations: ReadonlyMap<string, string>,
): Promise<string[]> {
  const changes = await diff(released, schema, [DiffRule.suppressRemovalOfDeprecatedField]);
  const breaking = changes.filter(
    ({ type, criticality }) => !String(type).startsWith("DIRECTIVE_") && criticality.level === CriticalityLevel.Breaking,
  );
  const unanswered = [...operations].flatMap(([name, text]) =>
    validate(schema, parse(text)).map(({ message }) => `${name}: ${message}`),
  );
  return [...breaking.map(({ message }) => message), ...unanswered];
}
