import { costLimitRule } from "@escape.tech/graphql-armor-cost-limit";
import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesRule } from "@escape.tech/graphql-armor-max-directives";
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  TypeInfo,
  validate,
  type ValidationContext,
  type ValidationRule,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { TransportConfig } from "./limits.ts";

export type DocumentLimits = Pick<TransportConfig, "production" | "maxDepth" | "maxAliases" | "maxDirectives" | "maxCost">;

/** What a document must satisfy on either transport, beside its number of tokens and its price. */
export function documentRules({ production, maxDepth, maxAliases, maxDirectives }: DocumentLimits): readonly ValidationRule[] {
  return [
    ...specifiedRules,
    maxDepthRule({ n: maxDepth, flattenFragments: true, ...reported }),
    maxAliasesRule({ n: maxAliases, ...reported }),
    maxDirectivesRule({ n: maxDirectives, ...reported }),
    ...(production ? [NoSchemaIntrospectionCustomRule] : []),
  ];
}

/** The rules throw unless told not to, past the errors of all the others, and call whatever they find a syntax error. */
const reported = {
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null, error: GraphQLError) =>
      context?.reportError(new GraphQLError(error.message.replace(/^Syntax Error: /, ""))),
  ],
};

/** Refuses an operation whose answer may get too large; the variables matter where they give the sizes of pages. */
export type Price = (variables: Readonly<Record<string, unknown>>) => readonly GraphQLError[];

const PAGE_ARGUMENTS: ReadonlySet<string> = new Set(["first", "last"]);
/** Sizes of pages by which an operation was priced already. */
const PRICES = 64;

/**
 * Prices one operation: about a unit a value, an object two, a page times its size. `document` holds one operation and its fragments. The rule
 * alone counts neither a size that is a variable nor a default of the schema: both are written into the document first.
 */
export function pricing(schema: GraphQLSchema, document: DocumentNode, { maxCost }: DocumentLimits): Price {
  const rule = costLimitRule({ maxCost, depthCostFactor: 1, flattenFragments: true, ...reported }) as ValidationRule;
  const priced = (sizes: ReadonlyMap<string, unknown>) => validate(schema, withSizes(schema, document, sizes), [rule]);
  const names = sizeVariables(document);
  if (names.length === 0) {
    const verdict = priced(new Map());
    return () => verdict;
  }
  const known = new Map<string, readonly GraphQLError[]>();
  return (variables) => {
    const sizes = names.map((name) => [name, variables[name]] as const);
    const key = JSON.stringify(sizes);
    let verdict = known.get(key);
    if (verdict === undefined) {
      verdict = priced(new Map(sizes));
      if (known.size >= PRICES) known.clear();
      known.set(key, verdict);
    }
    return verdict;
  };
}

/** Variables that are sizes of pages. */
function sizeVariables(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Argument: ({ name, value }) => {
      if (PAGE_ARGUMENTS.has(name.value) && value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/** Puts the size that will be asked for in the place of every variable, and of every default of operation and schema. */
function withSizes(schema: GraphQLSchema, document: DocumentNode, sizes: ReadonlyMap<string, unknown>): DocumentNode {
  const defaults = new Map<string, number>();
  visit(document, {
    VariableDefinition: ({ variable, defaultValue }) => {
      if (defaultValue?.kind === Kind.INT) defaults.set(variable.name.value, Number(defaultValue.value));
    },
  });
  const sizeOf = ({ value }: ArgumentNode): number | undefined => {
    if (value.kind === Kind.INT) return Number(value.value);
    if (value.kind !== Kind.VARIABLE) return undefined;
    const given = sizes.get(value.name.value);
    if (given === undefined) return defaults.get(value.name.value);
    return typeof given === "number" ? given : undefined;
  };
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      Field: (node): FieldNode | undefined => {
        const field = types.getFieldDef();
        const pages = field?.args.filter(({ name }) => PAGE_ARGUMENTS.has(name)) ?? [];
        if (pages.length === 0) return undefined;
        const given = (node.arguments ?? []).filter(({ name }) => PAGE_ARGUMENTS.has(name.value));
        const asked = given.flatMap((argument) => sizeOf(argument) ?? []);
        return { ...node, arguments: [sized(asked.length > 0 ? Math.max(...asked) : defaultSize(field))] };
      },
    }),
  );
}

/** Where a field has no default, it is taken for the size of a usual page. */
const USUAL_PAGE = 30;

function defaultSize(field: GraphQLField<unknown, unknown> | null | undefined): number {
  const sizes = field?.args.flatMap(({ name, defaultValue }) =>
    PAGE_ARGUMENTS.has(name) && typeof defaultValue === "number" ? [defaultValue] : [],
  );
  return sizes !== undefined && sizes.length > 0 ? Math.max(...sizes) : USUAL_PAGE;
}

const sized = (size: number): ArgumentNode => ({
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: "first" },
  value: { kind: Kind.INT, value: String(size) },
});
