import { type DirectiveNode, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from "graphql";
import { type GivenInputs, inputItems, lengthOf, plainOf, type Variables } from "./givenInputs.ts";
import type { ListSize } from "./listSizes.ts";
import { type Alternatives, type PricedField, type Selection, selectionOfOperation } from "./selections.ts";

/**
 * What one operation asks for at most, where every list is as long as its size says. `values`: a value or an object each, and
 * one for each row of a page and each item of its inputs. `rows`: those of its pages, which are read whatever is asked of
 * them. `keyBytes`: what the names alone take in the answer. `events`: what it may append to the log; `imported` what an
 * import may.
 */
export type Price = { values: number; rows: number; keyBytes: number; events: number; imported: number };

export type Pricing = {
  /** Fields with all fragments spread out, on every type that an object may have there. */
  readonly fields: number;
  price(variables: Variables): Price;
  /** The argument that asks for more items than any list gives at once, where there is one. */
  tooMany(variables: Variables): string | undefined;
};

/** More than any list of an API gives at once: what each gives is for itself to say. */
export const ITEMS_MAX = 1_000;

type Sized = Pick<Price, "values" | "rows" | "keyBytes">;
/** Of a selection: what it costs once, and what it costs for each item of the list that the field above it sizes. */
type Cost = { once: Sized; each: Sized };

type Evaluating = GivenInputs & { known: Map<Selection, Cost>; tooMany?: string };

/**
 * Prices one operation of a valid document: fragments and aliases count wherever they stand, sizes that are variables or
 * defaults as much as those that are written out. Throws `TooManyFields`.
 */
export function pricing(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  maxFields: number,
): Pricing {
  const selection = selectionOfOperation(schema, document, operation, maxFields);
  const defaults: GivenInputs["defaults"] = new Map(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  );
  return {
    fields: selection.count,
    price(variables) {
      const evaluating: Evaluating = { variables, defaults, known: new Map() };
      return { ...costOf(evaluating, selection).once, ...appended(evaluating, selection) };
    },
    tooMany(variables) {
      const evaluating: Evaluating = { variables, defaults, known: new Map() };
      costOf(evaluating, selection);
      return evaluating.tooMany;
    },
  };
}

const nothing = (): Sized => ({ values: 0, rows: 0, keyBytes: 0 });
/** One of a list of plain values. */
const VALUE: Sized = { values: 1, rows: 0, keyBytes: 1 };

function costOf(evaluating: Evaluating, selection: Selection): Cost {
  const known = evaluating.known.get(selection);
  if (known !== undefined) return known;
  const cost: Cost = { once: nothing(), each: nothing() };
  for (const priced of selection.fields) {
    if (isLeftOut(evaluating, priced)) continue;
    const { size, isList, isSizedAbove, nodes, keyBytes } = priced;
    const items = size === undefined ? 1 : sizeOf(evaluating, priced, size);
    // A page costs its size whatever is asked of it: its rows are read.
    const rows = size === undefined || size.slicingArguments.length === 0 ? 0 : items;
    const own: Sized = { values: 1 + rows + inputItems(evaluating, nodes[0]), rows, keyBytes };
    const below = dearest(evaluating, priced.below);
    const times = isList && !isSizedAbove ? items : 1;
    add(own, priced.below === undefined && isList ? VALUE : below.once, times);
    add(own, below.each, items);
    add(isSizedAbove ? cost.each : cost.once, own, 1);
  }
  evaluating.known.set(selection, cost);
  return cost;
}

function add(to: Sized, { values, rows, keyBytes }: Sized, times: number): void {
  to.values += values * times;
  to.rows += rows * times;
  to.keyBytes += keyBytes * times;
}

/** An object is of one type: the dearest of them counts. */
function dearest(evaluating: Evaluating, alternatives: Alternatives | undefined): Cost {
  const most: Cost = { once: nothing(), each: nothing() };
  for (const selection of alternatives?.of ?? []) {
    const { once, each } = costOf(evaluating, selection);
    raise(most.once, once);
    raise(most.each, each);
  }
  return most;
}

function raise(to: Sized, { values, rows, keyBytes }: Sized): void {
  to.values = Math.max(to.values, values);
  to.rows = Math.max(to.rows, rows);
  to.keyBytes = Math.max(to.keyBytes, keyBytes);
}

/** A field that is left out in all its places, as the variables say, is neither run nor answered. */
function isLeftOut(inputs: GivenInputs, { nodes }: PricedField): boolean {
  return nodes.every(({ directives }) => directives?.some((directive) => leavesOut(directive, inputs)));
}

function leavesOut({ name, arguments: given }: DirectiveNode, inputs: GivenInputs): boolean {
  if (name.value !== "skip" && name.value !== "include") return false;
  return plainOf(given?.[0]?.value, inputs) === (name.value === "skip");
}

/**
 * Items of a list as it is asked for: the largest of the arguments that say it, else the schema's default, else what is
 * assumed.
 */
function sizeOf(inputs: Evaluating, { nodes, field }: PricedField, { slicingArguments, assumedSize = 1 }: ListSize): number {
  const asked: number[] = [];
  const usual: number[] = [];
  for (const name of slicingArguments) {
    const value = plainOf(nodes[0]?.arguments?.find((argument) => argument.name.value === name)?.value, inputs);
    if (typeof value === "number") asked.push(value);
    if (typeof value === "number" && value > ITEMS_MAX) inputs.tooMany = name;
    const usually = field.args.find((argument) => argument.name === name)?.defaultValue;
    if (typeof usually === "number") usual.push(usually);
  }
  if (asked.length > 0) return Math.max(0, ...asked);
  return usual.length > 0 ? Math.max(...usual) : assumedSize;
}

/** What the mutations of an operation may append, by the lists in their inputs. */
function appended(inputs: GivenInputs, { fields }: Selection): Pick<Price, "events" | "imported"> {
  const sum = { events: 0, imported: 0 };
  for (const priced of fields) {
    const { appends, nodes } = priced;
    if (appends === undefined || isLeftOut(inputs, priced)) continue;
    const listed = appends.each.reduce((all, name) => all + lengthOf(inputs, nodes[0], name), 0);
    sum[appends.apart ? "imported" : "events"] += appends.events + listed;
  }
  return sum;
}
