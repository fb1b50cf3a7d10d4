import { readFileSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { viewProjections } from "../../projections/index.ts";
import { search } from "../../projections/search/search.ts";

/*
 * Loaded into every thread of a process of Tidings, before its own code: its projections have a fault, which a file describes as
 * long as it is there.
 */

/** A projection chokes on events of a type in whose data these words are; `waits`: it stops there until the fault is gone. */
export type Fault = { projection: string; type: string; words: string; waits?: true };

type Handler = (event: { type: string; data: unknown }, rows: unknown) => unknown;

const file = process.env.CHOKES_ON;
let known: { at: number; faults: readonly Fault[] } = { at: 0, faults: [] };

function faults(): readonly Fault[] {
  const at = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (file === undefined || at === undefined) return [];
  if (at !== known.at) known = { at, faults: JSON.parse(readFileSync(file, "utf8")) as Fault[] };
  return known.faults;
}

/** The fault of a projection that an event brings to light. */
const faultOf = (name: string, type: string, data: unknown): Fault | undefined =>
  faults().find((fault) => fault.projection === name && fault.type === type && JSON.stringify(data).includes(fault.words));

for (const { name, handlers } of [...viewProjections, search]) {
  const all = handlers as Record<string, Handler>;
  for (const [type, handle] of Object.entries(all))
    all[type] = (event, rows) => {
      const fault = faultOf(name, type, event.data);
      if (!fault) return handle(event, rows);
      if (!fault.waits) throw new Error(`${name} chokes on ${type}`);
      return (async () => {
        while (faultOf(name, type, event.data)) await delay(5);
        return handle(event, rows);
      })();
    };
}
