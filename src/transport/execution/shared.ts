import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from "graphql";

/** What a subscription reads: whether viewers may share its results, and the variables that the results depend on. */
export type Reads = {
  shareable: boolean;
  /** The variables used below the root field. The root field's arguments decide which events come, not what they look like. */
  variables: readonly string[];
};

/**
 * Examines one subscription. Viewers may share its results if every field that it can read, on every type that an object may
 * have there, is in `sharedFields` (`Type.field` of object types). The value of such a field is the same for every viewer.
 */
export function readsOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  sharedFields: ReadonlySet<string>,
): Reads {
  const root = schema.getSubscriptionType();
  const types = new TypeInfo(schema);
  const variables = new Set<string>();
  let shareable = true;
  const rootArguments = new Set<unknown>();
  visit(
    document,
    visitWithTypeInfo(types, {
      OperationDefinition: (node) => (node === operation ? undefined : false),
      VariableDefinition: () => false,
      Field: (node) => {
        const parent = types.getParentType();
        if (parent && parent === root) for (const argument of node.arguments ?? []) rootArguments.add(argument);
        else if (!possibleTypes(schema, parent).every((type) => isShared(`${type}.${node.name.value}`, sharedFields)))
          shareable = false;
      },
      Argument: (node) => (rootArguments.has(node) ? false : undefined),
      Variable: ({ name }) => {
        variables.add(name.value);
      },
    }),
  );
  return { shareable, variables: [...variables].sort() };
}

function isShared(field: string, sharedFields: ReadonlySet<string>): boolean {
  return field.endsWith(".__typename") || sharedFields.has(field);
}

/** The object types that a selection on this type may meet. An unknown type is never shared. */
function possibleTypes(schema: GraphQLSchema, type: unknown): readonly string[] {
  if (isObjectType(type)) return [type.name];
  if (isAbstractType(type)) return schema.getPossibleTypes(type).map(({ name }) => name);
  return ["?"];
}

/** The names in `sharedFields` that the schema does not have. A renamed field would otherwise silently be shared no longer. */
export function unknownFields(schema: GraphQLSchema, sharedFields: ReadonlySet<string>): string[] {
  return [...sharedFields].filter((name) => {
    const [typeName = "", field = ""] = name.split(".");
    const type = schema.getType(typeName);
    return !isObjectType(type) || !(field in type.getFields());
  });
}

/** The one field that a subscription selects. */
export function rootFieldOf(document: DocumentNode, operation: OperationDefinitionNode): FieldNode | undefined {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  );
  return firstField(operation.selectionSet, fragments);
}

function firstField(
  { selections }: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FieldNode | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) return selection;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value)?.selectionSet;
    const found = inner && firstField(inner, fragments);
    if (found) return found;
  }
  return undefined;
}
