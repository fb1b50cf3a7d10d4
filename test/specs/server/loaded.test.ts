import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** A module of the server, in a file of its own. */
const built = (path: string): string => JSON.stringify(new URL(`../../../dist/modules/src/${path}.js`, import.meta.url).href);

/** Imports what a server does, and makes an instance of fastify as it does. */
const SCRIPT = `
  import { createRequire } from "node:module";
  await import(${built("commandline/serve")});
  await import(${built("server/api")});
  const { buildOperations } = await import(${built("transport/probes")});
  buildOperations({ health: () => undefined, closing: () => false }, {});
  const packages = Object.keys(createRequire(import.meta.url).cache);
  console.log(JSON.stringify({ own: process.moduleLoadList, packages }));`;

test("a server loads neither what fetch needs nor what it may never use", () => {
  const said = execFileSync(process.execPath, ["--input-type=module", "--eval", SCRIPT], { encoding: "utf8" });
  const { own, packages } = JSON.parse(said) as { own: string[]; packages: string[] };
  expect(own.filter((name) => name.includes("undici"))).toEqual([]);
  expect(packages.some((file) => file.includes("/node_modules/fastify/"))).toBe(true);
  for (const unused of ["mercurius", "@fastify/ajv-compiler", "@elastic/elasticsearch", "@eventstore/db-client"])
    expect(packages.filter((file) => file.includes(`/node_modules/${unused}/`))).toEqual([]);
});
