import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
} from "graphql";
import { type Appends, appendsOf, holdsList, type ListSize, listSizeOf } from "./listSizes.ts";

/** Thrown for an operation that has too many fields to compile, with its fragments spread out. */
export class TooManyFields extends Error {
  override readonly name = "TooManyFields";
}

/** A selection on objects of one type: every field of the answer, once. */
export type Selection = { fields: PricedField[]; count: number };
/** The selections of all types that an object may have. The dearest one counts. */
export type Alternatives = { of: readonly Selection[]; count: number };

export type PricedField = {
  nodes: readonly FieldNode[];
  keyBytes: number;
  field: GraphQLField<unknown, unknown>;
  size: ListSize | undefined;
  isList: boolean;
  /** The parent field says how many items it has. */
  isSizedAbove: boolean;
  below: Alternatives | undefined;
  appends: Appends | undefined;
};

type Compiling = {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  maxFields: number;
  /** By type, sized fields and selection sets, so that a repeated combination is computed once. */
  known: Map<string, Selection>;
  ids: Map<SelectionSetNode, number>;
};

/** Two quotation marks, a colon and a comma. */
const KEY_BYTES = 4;

/**
 * All that the answer to one operation of a valid document may hold. Fragments are spread out for every type that an object
 * may have there. Fields of one name are merged as the executor merges them. Throws `TooManyFields`.
 */
export function selectionOfOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  maxFields: number,
): Selection {
  const fragments = new Map(
    document.definitions.flatMap((node) => (node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node] as const] : [])),
  );
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`the schema has no ${operation.operation}`);
  const compiling: Compiling = { schema, fragments, maxFields, known: new Map(), ids: new Map() };
  const selection = selectionOf(compiling, root, [operation.selectionSet], []);
  if (selection.count > maxFields) throw tooMany(compiling);
  return selection;
}

const tooMany = ({ maxFields }: Compiling): TooManyFields =>
  new TooManyFields(`Fields limit of ${maxFields} exceeded: with its fragments spread out the operation asks for more`);

function selectionOf(
  compiling: Compiling,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  sizedFields: readonly string[],
): Selection {
  const key = `${type.name} ${sizedFields.join(",")} ${idsOf(compiling, sets)}`;
  const known = compiling.known.get(key);
  if (known !== undefined) return known;
  // Each known selection has at least one field of its own.
  if (compiling.known.size > compiling.maxFields) throw tooMany(compiling);
  const selection: Selection = { fields: [], count: 0 };
  const byKey = new Map<string, FieldNode[]>();
  for (const set of sets) collect(compiling, type, set, byKey, new Set());
  for (const [name, nodes] of byKey) {
    const [first] = nodes as [FieldNode];
    const field = fieldOf(compiling.schema, type, first.name.value);
    if (!field) continue;
    const size = listSizeOf(compiling.schema, field);
    const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const alternatives =
      below.length === 0
        ? undefined
        : alternativesOf(compiling, getNamedType(field.type), [...new Set(below)], size?.sizedFields ?? []);
    const isTypeName = field.name === TypeNameMetaFieldDef.name;
    selection.fields.push({
      nodes,
      keyBytes: Buffer.byteLength(name) + KEY_BYTES + (isTypeName ? type.name.length : 0),
      field,
      size,
      isList: holdsList(field.type),
      isSizedAbove: sizedFields.includes(field.name),
      below: alternatives,
      appends: type === compiling.schema.getMutationType() ? appendsOf(compiling.schema, field) : undefined,
    });
    selection.count += 1 + (alternatives?.count ?? 0);
  }
  compiling.known.set(key, selection);
  return selection;
}

function alternativesOf(
  compiling: Compiling,
  type: GraphQLNamedType,
  sets: readonly SelectionSetNode[],
  sizedFields: readonly string[],
): Alternatives {
  const types = isObjectType(type) ? [type] : isAbstractType(type) ? compiling.schema.getPossibleTypes(type) : [];
  const of = types.map((each) => selectionOf(compiling, each, sets, sizedFields));
  return { of, count: of.reduce((sum, { count }) => sum + count, 0) };
}

/** Collects the fields of a selection on objects of this type, by their names in the answer. */
function collect(
  compiling: Compiling,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  byKey: Map<string, FieldNode[]>,
  spread: Set<string>,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const nodes = byKey.get(name);
      if (nodes) nodes.push(selection);
      else byKey.set(name, [selection]);
      continue;
    }
    const isSpread = selection.kind === Kind.FRAGMENT_SPREAD;
    if (isSpread && spread.has(selection.name.value)) continue;
    if (isSpread) spread.add(selection.name.value);
    const fragment = isSpread ? compiling.fragments.get(selection.name.value) : selection;
    if (fragment && applies(compiling.schema, type, fragment.typeCondition?.name.value))
      collect(compiling, type, fragment.selectionSet, byKey, spread);
  }
}

function applies(schema: GraphQLSchema, type: GraphQLObjectType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && schema.isSubType(abstract, type);
}

function fieldOf(schema: GraphQLSchema, type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  if (type === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  return type.getFields()[name];
}

function idsOf({ ids }: Compiling, sets: readonly SelectionSetNode[]): string {
  return sets
    .map((set) => {
      const id = ids.get(set) ?? ids.size;
      ids.set(set, id);
      return id;
    })
    .join(",");
}
