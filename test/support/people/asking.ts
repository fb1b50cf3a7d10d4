import { type CompiledQuery, compileQuery, isCompiledQuery } from "graphql-jit";
import { Refusal } from "../../../src/domain/refusal.ts";
import type { ViewStore } from "../../../src/ports/viewStore.ts";
import { type ApiWorld, documentOf, type Json, schema } from "../apiWorld.ts";
import { withoutStacks } from "../withoutStacks.ts";
import type { Played } from "./program.ts";
import type { Query } from "./shown.ts";

/* How a program of people asks a world. */

const operations = new Map<string, CompiledQuery>();
/** An operation, compiled once: each is asked very often. */
function operationOf(source: string): CompiledQuery {
  const known = operations.get(source);
  if (known) return known;
  const made = compileQuery(schema, documentOf(source), undefined, { disablingCapturingStackErrors: true });
  if (!isCompiledQuery(made)) throw new AggregateError(made.errors ?? [], "an operation does not compile");
  operations.set(source, made);
  return made;
}

const run = async (world: ApiWorld<ViewStore>, user: string, source: string, variables: Json, admin = false) =>
  withoutStacks(async () => operationOf(source).query(undefined, world.context(user, admin), variables));

const mutations = schema.getMutationType()?.getFields() ?? {};
const RESULTS: Readonly<Record<string, string>> = {
  createConversation: "conversation { id }",
  createInvite: "invite { code }",
  scheduleMessage: "scheduled { id text }",
};

/** The commands of a program. */
export const asking =
  (world: ApiWorld<ViewStore>): Played["ask"] =>
  async (user, name, input) => {
    const type = String(mutations[name]?.args[0]?.type);
    const source = `mutation ($input: ${type}) { ${name}(input: $input) { cursor ${RESULTS[name] ?? ""} } }`;
    const { data, errors } = await run(world, user, source, { input });
    const [error] = errors ?? [];
    if (!error) return { data: data?.[name] as Json };
    if (error.originalError instanceof Refusal) return { code: error.originalError.code };
    throw error;
  };

/** Queries of users; `admin`: with the scope. */
export const querying =
  (world: ApiWorld<ViewStore>, admin = false): Query =>
  async (user, source, variables = {}) => {
    const { data, errors } = await run(world, user, source, variables, admin);
    const [error] = errors ?? [];
    if (error) throw error;
    return JSON.parse(JSON.stringify(data)) as Json;
  };
