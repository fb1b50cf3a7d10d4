import { ClassicLevel } from "classic-level";
import { rowKey } from "../../src/adapters/viewStore/level/keys.ts";
import { defaultTuning } from "../../src/adapters/viewStore/level/open.ts";
import { viewProjections } from "../../projections/index.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import type { ViewStore, Write } from "../../src/ports/viewStore.ts";
import { createRunner } from "../../src/projecting/runner.ts";
import { type Timed, timed } from "./measure.ts";

/** The writes of one commit. */
type Page = readonly Write[];

export type Folded = Timed<Page[]>;

type Log = Pick<EventStore, "origin" | "readAll" | "changed">;

/** Folds what a log holds beyond the views' checkpoints, as the server does, and gives what was committed. */
export function fold(log: Log, store: ViewStore): Promise<Folded> {
  const pages: Page[] = [];
  const kept: ViewStore = {
    ...store,
    commit: (writes, moves) => {
      pages.push(writes);
      return store.commit(writes, moves);
    },
  };
  return timed(async () => {
    await createRunner({ log, store: kept, projections: viewProjections }).catchUp();
    return pages;
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

export const rowsOf = (pages: readonly RawPage[]): number =>
  pages.reduce((sum, { puts, dels }) => sum + puts.length + dels.length, 0);

export async function openRaw(folder: string): Promise<ClassicLevel> {
  const level = new ClassicLevel(folder, defaultTuning);
  await level.open();
  return level;
}

/** The floor of folding: the same rows, a batch for each page. Gives the seconds that it took. */
export async function writeRaw(level: ClassicLevel, pages: readonly RawPage[]): Promise<number> {
  const { seconds } = await timed(async () => {
    for (const { puts, dels } of pages) {
      const batch = level.batch();
      for (const [key, value] of puts) batch.put(key, value);
      for (const key of dels) batch.del(key);
      await batch.write();
    }
  });
  return seconds;
}
