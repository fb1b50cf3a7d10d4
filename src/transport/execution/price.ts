import { type DirectiveNode, type DocumentNode, type GraphQLSchema, type OperationDefinitionNode } from "graphql";
import { countOf, type GivenInputs, inputItems, isTrue, lengthOf, plainOf, type Variables } from "./givenInputs.ts";
import type { ListSize } from "./listSizes.ts";
import { type Alternatives, type PricedField, type Selection, selectionOfOperation } from "./selections.ts";

/**
 * The most that one operation asks for, if every list is as long as its size says.
 *
 * `values`: one for each value or object, one for each row of a page, and one for each item of the inputs. `rows`: the rows
 * of pages; they are read whatever fields are asked for. `keyBytes`: the bytes of the field names in the answer. `events`:
 * what the operation may append to the log. `imported`: what an import may append.
 */
export type Price = { values: number; rows: number; keyBytes: number; events: number; imported: number };

export type Pricing = {
  /** The number of fields with all fragments spread out, for every type that an object may have there. */
  readonly fields: number;
  price(variables: Variables): Price;
  /** The argument that asks for more items than any list returns at once, if there is one. */
  tooMany(variables: Variables): string | undefined;
};

/** No list of an API returns more than this at once. Each list has its own smaller limit too. */
export const ITEMS_MAX = 1_000;

type Sized = Pick<Price, "values" | "rows" | "keyBytes">;
/** The cost of a selection: once, and for each item of the list whose size the parent field gives. */
type Cost = { once: Sized; each: Sized };

/**
 * `fixed`: costs that are the same for all variables, kept with the operation. `known`: the others, with these variables.
 * `tooMany`: see `Pricing`.
 */
type Evaluating = GivenInputs & { fixed: Map<Selection, Cost>; known: Map<Selection, Cost> | undefined; tooMany?: string };

/**
 * Prices one operation of a valid document. Fragments and aliases count wherever they stand. Sizes may be literals, variables
 * or defaults. Throws `TooManyFields`.
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
  const fixed: Evaluating["fixed"] = new Map();
  const evaluated = (variables: Variables): Evaluating => ({ variables, defaults, asked: 0, fixed, known: undefined });
  return {
    fields: selection.count,
    price(variables) {
      const evaluating = evaluated(variables);
      // Of the whole operation, for which nobody asks twice.
      const { values, rows, keyBytes } = (fixed.get(selection) ?? costNow(evaluating, selection)).once;
      const { events, imported } = appended(evaluating, selection);
      return { values, rows, keyBytes, events, imported };
    },
    tooMany(variables) {
      const evaluating = evaluated(variables);
      costOf(evaluating, selection);
      return evaluating.tooMany;
    },
  };
}

const nothing = (): Sized => ({ values: 0, rows: 0, keyBytes: 0 });
/** Nobody adds to it. */
const NOTHING: Cost = { once: nothing(), each: nothing() };
/** One item of a list of plain values. */
const VALUE: Sized = { values: 1, rows: 0, keyBytes: 1 };

function costOf(evaluating: Evaluating, selection: Selection): Cost {
  const fixed = evaluating.fixed.get(selection);
  if (fixed !== undefined) return fixed;
  const known = evaluating.known?.get(selection);
  // It was found by variables, and so is whatever holds it.
  if (known !== undefined) evaluating.asked += 1;
  if (known !== undefined) return known;
  const { asked } = evaluating;
  const cost = costNow(evaluating, selection);
  if (evaluating.asked !== asked || evaluating.tooMany !== undefined) (evaluating.known ??= new Map()).set(selection, cost);
  return cost;
}

/** The same where nobody knows it. It is kept if it is the same for all variables. */
function costNow(evaluating: Evaluating, selection: Selection): Cost {
  const { asked } = evaluating;
  const cost: Cost = { once: nothing(), each: nothing() };
  for (const priced of selection.fields) {
    if (isLeftOut(evaluating, priced)) continue;
    const { size, isList, isSizedAbove, nodes, keyBytes } = priced;
    const items = size === undefined ? 1 : sizeOf(evaluating, priced, size);
    // A page costs its full size whatever fields are asked for, since its rows are read.
    const page = size === undefined || size.slicingArguments.length === 0 ? 0 : items;
    const { alsoReads = 0, alsoReadsIf } = size ?? {};
    const rows = page + (alsoReadsIf === undefined || isTrue(evaluating, nodes[0], alsoReadsIf) ? alsoReads : 0);
    const own: Sized = { values: 1 + rows + inputItems(evaluating, nodes[0]), rows, keyBytes };
    const below = dearest(evaluating, priced.below);
    const times = isList && !isSizedAbove ? items : 1;
    add(own, priced.below === undefined && isList ? VALUE : below.once, times);
    add(own, below.each, items);
    add(isSizedAbove ? cost.each : cost.once, own, 1);
  }
  if (evaluating.asked === asked && evaluating.tooMany === undefined) evaluating.fixed.set(selection, cost);
  return cost;
}

function add(to: Sized, { values, rows, keyBytes }: Sized, times: number): void {
  to.values += values * times;
  to.rows += rows * times;
  to.keyBytes += keyBytes * times;
}

/** An object has one type, so only the dearest type counts. */
function dearest(evaluating: Evaluating, alternatives: Alternatives | undefined): Cost {
  if (alternatives === undefined || alternatives.of.length === 0) return NOTHING;
  const [only] = alternatives.of;
  if (only !== undefined && alternatives.of.length === 1) return costOf(evaluating, only);
  const most: Cost = { once: nothing(), each: nothing() };
  for (const selection of alternatives.of) {
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

/** A field is neither run nor answered if the variables skip it at all of its places. */
function isLeftOut(inputs: GivenInputs, { nodes }: PricedField): boolean {
  for (const { directives } of nodes) {
    // So it is with nearly every field.
    if (directives === undefined || directives.length === 0) return false;
    if (!directives.some((directive) => leavesOut(directive, inputs))) return false;
  }
  return true;
}

function leavesOut({ name, arguments: given }: DirectiveNode, inputs: GivenInputs): boolean {
  if (name.value !== "skip" && name.value !== "include") return false;
  return plainOf(given?.[0]?.value, inputs) === (name.value === "skip");
}

/**
 * The requested number of items of a list: the largest argument that gives it, or else the schema's default, or else the
 * assumed size.
 */
function sizeOf(inputs: Evaluating, { nodes, field }: PricedField, { slicingArguments, assumedSize = 1 }: ListSize): number {
  const asked: number[] = [];
  const usual: number[] = [];
  for (const name of slicingArguments) {
    const value = countOf(nodes[0]?.arguments?.find((argument) => argument.name.value === name)?.value, inputs);
    if (value !== undefined) asked.push(value);
    if (value !== undefined && value > ITEMS_MAX) inputs.tooMany = name;
    const usually = field.args.find((argument) => argument.name === name)?.defaultValue;
    if (typeof usually === "number") usual.push(usually);
  }
  if (asked.length > 0) return Math.max(0, ...asked);
  return usual.length > 0 ? Math.max(...usual) : assumedSize;
}

/** How many events the operation's mutations may append, with the lists in their inputs counted. */
function appended(inputs: GivenInputs, { fields }: Selection): Pick<Price, "events" | "imported"> {
  const sum = { events: 0, imported: 0 };
  for (const priced of fields) {
    const { appends, nodes } = priced;
    if (appends === undefined || isLeftOut(inputs, priced)) continue;
    let listed = 0;
    for (const name of appends.each) listed += lengthOf(inputs, nodes[0], name);
    sum[appends.apart ? "imported" : "events"] += appends.events + listed * appends.perItem;
  }
  return sum;
}
