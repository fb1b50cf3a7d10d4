import type { Position } from "../../../ports/eventStore.ts";
import { viewOf } from "../names.ts";

/**
 * The generation `search@1#2` has the index `<prefix>-search-v1-r2`. Its view has the alias `<prefix>-search-v1`. Both are for
 * messages.
 */
export const indexOf = (prefix: string, generation: string): string => {
  const view = viewOf(generation);
  return `${aliasOf(prefix, view)}-r${generation.slice(view.length + 1)}`;
};

export const aliasOf = (prefix: string, view: string): string => `${prefix}-${view.replace("@", "-v")}`;

/** The index of people and groups, or its alias. Each index and alias of messages has one beside it. */
export const entriesOf = (indexOrAlias: string): string => `${indexOrAlias}-entries`;

/**
 * Every index has its own alias for writing. Without it, a write to a missing index would create that index without its mapping.
 */
export const writeAliasOf = (index: string): string => `${index}-write`;

/** The generation that an index belongs to. Undefined if the index is another one. */
export function generationOf(prefix: string, view: string, index: string): string | undefined {
  const start = `${aliasOf(prefix, view)}-r`;
  const run = index.startsWith(start) ? index.slice(start.length) : "";
  return /^[0-9]+$/.test(run) ? `${view}#${run}` : undefined;
}

/** The id of the checkpoint's document. No message has this id. */
export const CHECKPOINT = "checkpoint";

const DIGITS = 13;
const MOST = 2n ** 63n - 1n;

/**
 * A position as a version, which is a number of 63 bits: the place in the log, or its first 13 digits, which hold all of a 64-bit
 * offset. Within one log, versions have the same order as positions.
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
