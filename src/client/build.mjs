// Builds the package into dist: ESM, its types, the schema that its operations were made from, and their texts by hash.
//   node build.mjs
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await rm(here("dist"), { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", here("tsconfig.json")], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
await copyFile(here("../api/schema.graphql"), here("dist/schema.graphql"));
const operations = await import("./dist/operations.js");
const texts = Object.values(operations).map((text) => [createHash("sha256").update(text).digest("hex"), text]);
await writeFile(here("dist/documents.json"), JSON.stringify(Object.fromEntries(texts)));
