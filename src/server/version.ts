import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const directory = directoryAbove(dirname(fileURLToPath(import.meta.url)));

/** The version of this program, as its package says. The package is above this file, at another height once it is built. */
export const VERSION: string = directory === undefined ? "unknown" : versionIn(directory);

/** Where the build puts the chat page. */
export const PAGE: string = join(directory ?? ".", "dist", "web");

function directoryAbove(below: string): string | undefined {
  if (existsSync(join(below, "package.json"))) return below;
  const above = dirname(below);
  return above === below ? undefined : directoryAbove(above);
}

function versionIn(found: string): string {
  return (JSON.parse(readFileSync(join(found, "package.json"), "utf8")) as { version: string }).version;
}
