import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";

/*
 * The build's files have few and long lines. A stack trace names the places in the sources instead, once somebody reads it: only
 * then are the maps loaded, and they are let go soon. The build lets each process and thread begin with this file.
 */

/** How long maps are kept for further errors, in milliseconds. */
const KEPT_MS = 10_000;

const maps = new Map<string, SourceMap | undefined>();

function mapOf(file: string): SourceMap | undefined {
  if (maps.size === 0) setTimeout(() => maps.clear(), KEPT_MS).unref();
  if (!maps.has(file)) {
    let map: SourceMap | undefined;
    try {
      map = new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(file)}.map`, "utf8")) as SourceMapPayload);
    } catch {
      // Not a file of the build.
    }
    maps.set(file, map);
  }
  return maps.get(file);
}

function inSources(whole: string, file: string, line: string, column: string): string {
  const found = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (!found || !("originalSource" in found)) return whole;
  return `${new URL(found.originalSource, file).href}:${found.originalLine + 1}:${found.originalColumn + 1}`;
}

Error.prepareStackTrace = (error, sites) => {
  // Sites have a text, which Node's types do not know of.
  const texts = sites.map((site) => (site as { toString(): string }).toString());
  const places = texts.map((text) => `\n    at ${text.replace(/(file:[^\s()]+):(\d+):(\d+)/, inSources)}`);
  return `${Error.prototype.toString.call(error)}${places.join("")}`;
};
