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

/** The rules for a document on either transport. The number of tokens and the price are checked elsewhere. */
export function documentRules({ production, maxDepth, maxAliases, maxDirectives }: DocumentLimits): readonly ValidationRule[] {
  return [
    ...specifiedRules,
    maxDepthRule({ n: maxDepth, flattenFragments: true, ...reported }),
    maxAliasesRule({ n: maxAliases, ...reported }),
    maxDirectivesRule({ n: maxDirectives, ...reported }),
    ...(production ? [NoSchemaIntrospectionCustomRule] : []),
  ];
}

/** By default these rules throw, and then the errors of other rules are lost. They also call every error a syntax error. */
const reported = {
  propagateOnRejection: false,
  onReject: [
    (context: ValidationContext | null, error: GraphQLError) =>
      context?.reportError(new GraphQLError(error.message.replace(/^Syntax Error: /, ""))),
  ],
};
