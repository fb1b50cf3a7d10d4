import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import { partitionEnd, partitionPrefix, rowKey } from "../../src/adapters/viewStore/level/keys.ts";
import { defaultTuning } from "../../src/adapters/viewStore/level/open.ts";
import { clockMs, percentile } from "./measure.ts";

type Key = readonly [table: string, partition: string, sort: string];

/**
 * What LevelDB itself is asked for so that a query can be answered, nothing parsed: single rows, rows together, and ranges at the
 * same time.
 */
export type RawRead = {
  gets?: readonly Key[];
  many?: readonly Key[];
  ranges?: readonly { table: string; partition: string; after?: string; limit: number; reverse?: boolean }[];
};

export type RawReads = {
  /** Reads each in turn, again and again: milliseconds. */
  measure(plan: { reads: readonly RawRead[]; seconds: number }): Promise<{ p50: number; p99: number; rows: number }>;
  close(): Promise<void>;
};

/** Over a handle of its own on the views that this process has open. */
export function rawReads(dataDir: string): RawReads {
  let opened: ClassicLevel | undefined;

  const handle = async (): Promise<ClassicLevel> => {
    if (!opened) {
      opened = new ClassicLevel(join(dataDir, "views"), { ...defaultTuning, multithreading: true });
      await opened.open();
    }
    return opened;
  };

  async function read(level: ClassicLevel, { gets = [], many = [], ranges = [] }: RawRead): Promise<number> {
    let rows = 0;
    for (const key of gets) if (level.getSync(rowKey(...key)) !== undefined) rows += 1;
    if (many.length > 0)
      rows += (await level.getMany(many.map((key) => rowKey(...key)))).filter((row) => row !== undefined).length;
    const found = await Promise.all(
      ranges.map(({ table, partition, after = "", limit, reverse = false }) =>
        level
          .iterator({ gt: partitionPrefix(table, partition) + after, lt: partitionEnd(table, partition), limit, reverse })
          .all(),
      ),
    );
    return rows + found.reduce((sum, { length }) => sum + length, 0);
  }

  return {
    measure: async ({ reads, seconds }) => {
      const level = await handle();
      const times: number[] = [];
      const end = clockMs() + seconds * 1_000;
      let rows = 0;
      for (let turn = 0; clockMs() < end; turn++) {
        const began = clockMs();
        rows += await read(level, reads[turn % reads.length] ?? {});
        times.push(clockMs() - began);
      }
      return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), rows: rows / times.length };
    },
    close: async () => opened?.close(),
  };
}
