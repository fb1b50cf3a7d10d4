import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { buildSchema } from "../../../src/api/schema.ts";
import { readDocuments } from "../../../src/server/documents.ts";
import { tempDir } from "../../support/tempDir.ts";

const schema = buildSchema();
const VIEWER = "query Viewer { viewer { unreadTotal } }";
const FRIENDS = "query Friends { viewer { friends(first: 10) { edges { node { id } } } } }";
const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const ids = (text: string) => [hash(text), `sha256:${hash(text)}`];

async function folder(files: Record<string, string | object>): Promise<string> {
  const { path, remove } = await tempDir();
  onTestFinished(remove);
  await mkdir(join(path, "below"));
  for (const [name, content] of Object.entries(files))
    await writeFile(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

test("documents are read as build tools write them", async () => {
  const path = await folder({
    "viewer.graphql": VIEWER,
    "below/friends.gql": FRIENDS,
    "relay.json": { "0123456789abcdef0123456789abcdef": VIEWER },
    "apollo.json": {
      format: "apollo-persisted-query-manifest",
      version: 1,
      operations: [{ id: "friends", name: "Friends", type: "query", body: FRIENDS }],
    },
    "README.md": "not one of them",
  });
  const found = await readDocuments(path, schema);
  expect(Object.fromEntries(found)).toEqual(
    Object.fromEntries([
      ...[...ids(VIEWER), "0123456789abcdef0123456789abcdef"].map((id) => [id, VIEWER]),
      ...[...ids(FRIENDS), "friends"].map((id) => [id, FRIENDS]),
    ]),
  );
  expect([...(await readDocuments(join(path, "viewer.graphql"), schema)).keys()]).toEqual(ids(VIEWER));
});

test("all that is wrong is said at once", async () => {
  const path = await folder({
    "a.graphql": "query {",
    "b.graphql": "{ viewer { secrets } }",
    "c.graphql": "fragment F on Viewer { unreadTotal }",
    "d.json": "{",
    "e.json": [1],
    "f.json": { one: VIEWER },
    "g.json": { one: FRIENDS, bad: "{ nothing }" },
  });
  const fault = await readDocuments(path, schema).then(
    () => "",
    (error: Error) => error.message,
  );
  const lines = fault.split("\n").map((line) => line.trim().replace(`${path}/`, ""));
  expect(lines).toEqual([
    "DOCUMENTS cannot be used:",
    expect.stringMatching(/^a\.graphql: Syntax Error/) as string,
    expect.stringMatching(/^b\.graphql: Cannot query field "secrets"/) as string,
    "c.graphql: there is no operation in it",
    expect.stringMatching(/^d\.json: .*JSON/) as string,
    "e.json: is no manifest of documents",
    "g.json: another document has the id one",
    expect.stringMatching(/^g\.json \(bad\): Cannot query field "nothing"/) as string,
  ]);
  await expect(readDocuments(await folder({}), schema)).rejects.toThrow("there is no .graphql, .gql or .json file");
  await expect(readDocuments(join(path, "gone"), schema)).rejects.toThrow(/gone: ENOENT/);
});
