import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import type { Random } from "../../support/random.ts";

/** An operation as a client may send it: valid by its shape, with whatever in it. */
export type Asked = { query: string; variables: Record<string, unknown>; kind: "query" | "mutation" | "subscription" };

/** What exists, that arguments may name. */
export type Known = { users: readonly string[]; conversations: readonly string[]; cursors: readonly string[] };

const ODD_TEXTS = [
  "",
  " ",
  "\u0000",
  "\u202e",
  "\ud800",
  "语",
  "e\u0301",
  "x".repeat(300),
  "constructor",
  "__proto__",
  "d:~",
  "g:",
  "%",
  "*",
  '"',
];
const ODD_INTS = [0, -1, 1, 2, 3, 30, 100, 101, 500, 2_147_483_647, -2_147_483_648];
const ODD_FLOATS = [0, -0, 1e-300, 1e308, -180, 180, 90.000001, 0.5];
const LEVELS = 7;

/**
 * Makes documents from a schema: all its types, fields and arguments, with aliases, fragments, directives, variables and
 * defaults.
 */
export function documentsOf(schema: GraphQLSchema, random: Random) {
  return (known: Known): Asked => {
    const kind = random.chance(0.6) ? "query" : random.chance(0.7) ? "mutation" : "subscription";
    const variables: Record<string, unknown> = {};
    const declared: string[] = [];
    const fragments: string[] = [];
    let left = random.int(3, 60);

    const id = (): string => {
      const conversation = random.pick(known.conversations);
      return random.pick([
        random.pick(known.users),
        conversation,
        `${conversation}:${random.int(0, 40)}`,
        random.pick(ODD_TEXTS),
      ]);
    };
    const text = (name: string): string => {
      if (/cursor|after|before|atLeast/i.test(name) && random.chance(0.7))
        return random.pick([...known.cursors, String(random.int(0, 50))]);
      if (/mutationId/i.test(name)) return `k${random.int(0, 2_000)}`;
      if (/sent/i.test(name)) return random.pick(["2024-05-01T12:00:00.000Z", "2024-02-30T00:00:00Z", "soon"]);
      if (/url/i.test(name)) return random.pick(["https://example.org/a.png", "http://x", "javascript:alert(1)"]);
      return random.chance(0.3) ? random.pick(ODD_TEXTS) : `word${random.int(0, 50)} 会议`;
    };

    /** A value of a type, as JSON. */
    const value = (type: GraphQLInputType, name: string, levels = 4): unknown => {
      if (isNonNullType(type)) {
        for (;;) {
          const found = value(type.ofType, name, levels);
          if (found !== null) return found;
        }
      }
      if (random.chance(0.08)) return null;
      if (isListType(type)) {
        const size = random.pick([0, 1, 2, 3, 8, 33, 129, 501]);
        return Array.from({ length: random.chance(0.9) ? Math.min(size, 4) : size }, () => value(type.ofType, name, levels - 1));
      }
      if (isInputObjectType(type)) {
        const members: [string, unknown][] = [];
        for (const field of Object.values(type.getFields())) {
          if (!isNonNullType(field.type) && (levels <= 0 || random.chance(0.5))) continue;
          members.push([field.name, value(field.type, field.name, levels - 1)]);
        }
        return Object.fromEntries(members);
      }
      if (isEnumType(type)) return random.pick(type.getValues()).name;
      if (type.name === "Int") return random.chance(0.5) ? random.int(1, 60) : random.pick(ODD_INTS);
      if (type.name === "Float") return random.chance(0.5) ? random.int(-90, 90) + random.next() : random.pick(ODD_FLOATS);
      if (type.name === "Boolean") return random.chance(0.5);
      return type.name === "ID" && !/mutationId/i.test(name) ? id() : text(name);
    };

    /** A value as it is written in a document. */
    const literal = (given: unknown, type: GraphQLInputType): string => {
      if (isNonNullType(type)) return literal(given, type.ofType);
      if (given === null || given === undefined) return "null";
      if (Array.isArray(given) && isListType(type)) return `[${given.map((each) => literal(each, type.ofType)).join(" ")}]`;
      if (isInputObjectType(type)) {
        const fields = type.getFields();
        return `{ ${Object.entries(given)
          .map(([name, member]) => `${name}: ${literal(member, (fields[name] as GraphQLInputField).type)}`)
          .join(" ")} }`;
      }
      if (isEnumType(type)) return given as string;
      if (typeof given === "number" && Object.is(given, -0)) return "0";
      return JSON.stringify(given);
    };

    const argument = ({ name, type }: GraphQLArgument): string => {
      const given = value(type, name);
      if (random.chance(0.5)) return `${name}: ${literal(given, type)}`;
      const variable = `v${declared.length}`;
      if (random.chance(0.9)) variables[variable] = given;
      const usual = !isNonNullType(type) && random.chance(0.2) ? ` = ${literal(value(type, name), type)}` : "";
      declared.push(`$${variable}: ${String(type)}${usual}`);
      return `${name}: $${variable}`;
    };

    const field = (made: GraphQLField<unknown, unknown>, levels: number): string => {
      const given = made.args.filter(({ type }) => isNonNullType(type) || random.chance(0.4)).map(argument);
      const alias = random.chance(0.1) ? `a${random.int(0, 5)}: ` : "";
      const directive = random.chance(0.04) ? ` ${random.pick(["@skip", "@include"])}(if: ${random.chance(0.5)})` : "";
      const type = getNamedType(made.type);
      return `${alias}${made.name}${given.length > 0 ? `(${given.join(", ")})` : ""}${directive}${isLeafType(type) ? "" : ` ${selection(type, levels - 1)}`}`;
    };

    const selection = (type: GraphQLNamedType, levels: number): string => {
      const parts = random.chance(0.2) ? ["__typename"] : [];
      if (isObjectType(type) || isInterfaceType(type)) {
        const fields = Object.values(type.getFields());
        for (const each of random.some(fields, random.int(1, 5))) {
          if (!isLeafType(getNamedType(each.type)) && (levels <= 0 || left <= 0)) continue;
          left -= 1;
          const text = field(each, levels);
          if (random.chance(0.06)) {
            const name = `F${fragments.length}`;
            fragments.push(`fragment ${name} on ${type.name} { ${text} }`);
            parts.push(`...${name}`, ...(random.chance(0.3) ? [`...${name}`] : []));
          } else parts.push(text);
        }
      }
      if (isAbstractType(type))
        for (const each of random.some(schema.getPossibleTypes(type), random.int(1, 3))) {
          left -= 1;
          parts.push(`... on ${each.name} ${selection(each, levels - 1)}`);
        }
      return `{ ${parts.length > 0 ? parts.join(" ") : "__typename"} }`;
    };

    const root = schema.getRootType({ query: "query", mutation: "mutation", subscription: "subscription" }[kind] as never);
    const fields = Object.values(root?.getFields() ?? {});
    const some = random.some(fields, kind === "subscription" ? 1 : random.chance(0.8) ? 1 : 3);
    const body = some.map((each, index) => `${kind === "subscription" ? "" : `r${index}: `}${field(each, LEVELS)}`).join(" ");
    const head = declared.length > 0 ? `(${declared.join(", ")})` : "";
    return { query: `${kind} Q${head} { ${body} } ${fragments.join(" ")}`, variables, kind };
  };
}
