import { getOperationAST, parse } from "graphql";
import { transportDefaults } from "../../src/transport/limits.ts";
import { pricing } from "../../src/transport/execution/price.ts";
import { type ApiWorld, type Json, schema } from "./apiWorld.ts";
import { allOf } from "./world.ts";

/** How many events a call of a mutation may append, by what the schema says of it. */
export function declaredEvents(name: string, input: Json): number {
  const type = schema.getMutationType()?.getFields()[name]?.args[0]?.type;
  const document = parse(`mutation ($input: ${String(type)}) { ${name}(input: $input) { __typename } }`);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  const { events, imported } = pricing(schema, document, operation, transportDefaults.maxFields).price({ input });
  return events + imported;
}

/** The types of the events that were appended while something was done. */
export async function appendedBy({ log }: Pick<ApiWorld, "log">, work: () => Promise<unknown>): Promise<string[]> {
  const before = (await allOf(log)).length;
  await work();
  return (await allOf(log)).slice(before).map(({ type }) => type);
}
