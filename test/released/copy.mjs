// Makes the copy of a release: its schema, and the operations that its documents and its clients send. Later versions are held to
// it by test/specs/api/released.test.ts. Run it for each release, when its version stands in package.json, and commit what it makes.
//   npm run release-copy
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSchema, parse, validate } from "graphql";

const root = fileURLToPath(new URL("../../", import.meta.url));
const target = fileURLToPath(new URL("./", import.meta.url));

/** Files that may hold operations. */
async function* files() {
  yield "README.md";
  yield "src/api/exampleOperations.ts";
  for (const folder of ["docs", "examples", "src/client", "src/web"]) {
    const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    for (const name of names.sort()) {
      if (/\.(md|graphql|tsx?)$/.test(name) && !/node_modules|generated|\bdist\/|schema\.graphql$/.test(name))
        yield `${folder}/${name}`;
    }
  }
}

/** The documents in a file. Templates of one file use each other's fragments. */
function documentsIn(name, text) {
  if (name.endsWith(".graphql")) return [text];
  const blocks = [...text.matchAll(/^```graphql\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  // In a text, "graphql`" is mostly the end of an inline piece of code, and "/graphql`" in a comment the end of an address.
  const opening = name.endsWith(".md") ? String.raw`\bgraphql\(\s*` : String.raw`(?:(?<!/)\bgraphql\(?\s*|\/\* GraphQL \*\/\s*)`;
  const tagged = new RegExp(`${opening}\`((?:[^\`$]|\\$(?!\\{))*)\``, "g");
  const templates = [...text.matchAll(tagged)].map(([, template]) => template).filter((template) => template.trim() !== "");
  return templates.length > 0 ? [...blocks, templates.join("\n")] : blocks;
}

const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const sdl = await readFile(join(root, "src/api/schema.graphql"), "utf8");
const schema = buildSchema(sdl);

const operations = [];
const faults = [];
for await (const name of files()) {
  for (const text of documentsIn(name, await readFile(join(root, name), "utf8"))) {
    const document = `${text.trim()}\n`;
    faults.push(...validate(schema, parse(document)).map(({ message }) => `${name}: ${message}`));
    operations.push({ of: name, document });
  }
}
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}
await rm(join(target, "operations"), { recursive: true, force: true });
await mkdir(join(target, "operations"));
for (const [index, { of, document }] of operations.entries()) {
  const name = `${String(index + 1).padStart(2, "0")}-${of.replaceAll(/[/.]/g, "-")}.graphql`;
  await writeFile(join(target, "operations", name), `# ${of}, ${version}\n${document}`);
}
await writeFile(join(target, "schema.graphql"), sdl);
console.log(`${version}: the schema and ${operations.length} documents`);
