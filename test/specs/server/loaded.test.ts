import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** A built module of the server. */
const built = (path: string): string => new URL(`../../../dist/src/${path}.js`, import.meta.url).href;

/** Node's own modules and the packages that a process has loaded after it has imported these modules. */
function loadedBy(...modules: string[]): { own: string[]; packages: string[] } {
  const script = `
    import { createRequire } from "node:module";
    for (const module of ${JSON.stringify(modules)}) await import(module);
    console.log(JSON.stringify({ own: process.moduleLoadList, packages: Object.keys(createRequire(import.meta.url).cache) }));`;
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  return JSON.parse(said) as { own: string[]; packages: string[] };
}

test("a server loads neither what fetch needs nor what it may never use", () => {
  const { own, packages } = loadedBy(built("commandline/serve"), built("server/api"));
  expect(own.filter((name) => name.includes("undici"))).toEqual([]);
  expect(packages.some((file) => file.includes("/graphql/"))).toBe(true);
  for (const unused of ["mercurius", "@fastify/ajv-compiler", "@elastic/elasticsearch", "@eventstore/db-client"])
    expect(packages.filter((file) => file.includes(`/node_modules/${unused}/`))).toEqual([]);
});
