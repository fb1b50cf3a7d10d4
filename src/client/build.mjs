// Builds the package into dist: ESM, its types, and the schema that its operations were made from.
//   node build.mjs
import { spawnSync } from "node:child_process";
import { copyFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await rm(here("dist"), { recursive: true, force: true });
const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", here("tsconfig.json")], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
await copyFile(here("../api/schema.graphql"), here("dist/schema.graphql"));
