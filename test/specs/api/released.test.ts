import { readdirSync, readFileSync } from "node:fs";
import { buildSchema as schemaOf } from "graphql";
import { expect, test } from "vitest";
import { buildSchema } from "../../../src/api/schema.ts";
import { broken } from "../../support/released.ts";

/* Clients of the last release go on working: test/released is its schema, and what its clients ask (`npm run release-copy`). */

const folder = new URL("../../released/", import.meta.url);
const sdl = readFileSync(new URL("schema.graphql", folder), "utf8");
const operations = new Map(
  readdirSync(new URL("operations/", folder)).map((name) => [name, readFileSync(new URL(`operations/${name}`, folder), "utf8")]),
);

/** The released schema with one text in place of another. */
function changed(text: string, other: string) {
  expect(sdl).toContain(text);
  return schemaOf(sdl.replace(text, other));
}

test("the schema breaks nothing of the last release", async () => {
  expect(operations.size).toBeGreaterThan(5);
  expect(await broken(schemaOf(sdl), buildSchema(), operations)).toEqual([]);
});

test("what would break clients is found", async () => {
  const released = schemaOf(sdl);
  const text = /^type Message implements Node \{[\s\S]*?^ {2}text: (String!?)$/m.exec(sdl);
  expect(text).not.toBeNull();
  const gone = changed(text?.[0] ?? "", (text?.[0] ?? "").replace(/text: String!?$/, "words: String"));
  const faults = await broken(released, gone, operations);
  expect(faults).toContain("Field 'text' was removed from object type 'Message'");
  expect(faults.filter((fault) => /\.graphql: Cannot query field "text" on type "Message"/.test(fault)).length).toBeGreaterThan(
    0,
  );

  const demands = changed("input MarkReadInput {", "input MarkReadInput {\n  why: String!");
  expect(await broken(released, demands, new Map())).toEqual([expect.stringMatching(/why.*MarkReadInput/) as string]);
});

test("what was deprecated in the release may go, unless an operation of the release asks for it", async () => {
  const sdlOf = (field: string) => `type Query { a: String ${field} }`;
  const [released, next] = [schemaOf(sdlOf('old: String @deprecated(reason: "ask for a")')), schemaOf(sdlOf(""))];
  expect(await broken(released, next, new Map([["a.graphql", "{ a }"]]))).toEqual([]);
  expect(await broken(released, next, new Map([["old.graphql", "{ old }"]]))).toEqual([
    'old.graphql: Cannot query field "old" on type "Query".',
  ]);
});
