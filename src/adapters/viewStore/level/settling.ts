import type { Handle } from "./open.ts";

/*
 * LevelDB looks for a row in one level of tables after the other. It counts the looks into tables that do not have the row, and
 * after some hundreds it merges such a table into the next level. After many events were folded at once, a quarter and more of
 * the rows lie above the lowest level. Then a few searches were enough to make it merge 50 MB, and a core was busy with that for
 * a second. So all of it is merged before much is read.
 */

/** So few tables above the lowest level are left there. A table has 8 MB. */
const FEW = 8;
/** They are left there as well if they are less than this share of those in the lowest one: that is how much there always is. */
const SHARE = 0.25;
/** The ranges of so many tables of the lowest level are merged at once. It takes about half a second. */
const AT_ONCE = 4;

/** Keys at which to part the rows, so that each part can be merged by itself. Undefined: there is nothing to merge. */
export function unsettled(handle: Pick<Handle, "getProperty">): string[] | undefined {
  const levels: string[][] = [];
  for (const line of handle.getProperty("leveldb.sstables").split("\n")) {
    const first = FIRST_KEY.exec(line)?.[1];
    if (first !== undefined) levels.at(-1)?.push(first);
    else if (line.startsWith("--- level")) levels.push([]);
  }
  const used = levels.filter((tables) => tables.length > 0);
  const lowest = used.at(-1) ?? [];
  const above = used.slice(0, -1).reduce((sum, tables) => sum + tables.length, 0);
  if (above < FEW || above < lowest.length * SHARE) return undefined;
  return lowest.flatMap((key, index) => (index > 0 && index % AT_ONCE === 0 ? [unescaped(key)] : []));
}

/** ` 193:2383['directory@1#1/users\x00ann\x00' @ 291 : 1 .. `: a table's number, its bytes, and its first key. */
const FIRST_KEY = /^ \d+:\d+\['(.*?)' @ \d+ : \d+ \.\. /;

/** LevelDB writes bytes that are no ASCII as `\x00`. */
const unescaped = (key: string): string =>
  Buffer.from(
    key.replace(/\\x([0-9a-f]{2})/g, (_, byte: string) => String.fromCharCode(Number.parseInt(byte, 16))),
    "latin1",
  ).toString();
