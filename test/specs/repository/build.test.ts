import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/* What `npm run build` makes of the server: files that hold many modules, and packages among them. */

const folder = fileURLToPath(new URL("../../../dist/src", import.meta.url));

/** The packages whose modules a process or a thread loads as it begins: those in the build's files, and those outside. */
function packagesOf(entry: string): Set<string> {
  const [files, packages] = [new Set<string>(), new Set<string>()];
  const load = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const code = readFileSync(join(folder, file), "utf8");
    const map = join(folder, `${file}.map`);
    const { sources } = existsSync(map) ? (JSON.parse(readFileSync(map, "utf8")) as { sources: string[] }) : { sources: [] };
    for (const source of sources) {
      const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source) ?? [];
      if (name !== undefined) packages.add(name);
    }
    for (const [, path = ""] of code.matchAll(/(?:^|[;}])(?:import|export)\s*(?:[^"'();]*from\s*)?"([^"]+)"/g))
      if (path.startsWith(".")) load(normalize(join(file, "..", path)));
      else if (!path.startsWith("node:")) packages.add(path);
  };
  load(entry);
  return packages;
}

test.each([
  ["main.js", ["commander", "pino", "zod"], ["graphql", "fastify", "jose", "classic-level", "@photostructure/sqlite"]],
  ["server/projectorThread.js", ["zod", "classic-level"], ["graphql", "fastify", "pino", "jose"]],
  ["server/indexerThread.js", ["zod", "classic-level"], ["graphql", "fastify", "pino", "jose"]],
  ["adapters/eventStore/sqlite/worker.js", ["@photostructure/sqlite"], ["zod", "graphql", "classic-level"]],
  ["adapters/eventStore/sqlite/copyThread.js", ["@photostructure/sqlite"], ["zod", "graphql", "classic-level"]],
  ["adapters/searchIndex/sqlite/worker.js", ["@photostructure/sqlite"], ["graphql", "fastify", "classic-level"]],
])("%s begins with what it needs alone", (entry, needed, unneeded) => {
  const packages = packagesOf(entry);
  for (const name of needed) expect([...packages]).toContain(name);
  for (const name of unneeded) expect([...packages]).not.toContain(name);
});

test("the licence of each package in the build is beside it", () => {
  const text = readFileSync(join(folder, "LICENCES.txt"), "utf8");
  for (const name of ["zod", "graphql", "fastify", "pino", "commander", "graphql-jit", "unhomoglyph"])
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)$`, "m"));
});

test("a stack trace names the places in the sources", () => {
  // It is a thread's file: in a process of its own it fails at once.
  const file = JSON.stringify(new URL("../../../dist/src/adapters/eventStore/sqlite/worker.js", import.meta.url).href);
  const script = `import(${file}).catch((error) => console.log(error.stack));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  expect(said).toMatch(/^Error: the log.s writer runs in a worker thread$/m);
  expect(said).toMatch(/\/src\/adapters\/eventStore\/sqlite\/worker\.ts:\d+:\d+/);
});
