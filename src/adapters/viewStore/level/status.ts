import { readdir, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ViewStoreStatus } from "../../../ports/viewStore.ts";

/** Files that are looked at in one go: the threads that look are needed by readers too. */
const AT_ONCE = 16;

/** What the store is. `directory`: where its files are, for whoever knows. */
export async function statusOf(directory: string | undefined): Promise<ViewStoreStatus> {
  const [version, bytes] = await Promise.all([versionOfLevel(), directory === undefined ? undefined : bytesOf(directory)]);
  return { kind: "level", ...(version === undefined ? {} : { version }), ...(bytes === undefined ? {} : { bytes }) };
}

/** Of the package; the LevelDB inside it says nothing of itself. */
async function versionOfLevel(): Promise<string | undefined> {
  try {
    const file = createRequire(import.meta.url).resolve("classic-level/package.json");
    return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** What a directory's files take; undefined where it cannot be looked at. */
async function bytesOf(directory: string): Promise<number | undefined> {
  try {
    const names = await readdir(directory);
    let bytes = 0;
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const files = names.slice(from, from + AT_ONCE).map((name) => sizeOf(join(directory, name)));
      for (const size of await Promise.all(files)) bytes += size;
    }
    return bytes;
  } catch {
    return undefined;
  }
}

/** A compaction may have removed it a moment ago. */
const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
