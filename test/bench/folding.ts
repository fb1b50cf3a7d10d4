import { ClassicLevel } from "classic-level";
import { rowKey } from "../../src/adapters/viewStore/level/keys.ts";
import { defaultTuning } from "../../src/adapters/viewStore/level/open.ts";
import { viewProjections } from "../../projections/index.ts";
import type { EventStore } from "../../src/ports/eventStore.ts";
import type { ViewStore, Write } from "../../src/ports/viewStore.ts";
import { createRunner } from "../../src/projecting/runner.ts";
import { type Timed, timed } from "./measure.ts";

type Log = Pick<EventStore, "origin" | "readAll" | "changed">;

/** Folds what a log holds beyond the views' checkpoints, as the server does; gives the rows that were written. */
export function fold(log: Log, store: ViewStore): Promise<Timed<number>> {
  let rows = 0;
  const counted: ViewStore = {
    ...store,
    commit: (writes, moves) => {
      for (const write of writes) rows += write.op === "putEach" ? write.partitions.length : 1;
      return store.commit(writes, moves);
    },
  };
  return timed(async () => {
    await createRunner({ log, store: counted, projections: viewProjections, wanted: () => false }).catchUp();
    return rows;
  });
}

/**
 * The floor of folding: the rows of each page are given to LevelDB as they are, a batch a page. They come from folding the log once more, of which
 * no time is counted. Gives the seconds that LevelDB took.
 */
export async function writeRaw(log: Log, store: ViewStore, level: ClassicLevel): Promise<number> {
  let seconds = 0;
  const beside: ViewStore = {
    ...store,
    commit: async (writes, moves) => {
      const page = rawPage(writes);
      const taken = await timed(() => writePage(level, page));
      seconds += taken.seconds;
      return store.commit(writes, moves);
    },
  };
  await createRunner({ log, store: beside, projections: viewProjections, wanted: () => false }).catchUp();
  return seconds;
}

/** A page as LevelDB takes it: keys and values of rows, and keys of those that are deleted. */
type RawPage = { puts: [key: string, value: string][]; dels: string[] };

function rawPage(writes: readonly Write[]): RawPage {
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

async function writePage(level: ClassicLevel, { puts, dels }: RawPage): Promise<void> {
  const batch = level.batch();
  for (const [key, value] of puts) batch.put(key, value);
  for (const key of dels) batch.del(key);
  await batch.write();
}

export async function openRaw(folder: string): Promise<ClassicLevel> {
  const level = new ClassicLevel(folder, defaultTuning);
  await level.open();
  return level;
}
