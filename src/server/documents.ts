import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { GraphQLError, type GraphQLSchema, Kind, parse, validate } from "graphql";
import { z } from "zod";
import { hashOf } from "../transport/documents.ts";

/** What an operator's clients ask, by id, as their build tools write it. */
const manifest = z.union([
  // Apollo's `generate-persisted-query-manifest`.
  z
    .object({
      format: z.literal("apollo-persisted-query-manifest"),
      operations: z.array(z.object({ id: z.string(), body: z.string() })),
    })
    .transform(({ operations }) => operations.map(({ id, body }) => [id, body] as const)),
  // Relay's compiler and GraphQL Code Generator: an object of texts.
  z.record(z.string(), z.string()).transform((texts) => Object.entries(texts)),
]);

const TEXT = /\.(graphql|gql)$/;
const MANIFEST = /\.json$/;

/**
 * The documents in a file, or in all files of a folder, by id: `.graphql` and `.gql` files are a document each; `.json` files are
 * manifests of Relay's compiler, of GraphQL Code Generator, or of Apollo. Each document has its hash as an id, with and without
 * `sha256:` before it, and the id that its manifest gives it.
 *
 * Rejects with an `Error` that lists what is wrong: files that cannot be read, documents that the schema does not answer, two
 * documents of one id.
 */
export async function readDocuments(path: string, schema: GraphQLSchema): Promise<ReadonlyMap<string, string>> {
  const byId = new Map<string, string>();
  const faults: string[] = [];
  const add = (id: string, text: string, file: string): void => {
    const known = byId.get(id);
    if (known !== undefined && known !== text) faults.push(`${file}: another document has the id ${id}`);
    byId.set(id, text);
  };
  for (const file of await filesOf(path)) {
    try {
      for (const [id, text] of documentsOf(file, await readFile(file, "utf8"))) {
        const fault = faultOf(text, schema);
        if (fault !== undefined) faults.push(`${file}${id === undefined ? "" : ` (${id})`}: ${fault}`);
        const hash = hashOf(text);
        for (const each of [id, hash, `sha256:${hash}`]) if (each !== undefined) add(each, text, file);
      }
    } catch (fault) {
      faults.push(`${file}: ${fault instanceof z.ZodError ? "is no manifest of documents" : (fault as Error).message}`);
    }
  }
  if (byId.size === 0 && faults.length === 0) faults.push(`${path}: there is no .graphql, .gql or .json file`);
  if (faults.length > 0) throw new Error(`DOCUMENTS cannot be used:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
  return byId;
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((fault: Error) => {
    throw new Error(`DOCUMENTS cannot be used:\n  ${path}: ${fault.message}`);
  });
  if (!found.isDirectory()) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => TEXT.test(name) || MANIFEST.test(name))
    .sort()
    .map((name) => join(path, name));
}

const documentsOf = (file: string, content: string): readonly (readonly [id: string | undefined, text: string])[] =>
  MANIFEST.test(file) ? manifest.parse(JSON.parse(content)) : [[undefined, content]];

/** What is wrong with a document. */
function faultOf(text: string, schema: GraphQLSchema): string | undefined {
  try {
    const document = parse(text);
    if (!document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) return "there is no operation in it";
    return validate(schema, document)[0]?.message;
  } catch (fault) {
    if (fault instanceof GraphQLError) return fault.message;
    throw fault;
  }
}
