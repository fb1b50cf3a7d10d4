import { maxAliasesRule } from "@escape.tech/graphql-armor-max-aliases";
import { maxDepthRule } from "@escape.tech/graphql-armor-max-depth";
import { maxDirectivesRule } from "@escape.tech/graphql-armor-max-directives";
import {
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
} from "graphql";
import type { TransportConfig } from "../limits.ts";

export type DocumentLimits = Pick<TransportConfig, "production" | "maxDepth" | "maxAliases" | "maxDirectives">;

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
