import type { Position } from "../../../ports/eventStore.ts";
import { viewOf } from "../names.ts";

/** `search@1#2` is the index `<prefix>-search-v1-r2`, its view the alias `<prefix>-search-v1`: both of messages. */
export const indexOf = (prefix: string, generation: string): string => {
  const view = viewOf(generation);
  return `${aliasOf(prefix, view)}-r${generation.slice(view.length + 1)}`;
};

export const aliasOf = (prefix: string, view: string): string => `${prefix}-${view.replace("@", "-v")}`;

/** People and groups have an index of their own, beside that of the messages; its alias is that of the messages' alias. */
export const entriesOf = (indexOrAlias: string): string => `${indexOrAlias}-entries`;

/** Writes go through an alias of the index's own: without it a write to an index that is gone would make one, without its mapping. */
export const writeAliasOf = (index: string): string => `${index}-write`;

/** The generation whose index this is; undefined for another one. */
export function generationOf(prefix: string, view: string, index: string): string | undefined {
  const start = `${aliasOf(prefix, view)}-r`;
  const run = index.startsWith(start) ? index.slice(start.length) : "";
  return /^[0-9]+$/.test(run) ? `${view}#${run}` : undefined;
}

/** No message's id. */
export const CHECKPOINT = "checkpoint";

const DIGITS = 13;
const MOST = 2n ** 63n - 1n;

/**
 * A position as a version, which is a number of 63 bits: the place in the log, or its first 13 digits, which are all of a 64-bit offset. The order
 * of the versions of one log is that of its positions.
 */
export function versionOf(position: Position): bigint {
  let version = 0n;
  for (const digit of position.slice(position.indexOf(".") + 1).slice(0, DIGITS)) {
    const value = Number.parseInt(digit, 36);
    if (Number.isNaN(value)) throw new RangeError(`${position} is no position`);
    version = version * 36n + BigInt(value);
  }
  if (version > MOST) throw new RangeError(`${position} is no position of a log that has 64-bit offsets`);
  return version;
}
