import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  Kind,
} from "graphql";
import type { Operation } from "./operations.ts";
import type { Delivery } from "./rendering.ts";
import { rootFieldOf } from "./shared.ts";

/** The deliveries of a subscription's field. Rejects with what its `subscribe` throws. */
export async function sourceOf(
  schema: GraphQLSchema,
  { definition, document }: Operation,
  values: GraphQLResolveInfo["variableValues"],
  context: unknown,
): Promise<AsyncIterable<Delivery>> {
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
    variableValues: values,
  };
  const source: unknown = await field.subscribe(undefined, getArgumentValues(field, node, values), context, info);
  if (!isAsyncIterable(source)) throw new Error(`the subscription ${field.name} gave no async iterable`);
  return source;
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<Delivery> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

function fragmentsOf({ definitions }: DocumentNode): Record<string, FragmentDefinitionNode> {
  return Object.fromEntries(
    definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [])),
  );
}
