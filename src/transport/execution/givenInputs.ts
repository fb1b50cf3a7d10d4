import { type FieldNode, Kind, type ValueNode } from "graphql";

export type Variables = Readonly<Record<string, unknown>>;
/**
 * An operation's variables as the client sent them, and the operation's own defaults. `asked`: how often one was looked up: what
 * is found without that is the same for all variables.
 */
export type GivenInputs = { variables: Variables; defaults: ReadonlyMap<string, ValueNode | undefined>; asked: number };

/**
 * An argument written as a literal, or the value of a variable. They are kept apart so that a client's value is never
 * mistaken for a node.
 */
type Given = { node: ValueNode } | { value: unknown };

/** The argument after its variable is looked up. */
function givenBy(node: ValueNode, inputs: GivenInputs): Given | undefined {
  if (node.kind !== Kind.VARIABLE) return { node };
  inputs.asked += 1;
  const { variables, defaults } = inputs;
  const name = node.name.value;
  if (Object.hasOwn(variables, name) && variables[name] !== undefined) return { value: variables[name] };
  const usual = defaults.get(name);
  return usual && { node: usual };
}

/** A number or a boolean. Undefined if the value is neither. */
export function plainOf(node: ValueNode | undefined, inputs: GivenInputs): unknown {
  const given = node && givenBy(node, inputs);
  if (given === undefined) return undefined;
  if ("value" in given) return given.value;
  if (given.node.kind === Kind.INT) return Number(given.node.value);
  return given.node.kind === Kind.BOOLEAN ? given.node.value : undefined;
}

/** A number, or the length of a list. Undefined if the value is neither. */
export function countOf(node: ValueNode | undefined, inputs: GivenInputs): number | undefined {
  const given = node && givenBy(node, inputs);
  if (given !== undefined && "node" in given && given.node.kind === Kind.LIST) return given.node.values.length;
  const value = plainOf(node, inputs);
  if (Array.isArray(value)) return value.length;
  return typeof value === "number" ? value : undefined;
}

/** The number of items in all lists of a field's arguments. Each item costs work, and often a lookup. */
export function inputItems(inputs: GivenInputs, node: FieldNode | undefined): number {
  let items = 0;
  for (const { value } of node?.arguments ?? []) items += itemsOf(value, inputs);
  return items;
}

function itemsOf(node: ValueNode | undefined, inputs: GivenInputs): number {
  const given = node && givenBy(node, inputs);
  if (given === undefined) return 0;
  if ("value" in given) return itemsIn(given.value, INPUT_LEVELS);
  if (given.node.kind === Kind.LIST) return given.node.values.reduce((sum, value) => sum + 1 + itemsOf(value, inputs), 0);
  if (given.node.kind !== Kind.OBJECT) return 0;
  return given.node.fields.reduce((sum, { value }) => sum + itemsOf(value, inputs), 0);
}

/** More levels than any input of the schema has. */
const INPUT_LEVELS = 16;

function itemsIn(value: unknown, levels: number): number {
  if (typeof value !== "object" || value === null || levels === 0) return 0;
  let items = Array.isArray(value) ? value.length : 0;
  for (const member of Object.values(value)) items += itemsIn(member, levels - 1);
  return items;
}

/** The length of a list that is a member of the argument `input`. A single value counts as a list of one. */
export function lengthOf(inputs: GivenInputs, field: FieldNode | undefined, name: string): number {
  const input = field?.arguments?.find((argument) => argument.name.value === "input")?.value;
  const given = input && givenBy(input, inputs);
  if (given === undefined) return 0;
  if ("value" in given) return lengthIn(isRecord(given.value) ? given.value[name] : undefined);
  if (given.node.kind !== Kind.OBJECT) return 0;
  const member = given.node.fields.find((each) => each.name.value === name)?.value;
  const list = member && givenBy(member, inputs);
  if (list === undefined) return 0;
  if ("value" in list) return lengthIn(list.value);
  return list.node.kind === Kind.LIST ? list.node.values.length : 1;
}

/** Whether a member of an argument, written `argument.member`, is true; or whether an argument, written alone, is given. */
export function isTrue(inputs: GivenInputs, field: FieldNode | undefined, path: string): boolean {
  const [name, member] = path.split(".");
  const value = field?.arguments?.find((argument) => argument.name.value === name)?.value;
  const given = value && givenBy(value, inputs);
  if (given === undefined) return false;
  if (member === undefined) return "value" in given ? given.value !== null : given.node.kind !== Kind.NULL;
  if ("value" in given) return isRecord(given.value) && given.value[member] === true;
  if (given.node.kind !== Kind.OBJECT) return false;
  return plainOf(given.node.fields.find((each) => each.name.value === member)?.value, inputs) === true;
}

const lengthIn = (value: unknown): number => (value == null ? 0 : Array.isArray(value) ? value.length : 1);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
