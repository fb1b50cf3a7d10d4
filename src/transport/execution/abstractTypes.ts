import { type GraphQLAbstractType, type GraphQLResolveInfo, type GraphQLSchema, isAbstractType, isObjectType } from "graphql";

const done = new WeakSet<GraphQLSchema>();

/**
 * Makes the types of a schema resolve without ever throwing. If the type of an object is not known, its field gets an error.
 *
 * The compiled code asks for types in a promise's callback. A throw there would end the process and leave the request
 * unanswered. Types must be known synchronously: by `resolveType`, by `__typename`, or by `isTypeOf`.
 */
export function neverThrowing(schema: GraphQLSchema, report: (fault: unknown) => void): void {
  if (done.has(schema)) return;
  done.add(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && type.isTypeOf) {
      const { isTypeOf } = type;
      type.isTypeOf = (value, context, info) => attempt(() => isTypeOf(value, context, info) === true, report) ?? false;
    } else if (isAbstractType(type)) {
      const resolve =
        type.resolveType ?? ((value: unknown, context: unknown, info: GraphQLResolveInfo) => byMark(type, value, context, info));
      type.resolveType = (value, context, info, abstract) =>
        attempt(() => {
          const name: unknown = resolve(value, context, info, abstract);
          if (typeof name !== "string") throw new Error(`the type of an object is not known where ${type.name} stands`);
          return name;
        }, report);
    }
  }
}

function byMark(type: GraphQLAbstractType, value: unknown, context: unknown, info: GraphQLResolveInfo): string | undefined {
  if (typeof value === "object" && value !== null && "__typename" in value && typeof value.__typename === "string")
    return value.__typename;
  return info.schema.getPossibleTypes(type).find(({ isTypeOf }) => isTypeOf?.(value, context, info) === true)?.name;
}

function attempt<T>(work: () => T, report: (fault: unknown) => void): T | undefined {
  try {
    return work();
  } catch (fault) {
    report(fault);
    return undefined;
  }
}
