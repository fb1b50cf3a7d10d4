import { readdir, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { ViewStoreStatus } from "../../../ports/viewStore.ts";

/** How many files are checked at once. The threads that check them also serve readers. */
const AT_ONCE = 16;

/** Describes the store. `directory`: where its files are, if the caller knows that. */
export async function statusOf(directory: string | undefined): Promise<ViewStoreStatus> {
  const [version, bytes] = await Promise.all([versionOfLevel(), directory === undefined ? undefined : bytesOf(directory)]);
  return { kind: "level", ...(version === undefined ? {} : { version }), ...(bytes === undefined ? {} : { bytes }) };
}

/** The version of the package. The LevelDB inside it does not report its own. */
async function versionOfLevel(): Promise<string | undefined> {
  try {
    const file = createRequire(import.meta.url).resolve("classic-level/package.json");
    return (JSON.parse(await readFile(file, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** How many bytes a directory's files take. Undefined if it cannot be read. */
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

/** A compaction may have just removed the file. */
const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );
