import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The version of this program, as its package says. The package is above this file, at another height once it is built. */
export const VERSION: string = versionAbove(dirname(fileURLToPath(import.meta.url)));

function versionAbove(directory: string): string {
  const file = join(directory, "package.json");
  if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  const above = dirname(directory);
  return above === directory ? "unknown" : versionAbove(above);
}
