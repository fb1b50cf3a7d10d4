import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, validate } from "graphql";
import { expect, test } from "vitest";
import { buildSchema } from "../../../src/api/schema.ts";

/* What the documents name is there: they would go on telling of files that were moved long ago. */

const root = fileURLToPath(new URL("../../..", import.meta.url));
const documents = [
  "CONTRIBUTING.md",
  "README.md",
  "SECURITY.md",
  "projections/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** The part of a path before a placeholder, such as `src/server/<role>.ts`; the whole path where there is none. */
const known = (path: string): string => (/[<*]/.test(path) ? dirname(`${path.split(/[<*]/, 1)[0] ?? ""}x`) : path);

/** Paths of this repository in backticks. */
const named = (text: string): string[] =>
  [...text.matchAll(/`((?:src|projections|test|docs)\/[^`\s]*)`/g)].map(([, path = ""]) => known(path));

/** What is linked to beside the document, without the place in it. */
const linked = (document: string, text: string): string[] =>
  [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, path = ""]) => join(dirname(document), path));

test("a path that is not there would be found", () => {
  const text =
    "`src/gone.ts`, `src/<role>.ts`, `test/gone/<name>.ts`, `npm test`, [decisions](decisions/0001.md#why), [web](https://example.org)";
  expect(named(text)).toEqual(["src/gone.ts", "src", "test/gone"]);
  expect(linked("docs/clients.md", text)).toEqual(["docs/decisions/0001.md"]);
});

test.each(documents)("%s names files that are there", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const paths = [...named(text), ...linked(document, text)];
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

/** The operations that a document shows, each block alone. */
const operations = (text: string): string[] =>
  [...text.matchAll(/^```graphql\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);

test("the operations that documents show are those of the schema", () => {
  const schema = buildSchema();
  const blocks = documents.flatMap((document) => operations(readFileSync(join(root, document), "utf8")));
  expect(blocks.length).toBeGreaterThan(1);
  for (const block of blocks) expect(validate(schema, parse(block)), block).toEqual([]);
});

test("the recipes name files", () => {
  const recipes = readFileSync(join(root, "CONTRIBUTING.md"), "utf8").split(/^### /m).slice(1);
  for (const recipe of recipes) expect(named(recipe).length, recipe.split("\n", 1)[0]).toBeGreaterThan(2);
});
