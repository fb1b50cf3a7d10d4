// Runs an example: npm run example NAME …
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const here = dirname(fileURLToPath(import.meta.url));
const [name = ""] = process.argv.splice(2, 1);
const input = join(here, name, "main.ts");
if (!/^\w+$/.test(name) || !existsSync(input)) {
  console.error("which one? npm run example terminal alice, or feed, or devices: see examples/README.md");
  process.exit(2);
}
// Node 20 reads no TypeScript; and `tidings-client` is what stands in this repository.
const root = join(here, "..");
const external = ["ws", "graphql-ws", "idb"];
const bundle = await rolldown({ input, external, platform: "node", tsconfig: join(root, "tsconfig.json") });
const file = join(root, "dist/examples", `${name}.js`);
await bundle.write({ file, format: "esm", codeSplitting: false });
await bundle.close();
await import(pathToFileURL(file).href).catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
