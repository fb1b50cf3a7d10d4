import type { RangeQuery, Row } from "../../ports/viewStore.ts";

/** Throws if a part of a key could reach into other rows. That is a bug of the caller, never a state of the store. */
export function assertPart(part: string): void {
  if (part.includes("\0")) throw new TypeError(`a row's name holds U+0000: ${JSON.stringify(part)}`);
}

/** A row's value as it is stored. */
export function serialised(value: Row): string {
  // Half of the rows of a timeline: they are their own JSON.
  if (Number.isSafeInteger(value)) return String(value);
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError("a row's value is no JSON value");
  return text;
}

/** What a range is kept under. No row has such a key, since no part of one holds a NUL. */
export const rangeKey = (table: string, partition: string, { after, before, limit, reverse = false }: RangeQuery): string =>
  `${table}\0${partition}\0${after === undefined ? "" : `>${after}`}\0${before === undefined ? "" : `<${before}`}\0${reverse ? -limit : limit}`;

/** Runs tasks one after the other, in the order of the calls. */
export function oneByOne(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task);
    last = run.catch(() => undefined);
    return run;
  };
}
