import { setTimeout as delay } from "node:timers/promises";
import { ClassicLevel } from "classic-level";
import { rowKey } from "../../src/adapters/viewStore/level/keys.ts";
import { defaultTuning } from "../../src/adapters/viewStore/level/open.ts";
import { viewProjections } from "../../projections/index.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import type { ViewStore, Write } from "../../src/ports/viewStore.ts";
import { createRunner } from "../../src/projecting/runner.ts";
import { type Timed, timed } from "./measure.ts";

type Log = Pick<EventStore, "origin" | "read" | "readAll" | "changed" | "end">;

const SETTLING_MS = 500;

/** What one commit wrote. */
type Page = readonly Write[];

/**
 * Folds what a log holds beyond the views' checkpoints, as the server does; gives the rows that were written. `take` is given
 * each page of them.
 */
export function fold(log: Log, store: ViewStore, take?: (page: Page) => void): Promise<Timed<number>> {
  let rows = 0;
  const counted: ViewStore = {
    ...store,
    commit: (writes, moves) => {
      for (const write of writes) rows += write.op === "putEach" ? write.partitions.length : 1;
      take?.(writes);
      return store.commit(writes, moves);
    },
  };
  return timed(async () => {
    await createRunner({ log, store: counted, projections: viewProjections, wanted: () => false }).catchUp();
    return rows;
  });
}

/** A page as LevelDB takes it: keys and values of rows, and keys of those that are deleted. */
export type RawPage = { puts: [key: string, value: string][]; dels: string[] };

export function rawPage(writes: Page): RawPage {
  const puts: [string, string][] = [];
  const dels: string[] = [];
  for (const write of writes) {
    const { table, sort } = write;
    if (write.op === "del") {
      dels.push(rowKey(table, write.partition, sort));
      continue;
    }
    const value = JSON.stringify(write.value);
    if (write.op === "put") puts.push([rowKey(table, write.partition, sort), value]);
    else for (const partition of write.partitions) puts.push([rowKey(table, partition, sort), value]);
  }
  return { puts, dels };
}

/** The floor of folding: the same rows, a batch a page. Gives the seconds that it took. */
export async function writeRaw(level: ClassicLevel, pages: readonly RawPage[]): Promise<number> {
  // What another database still has to tidy up is not to be paid here.
  await delay(SETTLING_MS);
  const { seconds } = await timed(async () => {
    for (const { puts, dels } of pages) {
      const batch = level.batch();
      for (const [key, value] of puts) batch.put(key, value);
      for (const key of dels) batch.del(key);
      await batch.write();
    }
  });
  await delay(SETTLING_MS);
  return seconds;
}

export async function openRaw(folder: string): Promise<ClassicLevel> {
  const level = new ClassicLevel(folder, defaultTuning);
  await level.open();
  return level;
}
