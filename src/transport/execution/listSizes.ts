import {
  getDirectiveValues,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  isListType,
  isNonNullType,
  isObjectType,
  isInterfaceType,
} from "graphql";

/**
 * How many items a list holds, as its field says in the schema (`@listSize`, `@appends`). The names in `@listSize` come from
 * IBM's Cost Directives Specification.
 */
export type ListSize = {
  /** Arguments that give the number of items. The largest one counts. */
  slicingArguments: readonly string[];
  /** The number of items if no argument gives it. */
  assumedSize: number | undefined;
  /** The subfields that hold the list. If there are none, the field itself is the list. */
  sizedFields: readonly string[];
  /** Rows that are read beside those of the page, whatever its size. */
  alsoReads: number;
  /** The member of an argument that must be true for these rows to be read: `query.friendsOnly`. */
  alsoReadsIf?: string;
};

/** What one call of a mutation may append to the log. */
export type Appends = {
  events: number;
  /** Members of the input that are lists, with so many events for each item. */
  each: readonly string[];
  perItem: number;
  /** An import: it has a limit of its own, apart from what users do. */
  apart: boolean;
};

type Field = GraphQLField<unknown, unknown>;

const sizes = new WeakMap<Field, ListSize | undefined>();

/** What a field's `@listSize` says. */
export function listSizeOf(schema: GraphQLSchema, field: Field): ListSize | undefined {
  if (!sizes.has(field)) sizes.set(field, read(schema, field));
  return sizes.get(field);
}

function read(schema: GraphQLSchema, field: Field): ListSize | undefined {
  const values = valuesOf(schema, field, "listSize");
  if (values === undefined) return introspected(field);
  const { slicingArguments = [], assumedSize, sizedFields = [], alsoReads, alsoReadsIf } = values as Partial<ListSize>;
  const rows = { alsoReads: alsoReads ?? 0, ...(alsoReadsIf == null ? {} : { alsoReadsIf }) };
  return { slicingArguments, assumedSize: assumedSize ?? undefined, sizedFields, ...rows };
}

/** The mutation's `@appends`. Default: one event. */
export function appendsOf(schema: GraphQLSchema, field: Field): Appends {
  const { events = 1, each = [], perItem = 1, apart = false } = (valuesOf(schema, field, "appends") ?? {}) as Partial<Appends>;
  return { events, each, perItem, apart };
}

function valuesOf(schema: GraphQLSchema, { astNode }: Field, name: string): Record<string, unknown> | undefined {
  const directive = schema.getDirective(name);
  return directive && astNode ? getDirectiveValues(directive, astNode) : undefined;
}

/** Sizes of the introspection lists, about as in this API's schema. Introspection is off in production. */
const INTROSPECTED: Readonly<Record<string, number>> = {
  types: 100,
  directives: 8,
  fields: 6,
  inputFields: 3,
  enumValues: 2,
  args: 1,
  interfaces: 1,
  possibleTypes: 1,
  locations: 2,
};

function introspected({ name, astNode, type }: Field): ListSize | undefined {
  if (astNode || !holdsList(type)) return undefined;
  return { slicingArguments: [], assumedSize: INTROSPECTED[name] ?? 1, sizedFields: [], alsoReads: 0 };
}

export function holdsList(type: GraphQLOutputType): boolean {
  if (isNonNullType(type)) return holdsList(type.ofType);
  return isListType(type);
}

/**
 * Names (`Type.field`) of the lists without a size, and of the mutations that do not say what they append. Nobody would pay
 * for these.
 */
export function unpriced(schema: GraphQLSchema): string[] {
  const found: string[] = [];
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith("__"),
  ) as { name: string; getFields(): Record<string, Field> }[];
  /** For each type, the sizes at the fields that return it. They may size the type's own fields. */
  const leading = new Map<string, ListSize[]>();
  for (const type of types)
    for (const field of Object.values(type.getFields())) {
      const name = namedType(field.type);
      leading.set(name, [...(leading.get(name) ?? []), listSizeOf(schema, field) ?? NONE]);
    }
  for (const type of types) {
    for (const field of Object.values(type.getFields())) {
      const size = listSizeOf(schema, field);
      const isSized = size !== undefined && size.sizedFields.length === 0;
      const above = leading.get(type.name) ?? [];
      const isSizedAbove = above.length > 0 && above.every(({ sizedFields }) => sizedFields.includes(field.name));
      if (holdsList(field.type) && !isSized && !isSizedAbove) found.push(`${type.name}.${field.name}`);
    }
  }
  const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
  const silent = mutations.filter((field) => valuesOf(schema, field, "appends") === undefined);
  return [...found, ...silent.map(({ name }) => `Mutation.${name}`)];
}

const NONE: ListSize = { slicingArguments: [], assumedSize: undefined, sizedFields: [], alsoReads: 0 };

function namedType(type: GraphQLOutputType): string {
  if (isNonNullType(type) || isListType(type)) return namedType(type.ofType as GraphQLOutputType);
  return type.name;
}
