import { readFileSync, statSync } from "node:fs";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";

/*
 * Loaded into every thread of a process of Tidings, before its own code: its projections have a fault, which a file describes as
 * long as it is there.
 */

/** A projection chokes on events of a type in whose data these words are. */
export type Fault = { projection: string; type: string; words: string };

type Handler = (event: { type: string; data: unknown }, rows: unknown) => unknown;

const file = process.env.CHOKES_ON;
let known: { at: number; faults: readonly Fault[] } = { at: 0, faults: [] };

function faults(): readonly Fault[] {
  const at = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (file === undefined || at === undefined) return [];
  if (at !== known.at) known = { at, faults: JSON.parse(readFileSync(file, "utf8")) as Fault[] };
  return known.faults;
}

for (const { name, handlers } of [...viewProjections, search]) {
  const all = handlers as Record<string, Handler>;
  for (const [type, handle] of Object.entries(all))
    all[type] = (event, rows) => {
      const isBad = (fault: Fault): boolean =>
        fault.projection === name && fault.type === type && JSON.stringify(event.data).includes(fault.words);
      if (faults().some(isBad)) throw new Error(`${name} chokes on ${type}`);
      return handle(event, rows);
    };
}
